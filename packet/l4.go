package packet

import (
	"encoding/binary"

	"nfvm/nf"
)

// HasPorts reports whether protocol n starts with a source and a destination
// port of 16 bits each.
func HasPorts(n uint8) bool {
	switch n {
	case nf.ProtoTCP, nf.ProtoUDP, nf.ProtoUDPLite, nf.ProtoSCTP, nf.ProtoDCCP:
		return true
	}
	return false
}

// Ports gives the transport ports. It fails for protocols without ports, for
// later fragments and for packets that end before the ports.
func (p *Packet) Ports() (src, dst uint16, ok bool) {
	b := p.L4()
	if p.FragOffset != 0 || len(b) < 4 || !HasPorts(p.Proto) {
		return 0, 0, false
	}
	return binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:]), true
}

// SrcPort gives the source port, 0 when there is none.
func (p *Packet) SrcPort() uint16 { s, _, _ := p.Ports(); return s }

// DstPort gives the destination port, 0 when there is none.
func (p *Packet) DstPort() uint16 { _, d, _ := p.Ports(); return d }

// A TCP is a TCP header and what follows it: at least the 20 fixed bytes.
type TCP []byte

// TCP gives the TCP segment. It fails for other protocols, later fragments and
// headers of fewer than 20 bytes.
func (p *Packet) TCP() (TCP, bool) {
	b := p.L4()
	if p.FragOffset != 0 || p.Proto != nf.ProtoTCP || len(b) < TCPSize {
		return nil, false
	}
	return TCP(b), true
}

// Seq is the sequence number.
func (t TCP) Seq() uint32 { return binary.BigEndian.Uint32(t[4:]) }

// Ack is the acknowledgment number.
func (t TCP) Ack() uint32 { return binary.BigEndian.Uint32(t[8:]) }

// Flags are the flag bits, CWR to FIN (nf.TCPSyn and so on).
func (t TCP) Flags() uint8 { return t[13] }

// HeaderLen is the length in bytes that the header claims; it may be less than
// 20 or more than the segment has.
func (t TCP) HeaderLen() int { return int(t[12]>>4) * 4 }

// Window is the window field, not scaled.
func (t TCP) Window() uint16 { return binary.BigEndian.Uint16(t[14:]) }

// Options gives the option bytes, empty when the header length is bad.
func (t TCP) Options() []byte {
	if n := t.HeaderLen(); n >= TCPSize && n <= len(t) {
		return t[TCPSize:n]
	}
	return nil
}

// Payload gives the bytes after the header, nil when the header length is bad.
func (t TCP) Payload() []byte {
	if n := t.HeaderLen(); n >= TCPSize && n <= len(t) {
		return t[n:]
	}
	return nil
}
