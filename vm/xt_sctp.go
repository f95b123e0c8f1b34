package vm

import (
	"encoding/binary"
	"fmt"

	"nfvm/nf"
	"nfvm/xt"
)

// sctpSize is the length of the common header of SCTP (RFC 9260).
const sctpSize = 12

// xtSCTP compares ports and the types of chunks with their flags.
type xtSCTP struct{ xt.SCTP }

func loadSCTP(_ *loader, info []byte) (xtMatch, error) {
	x := &xtSCTP{}
	if err := xt.Decode(info, &x.SCTP); err != nil {
		return nil, err
	}
	if int(x.NumFlags) > len(x.Flags) || x.NumFlags < 0 {
		return nil, fmt.Errorf("flags of %d chunks", x.NumFlags)
	}
	if m := x.Match; x.Options&xt.SCTPChunks != 0 && m != xt.SCTPAny && m != xt.SCTPAll && m != xt.SCTPOnly {
		return nil, fmt.Errorf("unknown kind %d of comparison", m)
	}
	return x, nil
}

// match refuses packets without a whole common header, and those whose chunks,
// as far as they are looked at, end nowhere.
func (x *xtSCTP) match(m *Machine) bool {
	p := m.p
	if !p.L4Known || p.Proto != nf.ProtoSCTP || p.FragOffset != 0 {
		return false
	}
	b := p.L4()
	if len(b) < sctpSize {
		m.refused = true
		return false
	}
	src, dst := binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	return x.holds(xt.SCTPSrcPorts, x.SrcMin <= src && src <= x.SrcMax) &&
		x.holds(xt.SCTPDstPorts, x.DstMin <= dst && dst <= x.DstMax) &&
		(x.Options&xt.SCTPChunks == 0 || x.chunks(m, b[sctpSize:]) != (x.Invert&xt.SCTPChunks != 0))
}

func (x *xtSCTP) holds(option uint32, result bool) bool {
	return x.Options&option == 0 || result != (x.Invert&option != 0)
}

// chunks looks at the chunks one by one. A length of 0 refuses the packet, as
// does a packet without any chunk.
func (x *xtSCTP) chunks(m *Machine, b []byte) bool {
	missing := x.Chunks
	for first := true; first || len(b) > 0; first = false {
		if len(b) < 4 || b[2] == 0 && b[3] == 0 {
			m.refused = true
			return false
		}
		typ := b[0]
		listed := x.Chunks[typ/32]&(1<<(typ%32)) != 0
		good := listed && x.flags(typ, b[1])
		switch {
		case x.Match == xt.SCTPAny && good:
			return true
		case x.Match == xt.SCTPAll && good:
			missing[typ/32] &^= 1 << (typ % 32)
		case x.Match == xt.SCTPOnly && !good:
			return false
		}
		b = b[min(len(b), (int(binary.BigEndian.Uint16(b[2:]))+3)&^3):]
	}
	return x.Match == xt.SCTPOnly || x.Match == xt.SCTPAll && missing == [len(missing)]uint32{}
}

// flags compares the flags of a chunk with what is asked of its type.
func (x *xtSCTP) flags(typ, flags uint8) bool {
	for _, f := range x.Flags[:x.NumFlags] {
		if f.Chunk == typ {
			return flags&f.Mask == f.Flags
		}
	}
	return true
}
