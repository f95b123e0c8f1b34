package vm

import (
	"encoding/binary"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/packet"
)

// ipv6 writes an IPv6 packet with its extension headers.
func (d *dump) ipv6(b []byte, outer bool) {
	if len(b) < packet.IPv6Size {
		d.b.WriteString("TRUNCATED")
		return
	}
	word := binary.BigEndian.Uint32(b)
	d.add("SRC=%s DST=%s ", address(b[8:24]), address(b[24:40]))
	d.add("LEN=%d TC=%d HOPLIMIT=%d FLOWLBL=%d ", int(binary.BigEndian.Uint16(b[4:]))+packet.IPv6Size, word>>20&0xff, b[7], word&0xfffff)
	next, at, fragment := b[6], packet.IPv6Size, false
	for packet.IsExtHeader6(next) && next != nf.ProtoNone {
		if at+2 > len(b) {
			d.b.WriteString("TRUNCATED")
			return
		}
		size := (int(b[at+1]) + 1) * 8
		if d.flags&bytecode.LogIPOpt != 0 {
			d.b.WriteString("OPT ( ")
		}
		switch next {
		case nf.ProtoFragment:
			d.add("FRAG:")
			if at+8 > len(b) {
				d.b.WriteString("TRUNCATED ")
				return
			}
			off := binary.BigEndian.Uint16(b[at+2:])
			d.add("%d ", off&0xfff8)
			d.when(off&1 != 0, "INCOMPLETE ")
			d.add("ID:%08x ", binary.BigEndian.Uint32(b[at+4:]))
			fragment, size = off&0xfff8 != 0, 8
		case nf.ProtoAH:
			size = (int(b[at+1]) + 2) * 4
		}
		if d.flags&bytecode.LogIPOpt != 0 {
			d.b.WriteString(") ")
		}
		next, at = b[at], at+size
	}
	d.transport(b[min(at, len(b)):], next, fragment, outer, nf.FamilyIPv6)
}
