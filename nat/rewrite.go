package nat

import (
	"encoding/binary"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// A rewriter makes one side of an IP packet, or of one quoted in it, look like
// the target tuple.
type rewriter struct {
	p      *packet.Packet
	target ct.Tuple
	manip  Manip
}

// addr is the target's address for this manipulation.
func (w *rewriter) addr() *packet.Addr {
	if w.manip == Src {
		return &w.target.Src
	}
	return &w.target.Dst
}

// port is the target's port for this manipulation.
func (w *rewriter) port() uint16 {
	if w.manip == Src {
		return w.target.SrcID
	}
	return w.target.DstID
}

// rewrite changes the IP header at offset ip of the network packet and the
// transport header after it. It fails when they are too short.
func (w *rewriter) rewrite(ip int) bool {
	if w.p.Family == nf.FamilyIPv4 {
		return w.rewrite4(ip)
	}
	return w.rewrite6(ip)
}

func (w *rewriter) rewrite4(ip int) bool {
	if !w.p.Pull(ip + packet.IPv4Size) {
		return false
	}
	b := w.p.IP()[ip:]
	field := b[12:16]
	if w.manip == Dst {
		field = b[16:20]
	}
	if !w.rewriteL4(ip+int(b[0]&15)*4, field) {
		return false
	}
	update(b[10:], field, w.addr()[:4])
	copy(field, w.addr()[:4])
	return true
}

func (w *rewriter) rewrite6(ip int) bool {
	if !w.p.Pull(ip + packet.IPv6Size) {
		return false
	}
	b := w.p.IP()[ip:]
	field := b[8:24]
	if w.manip == Dst {
		field = b[24:40]
	}
	h, ok := packet.SkipExtHeaders6(w.p.IP(), ip+packet.IPv6Size, b[6])
	if ok && h.FragOffset == 0 && !w.rewriteL4(h.Offset, field) {
		return false
	}
	copy(field, w.addr()[:])
	return true
}

// rewriteL4 changes the transport header at offset at, whose protocol is that
// of the target. field holds the address as it is before the change.
func (w *rewriter) rewriteL4(at int, field []byte) bool {
	switch w.target.L4 {
	case nf.ProtoTCP:
		return w.rewriteTCP(at, field)
	case nf.ProtoUDP, nf.ProtoUDPLite:
		return w.rewriteUDP(at, field)
	case nf.ProtoSCTP:
		return w.rewriteSCTP(at)
	case nf.ProtoICMP:
		return w.rewriteICMP(at)
	case nf.ProtoICMPv6:
		return w.rewriteICMPv6(at, field)
	case nf.ProtoGRE:
		return w.rewriteGRE(at)
	}
	return true
}

// room makes the transport header at offset at writable: all of size bytes if
// they are there, else as many as conntrack guarantees.
func (w *rewriter) room(at, size, least int) (b []byte, whole bool) {
	whole = w.p.Len() >= at+size
	if !whole {
		size = least
	}
	if !w.p.Pull(at + size) {
		return nil, false
	}
	return w.p.IP()[at:], whole
}

// portField gives the port to change and writes the new one to new.
func (w *rewriter) portField(b []byte, new *[2]byte) []byte {
	binary.BigEndian.PutUint16(new[:], w.port())
	if w.manip == Src {
		return b[0:2]
	}
	return b[2:4]
}

// rewriteTCP leaves the checksum alone when an ICMP error does not quote it.
func (w *rewriter) rewriteTCP(at int, field []byte) bool {
	b, whole := w.room(at, packet.TCPSize, 8)
	if b == nil {
		return false
	}
	var new [2]byte
	port := w.portField(b, &new)
	if whole {
		update(b[16:], field, w.addr()[:len(field)])
		update(b[16:], port, new[:])
	}
	copy(port, new[:])
	return true
}

// rewriteUDP keeps an unused checksum unused, and never makes one look so.
func (w *rewriter) rewriteUDP(at int, field []byte) bool {
	b, _ := w.room(at, packet.UDPSize, packet.UDPSize)
	if b == nil {
		return false
	}
	var new [2]byte
	port := w.portField(b, &new)
	if b[6]|b[7] != 0 || w.target.L4 == nf.ProtoUDPLite {
		update(b[6:], field, w.addr()[:len(field)])
		update(b[6:], port, new[:])
		if b[6]|b[7] == 0 {
			b[6], b[7] = 0xff, 0xff
		}
	}
	copy(port, new[:])
	return true
}

func (w *rewriter) rewriteSCTP(at int) bool {
	b, whole := w.room(at, 12, 8)
	if b == nil {
		return false
	}
	var new [2]byte
	copy(w.portField(b, &new), new[:])
	if whole {
		packet.SetSCTPChecksum(b)
		w.p.SumComplete, w.p.SumUnnecessary = false, false // of the whole packet, too
	}
	return true
}

// rewriteICMP changes the identifier of requests and replies.
func (w *rewriter) rewriteICMP(at int) bool {
	b, _ := w.room(at, packet.ICMPSize, packet.ICMPSize)
	if b == nil {
		return false
	}
	switch b[0] {
	case 0, 8, 13, 14, 15, 16, 17, 18:
		w.setICMPID(b)
	}
	return true
}

func (w *rewriter) rewriteICMPv6(at int, field []byte) bool {
	b, _ := w.room(at, packet.ICMPSize, packet.ICMPSize)
	if b == nil {
		return false
	}
	update(b[2:], field, w.addr()[:len(field)])
	if b[0] == 128 || b[0] == 129 {
		w.setICMPID(b)
	}
	return true
}

func (w *rewriter) setICMPID(b []byte) {
	var id [2]byte
	binary.BigEndian.PutUint16(id[:], w.target.SrcID)
	update(b[2:], b[4:6], id[:])
	copy(b[4:], id[:])
}

// rewriteGRE changes the call id of PPTP; a packet names only its destination.
func (w *rewriter) rewriteGRE(at int) bool {
	b, _ := w.room(at, 8, 8)
	if b == nil {
		return false
	}
	if w.manip == Src {
		return true
	}
	switch b[1] & 7 {
	case 0:
	case 1:
		binary.BigEndian.PutUint16(b[6:], w.target.DstID)
	default:
		return false
	}
	return true
}

// update brings a checksum up to date for bytes that change from old to new.
func update(sum, old, new []byte) {
	binary.BigEndian.PutUint16(sum, packet.UpdateBytes(binary.BigEndian.Uint16(sum), old, new))
}
