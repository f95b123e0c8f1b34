package packet

import (
	"encoding/binary"

	"nfvm/nf"
)

const fragHeaderSize = 8

// add6 files an IPv6 fragment, as nf_ct_frag6_gather does. Packets without a
// fragment header and fragments that break the rules in certain ways pass.
func (r *Reassembler) add6(p *Packet, user FragUser, now int64) FragResult {
	b := p.IP()
	if len(b) < IPv6Size || b[4]|b[5] == 0 {
		return FragPass
	}
	prev, at, ok := findFragHeader(b)
	if !ok || firstHeaderCut(b, at) {
		return FragPass
	}
	if at+fragHeaderSize > len(b) {
		return FragDrop
	}
	k := fragKey{family: p.Family, user: user, id: binary.BigEndian.Uint32(b[at+4:]), src: p.Src(), dst: p.Dst()}
	if p.Dev != nil && (k.dst.IsMulticast(p.Family) || k.dst.IsLinkLocal(p.Family)) {
		k.dev = p.Dev.Index
	}
	q := r.find(k, now)
	if q == nil {
		return FragDrop
	}
	return r.queue6(q, p, prev, at)
}

func (r *Reassembler) queue6(q *fragQueue, p *Packet, prev, at int) FragResult {
	b := p.IP()
	field := binary.BigEndian.Uint16(b[at+2:])
	off, more := int(field&^7), field&1 != 0
	payload := int(binary.BigEndian.Uint16(b[4:]))
	end := off + payload - (at + fragHeaderSize - IPv6Size)
	if end > maxIP {
		return FragDrop
	}
	if more && end&7 != 0 {
		r.remove(q)
		return FragPass
	}
	if !q.setEnd(end, more) || end == off {
		return FragDrop
	}
	switch r.keep(q, p, off, at+fragHeaderSize, end-off) {
	case duplicate:
		return FragHeld
	case overlap:
		r.remove(q)
		return FragDrop
	}
	q.maxSize = max(q.maxSize, payload)
	if off == 0 {
		q.nextHdr, q.fragAt = prev, at
	}
	if !q.complete() {
		return FragHeld
	}
	return r.finish6(q, p)
}

// finish6 removes the fragment header of the first fragment and joins.
func (r *Reassembler) finish6(q *fragQueue, p *Packet) FragResult {
	r.remove(q)
	ecn, ok := q.ecnResult()
	n := q.fragAt - IPv6Size + q.length
	if !ok || n > maxIP {
		return FragHeld
	}
	next := q.head.IP()[q.fragAt]
	q.finish(p, q.fragAt, fragHeaderSize)
	b := p.IP()
	b[q.nextHdr] = next
	binary.BigEndian.PutUint16(b[4:], uint16(n))
	b[1] |= ecn << 4
	p.MaxFrag = IPv6Size + q.maxSize
	p.ParseIP()
	return FragDone
}

// findFragHeader finds the fragment header of b, and the next-header byte that
// names it (find_prev_fhdr).
func findFragHeader(b []byte) (prev, at int, ok bool) {
	h := Transport6{Proto: b[6], Offset: IPv6Size}
	prev = 6
	for h.Proto != nf.ProtoFragment {
		if !IsExtHeader6(h.Proto) || h.Proto == nf.ProtoNone {
			return 0, 0, false
		}
		prev = h.Offset
		if !h.step(b) {
			return 0, 0, false
		}
	}
	return prev, h.Offset, h.Offset <= len(b)
}

// firstHeaderCut reports whether b is a first fragment that does not hold its
// whole header chain up to the transport header (RFC 7112).
func firstHeaderCut(b []byte, at int) bool {
	h, ok := SkipExtHeaders6(b, at, nf.ProtoFragment)
	if !ok || h.FragOffset != 0 {
		return false
	}
	need := 1
	switch h.Proto {
	case nf.ProtoTCP:
		need = TCPSize
	case nf.ProtoUDP:
		need = UDPSize
	case nf.ProtoICMPv6:
		need = ICMPSize
	}
	return h.Offset+need > len(b)
}
