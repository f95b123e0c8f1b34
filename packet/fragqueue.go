package packet

import (
	"slices"

	"nfvm/nf"
)

// A FragUser keeps the fragments of one reassembler apart from those of
// another: the kernel reassembles separately for connection tracking in each
// direction and zone, and for local delivery.
type FragUser struct {
	Kind FragKind
	Zone uint16
}

// FragKind says for whom fragments are collected (enum ip_defrag_users).
type FragKind uint8

const (
	FragLocal        FragKind = iota // delivery to the host itself
	FragConntrackIn                  // conntrack at prerouting
	FragConntrackOut                 // conntrack at output
	FragBridgeIn                     // conntrack at prerouting for bridged packets
)

// fragKey identifies the datagram that a fragment belongs to.
type fragKey struct {
	family   nf.Family
	proto    uint8 // IPv4 only
	user     FragUser
	id       uint32
	src, dst Addr
	dev      int // IPv6 link-local and multicast destinations only
}

// A fragPiece is the payload of one fragment.
type fragPiece struct {
	off  int
	data []byte
	tag  Tag
}

// A fragRun is a stretch of payload that arrived in order. Runs that come to
// touch are not joined; a fragment within one run is a duplicate, one that
// touches bytes of a run in any other way is an overlap.
type fragRun struct{ off, end int }

// A fragQueue collects the fragments of one datagram.
type fragQueue struct {
	key      fragKey
	pieces   []fragPiece // sorted by offset
	tagged   bool        // one of them has a VLAN tag
	runs     []fragRun   // sorted by offset
	lastEnd  int         // end of the fragment that reaches furthest
	length   int         // of the payload as known so far
	meat     int         // bytes received
	first    bool
	last     bool
	ecn      uint8
	maxSize  int
	maxDF    int
	head     *Packet // the first fragment once it is there, its Data our own copy
	nextHdr  int     // IPv6: offset of the next-header byte before the fragment header
	fragAt   int     // IPv6: offset of the fragment header
	mem      int
	expires  int64
	distance uint32 // IPv4: the source's fragment count at the last fragment
	older    *fragQueue
	newer    *fragQueue
}

type insertResult uint8

const (
	inserted insertResult = iota
	duplicate
	overlap
)

// insert files the payload bytes d at offset off, by the rules of
// inet_frag_queue_insert (RFC 5722).
func (q *fragQueue) insert(off int, d []byte) insertResult {
	end := off + len(d)
	switch {
	case len(q.runs) == 0 || off > q.lastEnd:
		q.runs = append(q.runs, fragRun{off, end})
	case end > q.lastEnd && off < q.lastEnd:
		return overlap
	case end > q.lastEnd:
		q.runs[len(q.runs)-1].end = end
	default:
		at := 0
		for at < len(q.runs) && off >= q.runs[at].end {
			at++
		}
		if r := q.runs[at]; end > r.off {
			if off >= r.off && end <= r.end {
				return duplicate
			}
			return overlap
		}
		q.runs = slices.Insert(q.runs, at, fragRun{off, end})
	}
	q.lastEnd = max(q.lastEnd, end)
	at := len(q.pieces)
	for at > 0 && q.pieces[at-1].off > off {
		at--
	}
	q.pieces = slices.Insert(q.pieces, at, fragPiece{off: off, data: d})
	q.meat += len(d)
	return inserted
}

// setEnd takes note of where a fragment ends; it fails when that contradicts
// what is known of the datagram's length.
func (q *fragQueue) setEnd(end int, more bool) bool {
	if !more {
		if end < q.length || q.last && end != q.length {
			return false
		}
		q.last, q.length = true, end
		return true
	}
	if end > q.length {
		if q.last {
			return false
		}
		q.length = end
	}
	return true
}

func (q *fragQueue) complete() bool { return q.first && q.last && q.meat == q.length }

// Congestion codepoints seen in a queue's fragments, one bit each.
const (
	seenNotECT = 1 << 0
	seenCE     = 1 << 3
)

// ecnResult gives the codepoint bits to add to the first header; it fails for
// a mixture of capable and not capable fragments (RFC 3168 section 5.3).
func (q *fragQueue) ecnResult() (uint8, bool) {
	if q.ecn&seenNotECT != 0 && q.ecn != seenNotECT {
		return 0, false
	}
	if q.ecn&seenCE != 0 && q.ecn != seenCE {
		return 3, true
	}
	return 0, true
}

// reset forgets all fragments.
func (q *fragQueue) reset() {
	*q = fragQueue{key: q.key, expires: q.expires, distance: q.distance, older: q.older, newer: q.newer}
}

// A fragOrder lists queues by age, through themselves: an attacker makes many.
type fragOrder struct{ oldest, newest *fragQueue }

func (o *fragOrder) add(q *fragQueue) {
	q.older, q.newer = o.newest, nil
	if o.newest != nil {
		o.newest.newer = q
	} else {
		o.oldest = q
	}
	o.newest = q
}

func (o *fragOrder) remove(q *fragQueue) {
	if q.older != nil {
		q.older.newer = q.newer
	} else {
		o.oldest = q.newer
	}
	if q.newer != nil {
		q.newer.older = q.older
	} else {
		o.newest = q.older
	}
}
