package packet

import "encoding/binary"

// maxIP is the greatest length of an IP packet, and of an IPv6 payload.
const maxIP = 65535

// add4 files an IPv4 fragment, as ip_frag_queue does.
func (r *Reassembler) add4(p *Packet, user FragUser, now int64) FragResult {
	b := p.IP()
	q := r.find(fragKey{
		family: p.Family, proto: b[9], user: user,
		id: uint32(binary.BigEndian.Uint16(b[4:])), src: p.Src(), dst: p.Dst(),
	}, now)
	if q == nil {
		return FragDrop
	}
	r.checkDistance(q, now)
	ihl := p.Transport
	end := p.FragOffset + len(b) - ihl
	if p.MoreFrags {
		end &^= 7 // bytes beyond the last whole unit are cut off
	}
	if !q.setEnd(end, p.MoreFrags) || end == p.FragOffset {
		r.remove(q)
		return FragDrop
	}
	size := end - p.FragOffset
	switch r.keep(q, p, p.FragOffset, ihl, size) {
	case duplicate:
		return FragDrop
	case overlap:
		r.remove(q)
		return FragDrop
	}
	q.maxSize = max(q.maxSize, ihl+size)
	if p.DF() {
		q.maxDF = max(q.maxDF, ihl+size)
	}
	if !q.complete() {
		return FragHeld
	}
	return r.finish4(q, p)
}

// checkDistance starts a queue anew when too many fragments of other datagrams
// of the same source came since its last one: its identification was probably
// used again.
func (r *Reassembler) checkDistance(q *fragQueue, now int64) {
	lim := r.cfg.IPv4
	if lim.MaxDist == 0 {
		return
	}
	peer := r.peers[q.key.src]
	peer.count++
	start := q.distance
	q.distance = peer.count
	if len(q.pieces) == 0 || peer.count-start <= uint32(lim.MaxDist) {
		return
	}
	r.mem[0] -= q.mem
	q.reset()
	r.charge(q, queueCost)
	q.expires = now + lim.Timeout
	r.order[0].remove(q)
	r.order[0].add(q)
}

func (r *Reassembler) finish4(q *fragQueue, p *Packet) FragResult {
	r.remove(q)
	ecn, ok := q.ecnResult()
	ihl := q.head.Transport
	if !ok || ihl+q.length > maxIP {
		return FragDrop
	}
	q.finish(p, 0, 0)
	b := p.IP()
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	b[1] |= ecn
	b[6], b[7] = 0, 0
	p.MaxFrag = q.maxSize
	// Only if the largest fragment had DF set: a large one without it shows
	// that the sender does not ask for path MTU discovery.
	if p.FragDF = q.maxDF == q.maxSize; p.FragDF {
		b[6] = ipv4DF >> 8
	}
	FixIPv4Checksum(b)
	p.ParseIP()
	return FragDone
}
