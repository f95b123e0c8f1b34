package vm

import (
	"encoding/binary"
	"fmt"
	"strings"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/packet"
)

// LogText is the line that the kernel's syslog backend writes for a packet
// (nf_log_syslog), without time and level: prefix, interfaces, link-layer
// header, network and transport headers, mark.
func LogText(p *packet.Packet, l *bytecode.Log) string {
	d := &dump{flags: l.Flags}
	d.add("%sIN=%s OUT=%s ", l.Prefix, linkName(p.In), linkName(p.Out))
	if p.PhysIn != nil && p.PhysIn != p.In {
		d.add("PHYSIN=%s ", p.PhysIn.Name)
	}
	if p.PhysOut != nil && p.PhysOut != p.Out {
		d.add("PHYSOUT=%s ", p.PhysOut.Name)
	}
	if p.In != nil {
		d.mac(p)
	}
	switch p.EtherType {
	case nf.EtherTypeIPv4:
		d.ipv4(p.IP(), true)
	case nf.EtherTypeIPv6:
		d.ipv6(p.IP(), true)
	}
	if p.Mark != 0 {
		d.add("MARK=0x%x ", p.Mark)
	}
	return d.b.String()
}

func linkName(l *nf.Link) string {
	if l == nil {
		return ""
	}
	return l.Name
}

// A dump is a log line in the making.
type dump struct {
	b     strings.Builder
	flags uint32
}

func (d *dump) add(format string, a ...any) { fmt.Fprintf(&d.b, format, a...) }

func (d *dump) when(on bool, text string) {
	if on {
		d.b.WriteString(text)
	}
}

// mac writes the link-layer header.
func (d *dump) mac(p *packet.Packet) {
	src, dst := p.EtherSrc(), p.EtherDst()
	if d.flags&bytecode.LogMACDecode != 0 && src != nil {
		d.add("MACSRC=%s MACDST=%s MACPROTO=%04x ", hexColons(src), hexColons(dst), p.EtherType)
		return
	}
	d.b.WriteString("MAC=")
	if src != nil {
		d.add("%s:%s:%02x:%02x", hexColons(dst), hexColons(src), p.EtherType>>8, p.EtherType&0xff)
	}
	d.b.WriteByte(' ')
}

func hexColons(b []byte) string {
	s := make([]string, len(b))
	for i, c := range b {
		s[i] = fmt.Sprintf("%02x", c)
	}
	return strings.Join(s, ":")
}

// options writes header options in hexadecimal.
func (d *dump) options(b []byte) { d.add("OPT (%X) ", b) }

// incomplete notes a header that is cut off.
func (d *dump) incomplete(n int) { d.add("INCOMPLETE [%d bytes] ", n) }

// ipv4 writes an IPv4 packet. The packet quoted by an ICMP error is not outer,
// and its own quotes are left out.
func (d *dump) ipv4(b []byte, outer bool) {
	if len(b) < packet.IPv4Size {
		d.b.WriteString("TRUNCATED")
		return
	}
	size, frag := int(b[0]&15)*4, binary.BigEndian.Uint16(b[6:])
	d.add("SRC=%s DST=%s ", address(b[12:16]), address(b[16:20]))
	d.add("LEN=%d TOS=0x%02X PREC=0x%02X TTL=%d ID=%d ", binary.BigEndian.Uint16(b[2:]), b[1]&0x1e, b[1]&0xe0, b[8], binary.BigEndian.Uint16(b[4:]))
	d.when(frag&0x8000 != 0, "CE ")
	d.when(frag&0x4000 != 0, "DF ")
	d.when(frag&0x2000 != 0, "MF ")
	if frag&0x1fff != 0 {
		d.add("FRAG:%d ", frag&0x1fff)
	}
	if d.flags&bytecode.LogIPOpt != 0 && size > packet.IPv4Size && size <= len(b) {
		d.options(b[packet.IPv4Size:size])
	}
	l4 := b[min(size, len(b)):]
	d.transport(l4, b[9], frag&0x1fff != 0, outer, nf.FamilyIPv4)
}

// address writes an address, IPv6 in full groups.
func address(b []byte) string {
	if len(b) == 4 {
		return fmt.Sprintf("%d.%d.%d.%d", b[0], b[1], b[2], b[3])
	}
	s := make([]string, 8)
	for i := range s {
		s[i] = fmt.Sprintf("%04x", binary.BigEndian.Uint16(b[2*i:]))
	}
	return strings.Join(s, ":")
}
