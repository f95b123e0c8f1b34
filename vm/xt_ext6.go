package vm

import (
	"encoding/binary"

	"nfvm/nf"
	"nfvm/packet"
	"nfvm/xt"
)

// header6 gives an extension header of size bytes or more. A packet that ends
// before its end is refused; one without it is not.
func (m *Machine) header6(typ uint8, size int) []byte {
	b := m.p.IP()
	at, found, bad := findHeader6(b, typ)
	if m.refused = bad || found && at+size > len(b); m.refused || !found {
		return nil
	}
	return b[at:]
}

// xtAH6 compares fields of an authentication header (RFC 4302), wherever among
// the extension headers it stands.
type xtAH6 struct{ xt.AH6 }

func loadAH6(_ *loader, info []byte) (xtMatch, error) {
	x := &xtAH6{}
	return x, xt.Decode(info, &x.AH6)
}

func (x *xtAH6) match(m *Machine) bool {
	const size = 12
	b := m.header6(nf.ProtoAH, size)
	if b == nil {
		return false
	}
	spi, length := binary.BigEndian.Uint32(b[4:]), (uint32(b[1])+2)*4
	if m.refused = uint32(len(b)) < length; m.refused {
		return false
	}
	return (x.SPIMin <= spi && spi <= x.SPIMax) != (x.Invert&xt.AHInvertSPI != 0) &&
		(x.Length == 0 || (x.Length == length) != (x.Invert&xt.AHInvertLength != 0)) &&
		(x.Reserved == 0 || b[2] == 0 && b[3] == 0)
}

// xtHeaders6 compares the set of a packet's extension headers.
type xtHeaders6 struct{ xt.Headers6 }

func loadHeaders6(l *loader, info []byte) (xtMatch, error) {
	x := &xtHeaders6{}
	return x, xt.Decode(info, &x.Headers6)
}

func (x *xtHeaders6) match(m *Machine) bool {
	have, ok := headers6(m.p.IP())
	switch {
	case !ok:
		return false
	case x.Soft != 0:
		return (have^x.Match^x.Invert)&x.Match == 0
	}
	return (have == x.Match) != (x.Invert != 0)
}

// headerBits are the bits of xt.Headers6 by the header's number.
var headerBits = map[uint8]uint8{nf.ProtoHopByHop: xt.HeaderHop, nf.ProtoRouting: xt.HeaderRouting, nf.ProtoFragment: xt.HeaderFragment,
	nf.ProtoAH: xt.HeaderAH, nf.ProtoDstOpts: xt.HeaderDst}

// headers6 gives the set of a packet's extension headers (ipv6header_mt6): what
// follows a fragment header is looked at even in later fragments. It is false
// where a packet ends before a header, which is no match, negated or not.
func headers6(b []byte) (have uint8, ok bool) {
	if len(b) < packet.IPv6Size {
		return 0, false
	}
	next, at := b[6], packet.IPv6Size
	for {
		bit := headerBits[next]
		switch {
		case next == nf.ProtoNone:
			return have | xt.HeaderNone, true
		case bit == 0 && next != nf.ProtoESP:
			return have | xt.HeaderProto, true
		case at+2 > len(b):
			return 0, false
		case next == nf.ProtoESP:
			return have | xt.HeaderESP, true
		}
		size := (int(b[at+1]) + 1) * 8
		switch next {
		case nf.ProtoFragment:
			size = 8
		case nf.ProtoAH:
			size = (int(b[at+1]) + 2) * 4
		}
		have |= bit
		if next, at = b[at], at+size; at > len(b) {
			if next != nf.ProtoNone && next != nf.ProtoESP {
				have |= xt.HeaderProto
			}
			return have, true
		}
	}
}
