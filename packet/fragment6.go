package packet

import (
	"encoding/binary"

	"nfvm/nf"
)

// MinMTU6 is the least MTU of an IPv6 link, in bytes (RFC 8200 section 5).
const MinMTU6 = 1280

func (f *Fragmenter) split6(p *Packet, mtu int, id uint32, emit func([]byte) bool) SplitResult {
	b := p.IP()
	if p.WireLen() <= mtu && (p.MaxFrag == 0 || len(b) <= p.MaxFrag) {
		return SplitWhole
	}
	if p.MaxFrag == 0 || p.MaxFrag > mtu {
		return SplitTooBig
	}
	prev, hdr, ok := unfragmentable6(b)
	space := max(p.MaxFrag, MinMTU6) - hdr - fragHeaderSize
	if !ok || space < 8 {
		return SplitTooBig
	}
	c := cut{hdr: hdr, space: space, pieces: p.keepPieces(hdr, space)}
	next := b[prev]
	f.buf = append(f.buf[:0], b[:hdr]...)
	f.buf[prev] = nf.ProtoFragment
	i := 0
	c.each(len(b)-hdr, func(off, n int, last bool) bool {
		f.nextTag(p, c.pieces != nil, i)
		i++
		v := uint16(off)
		if !last {
			v |= 1
		}
		g := append(f.buf[:hdr], next, 0, byte(v>>8), byte(v))
		g = binary.BigEndian.AppendUint32(g, id)
		g = append(g, b[hdr+off:hdr+off+n]...)
		binary.BigEndian.PutUint16(g[4:], uint16(len(g)-IPv6Size))
		f.buf = g
		return emit(g)
	})
	return SplitDone
}

// unfragmentable6 finds the end of the headers that every fragment repeats, and
// the next-header byte that a fragment header there changes
// (ip6_find_1stfragopt).
func unfragmentable6(b []byte) (prev, end int, ok bool) {
	prev, end = 6, IPv6Size
	routing := false
	for end <= len(b) {
		switch b[prev] {
		case nf.ProtoHopByHop:
		case nf.ProtoRouting:
			routing = true
		case nf.ProtoDstOpts:
			if routing && !hasHomeAddress(b, end) {
				return prev, end, true
			}
		default:
			return prev, end, true
		}
		if end+2 > len(b) {
			return 0, 0, false
		}
		prev = end
		end += (int(b[end+1]) + 1) * 8
	}
	return 0, 0, false
}

// optHomeAddress is the destination option of Mobile IPv6 (RFC 6275).
const optHomeAddress = 201

// hasHomeAddress looks for the home address option in the destination options
// header at offset at; with it the header stays in front.
func hasHomeAddress(b []byte, at int) bool {
	if at+2 > len(b) {
		return false
	}
	end := min(at+(int(b[at+1])+1)*8, len(b))
	for i := at + 2; i < end; {
		switch {
		case b[i] == optHomeAddress:
			return true
		case b[i] == optPad1:
			i++
		case i+1 < end:
			i += 2 + int(b[i+1])
		default:
			return false
		}
	}
	return false
}
