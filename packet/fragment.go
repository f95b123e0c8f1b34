package packet

import (
	"encoding/binary"

	"nfvm/nf"
)

// A SplitResult says how a packet leaves an interface.
type SplitResult uint8

const (
	SplitWhole  SplitResult = iota // as it is, nothing was emitted
	SplitDone                      // in the fragments that were emitted
	SplitTooBig                    // not at all: answer with "fragmentation needed" or "packet too big"
)

// A Fragmenter cuts packets for output. Its buffer is reused.
type Fragmenter struct {
	buf []byte
	tag Tag
}

// Split cuts packet p for an interface with the given MTU, as ip_fragment and
// ip6_fragment do. A reassembled packet is cut again even if it fits: along its
// original fragments when they still fit, else into pieces no longer than the
// largest of them. Routers never cut IPv6 packets that came whole, nor IPv4
// packets with DF.
//
// id is the identification of IPv6 fragments; IPv4 keeps the packet's own.
// emit gets each fragment, a network packet without link-layer header, valid
// until emit returns; those behind one for which it says false are not made.
func (f *Fragmenter) Split(p *Packet, mtu int, id uint32, emit func(ip []byte) bool) SplitResult {
	switch {
	case p.Family == nf.FamilyIPv4 && p.Len() >= IPv4Size:
		return f.split4(p, mtu, emit)
	case p.Family == nf.FamilyIPv6 && p.Len() >= IPv6Size:
		return f.split6(p, mtu, id, emit)
	}
	return SplitWhole
}

// TooBig reports whether a router refuses to forward p over a link with this
// MTU (ip_exceeds_mtu, ip6_pkt_too_big).
func (p *Packet) TooBig(mtu int) bool {
	if p.WireLen() <= mtu || p.Family == nf.FamilyIPv4 && !p.DF() {
		return false
	}
	return p.MaxFrag == 0 || p.MaxFrag > mtu
}

// Linearize forgets the boundaries of the fragments that p came in. Whoever
// changes the length of a packet calls it.
func (p *Packet) Linearize() { p.pieces, p.pieceTags = nil, nil }

// Pull makes the first n bytes of the network packet writable. For a packet
// reassembled from fragments that are shorter than that, the kernel moves their
// bytes to the first one, which changes where the packet is cut on output. It
// fails when the packet is shorter than n.
func (p *Packet) Pull(n int) bool {
	if n > p.Len() {
		return false
	}
	for len(p.pieces) > 1 && p.pieces[0] < n {
		k := min(n-p.pieces[0], p.pieces[1])
		p.pieces[0] += k
		p.pieces[1] -= k
		if p.pieces[1] == 0 {
			p.pieces = append(p.pieces[:1], p.pieces[2:]...)
			p.dropPieceTag(1)
		}
	}
	return true
}

// A cut is one way to divide a packet's payload.
type cut struct {
	hdr    int   // bytes of header repeated in each fragment
	space  int   // greatest payload of a fragment
	pieces []int // the original boundaries; nil when they can't be kept
}

// keepPieces decides whether the original boundaries can be kept: every
// fragment fits, and all but the last are whole units of eight bytes.
func (p *Packet) keepPieces(hdr, space int) []int {
	for i, n := range p.pieces {
		if i == 0 {
			n -= hdr
		}
		if n > space || n < 0 || n&7 != 0 && (i == 0 || i < len(p.pieces)-1) {
			return nil
		}
	}
	if len(p.pieces) < 2 {
		return nil
	}
	return p.pieces
}

// each calls do for every piece of a payload of total bytes: its offset, its
// length and whether it is the last, until do says false.
func (c *cut) each(total int, do func(off, n int, last bool) bool) {
	for i, off := 0, 0; off < total; i++ {
		n := min(c.space&^7, total-off)
		if total-off <= c.space {
			n = total - off
		}
		if i < len(c.pieces) {
			n = c.pieces[i]
			if i == 0 {
				n -= c.hdr
			}
		}
		if !do(off, n, off+n >= total) {
			return
		}
		off += n
	}
}

func (f *Fragmenter) split4(p *Packet, mtu int, emit func([]byte) bool) SplitResult {
	b := p.IP()
	if p.WireLen() <= mtu && p.MaxFrag == 0 {
		return SplitWhole
	}
	if p.DF() && (p.MaxFrag == 0 || p.MaxFrag > mtu) {
		return SplitTooBig
	}
	if p.MaxFrag != 0 && p.MaxFrag < mtu {
		mtu = p.MaxFrag
	}
	ihl := p.Transport
	if mtu-ihl < 8 || ihl < IPv4Size || ihl > len(b) {
		return SplitTooBig
	}
	c := cut{hdr: ihl, space: mtu - ihl, pieces: p.keepPieces(ihl, mtu-ihl)}
	field := binary.BigEndian.Uint16(b[6:])
	base := int(field & ipv4OffsetMask)
	var df uint16
	if c.pieces == nil && p.FragDF {
		df = field & ipv4DF
	}
	f.buf = append(f.buf[:0], b[:ihl]...)
	i := 0
	c.each(len(b)-ihl, func(off, n int, last bool) bool {
		f.nextTag(p, c.pieces != nil, i)
		i++
		if off > 0 {
			keepCopiedOptions(f.buf[IPv4Size:ihl])
		}
		g := append(f.buf[:ihl], b[ihl+off:ihl+off+n]...)
		f.buf = g
		v := uint16(base+off/8)&ipv4OffsetMask | df
		if !last || field&ipv4MF != 0 {
			v |= ipv4MF
		}
		binary.BigEndian.PutUint16(g[2:], uint16(len(g)))
		binary.BigEndian.PutUint16(g[6:], v)
		FixIPv4Checksum(g)
		return emit(g)
	})
	return SplitDone
}

// keepCopiedOptions blanks the IPv4 options that only the first fragment
// carries (RFC 791 section 3.1, the copied flag).
func keepCopiedOptions(opt []byte) {
	for len(opt) > 0 && opt[0] != 0 {
		if opt[0] == 1 {
			opt = opt[1:]
			continue
		}
		if len(opt) < 2 || opt[1] < 2 || int(opt[1]) > len(opt) {
			return
		}
		n := int(opt[1])
		if opt[0]&0x80 == 0 {
			for i := range opt[:n] {
				opt[i] = 1
			}
		}
		opt = opt[n:]
	}
}
