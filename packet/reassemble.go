package packet

import "nfvm/nf"

// FragLimits bound one family's reassembly.
type FragLimits struct {
	Timeout int64 // nanoseconds a datagram may take, from its first fragment seen
	High    int   // bytes held; beyond it new fragments are dropped
	MaxDist int   // IPv4: fragments of the same source that may come between two of a datagram; 0: any
}

// FragConfig holds the limits, named after the sysctls that set them.
type FragConfig struct {
	IPv4 FragLimits // net.ipv4.ipfrag_time, ipfrag_high_thresh, ipfrag_max_dist
	IPv6 FragLimits // net.netfilter.nf_conntrack_frag6_timeout, _high_thresh
}

// DefaultFragConfig gives the limits of a fresh network namespace.
func DefaultFragConfig() FragConfig {
	const second = 1e9
	return FragConfig{
		IPv4: FragLimits{Timeout: 30 * second, High: 4 << 20, MaxDist: 64},
		IPv6: FragLimits{Timeout: 60 * second, High: 4 << 20},
	}
}

// A FragResult says what became of a packet given to a Reassembler.
type FragResult uint8

const (
	FragPass FragResult = iota // not a fragment, or one to be left alone: go on with it
	FragHeld                   // kept, or silently discarded as a duplicate: the packet is gone
	FragDrop                   // refused
	FragDone                   // the packet is now the whole datagram
)

// A Reassembler joins IPv4 and IPv6 fragments as the kernel's conntrack defrag
// does (RFC 791, RFC 8200 section 4.5, RFC 5722). It copies what it keeps.
type Reassembler struct {
	// OnExpire is called with the first fragment of a datagram that timed out,
	// if that fragment had arrived; it may be nil. The packet is valid during
	// the call only.
	OnExpire func(first *Packet, user FragUser)

	cfg    FragConfig
	queues map[fragKey]*fragQueue
	order  [2]fragOrder // IPv4, IPv6
	mem    [2]int
	peers  map[Addr]*fragPeer
}

// A fragPeer counts the fragments of one IPv4 source while a queue of it lives.
type fragPeer struct {
	count  uint32
	queues int
}

// NewReassembler makes an empty reassembler.
func NewReassembler(cfg FragConfig) *Reassembler {
	return &Reassembler{cfg: cfg, queues: map[fragKey]*fragQueue{}, peers: map[Addr]*fragPeer{}}
}

// Pending is the number of incomplete datagrams.
func (r *Reassembler) Pending() int { return len(r.queues) }

// Add takes packet p, which CheckIP has accepted, at the time now (nanoseconds).
func (r *Reassembler) Add(p *Packet, user FragUser, now int64) FragResult {
	r.Expire(now)
	switch p.Family {
	case nf.FamilyIPv4:
		if p.IsFragment() {
			return r.add4(p, user, now)
		}
	case nf.FamilyIPv6:
		return r.add6(p, user, now)
	}
	return FragPass
}

// Due reports whether Expire has something to give up.
func (r *Reassembler) Due(now int64) bool {
	for i := range r.order {
		if q := r.order[i].oldest; q != nil && q.expires <= now {
			return true
		}
	}
	return false
}

// Expire gives up the datagrams whose time is over. It returns the time at
// which the next one ends, 0 when there is none.
func (r *Reassembler) Expire(now int64) (next int64) {
	for i := range r.order {
		for q := r.order[i].oldest; q != nil; q = r.order[i].oldest {
			if q.expires > now {
				if next == 0 || q.expires < next {
					next = q.expires
				}
				break
			}
			r.remove(q)
			if q.first && r.OnExpire != nil {
				r.OnExpire(q.head, q.key.user)
			}
		}
	}
	return next
}

func familyIndex(f nf.Family) int {
	if f == nf.FamilyIPv4 {
		return 0
	}
	return 1
}

func (r *Reassembler) limits(f nf.Family) *FragLimits {
	if f == nf.FamilyIPv4 {
		return &r.cfg.IPv4
	}
	return &r.cfg.IPv6
}

// find gives the queue of a datagram, a new one if need be; nil when too much
// is held already.
func (r *Reassembler) find(k fragKey, now int64) *fragQueue {
	i, lim := familyIndex(k.family), r.limits(k.family)
	if r.mem[i] > lim.High || lim.High == 0 {
		return nil
	}
	if q := r.queues[k]; q != nil {
		return q
	}
	q := &fragQueue{key: k, expires: now + lim.Timeout}
	r.charge(q, queueCost)
	r.order[i].add(q)
	r.queues[k] = q
	if k.family == nf.FamilyIPv4 {
		if r.peers[k.src] == nil {
			r.peers[k.src] = new(fragPeer)
		}
		r.peers[k.src].queues++
	}
	return q
}

func (r *Reassembler) remove(q *fragQueue) {
	i := familyIndex(q.key.family)
	r.order[i].remove(q)
	r.mem[i] -= q.mem
	delete(r.queues, q.key)
	if p := r.peers[q.key.src]; p != nil && q.key.family == nf.FamilyIPv4 {
		if p.queues--; p.queues == 0 {
			delete(r.peers, q.key.src)
		}
	}
}

// What a queue and a fragment cost in bytes beside the data, about as much as
// the kernel's accounting charges.
const (
	queueCost = 256
	pieceCost = 768
)

func (r *Reassembler) charge(q *fragQueue, n int) {
	q.mem += n
	r.mem[familyIndex(q.key.family)] += n
}

// keep stores the payload of the fragment p, which starts at offset at of the
// network packet and is n bytes long.
func (r *Reassembler) keep(q *fragQueue, p *Packet, off, at, n int) insertResult {
	own := append([]byte(nil), p.Data[:p.Network+at+n]...)
	res := q.insert(off, own[p.Network+at:])
	if res != inserted {
		return res
	}
	q.tag(off, p)
	r.charge(q, len(own)+pieceCost)
	q.ecn |= 1 << (p.TOS() & 3)
	if off == 0 {
		q.first = true
		head := *p
		head.Data = own
		q.head = &head
	}
	return inserted
}

// finish turns p into the whole datagram: the headers of the first fragment,
// with skip bytes at offset cut left out, then all payload.
func (q *fragQueue) finish(p *Packet, cut, skip int) {
	head := *q.head
	hdr := len(head.Data) - len(q.pieces[0].data)
	data := make([]byte, 0, hdr-skip+q.length)
	data = append(data, head.Data[:head.Network+cut]...)
	data = append(data, head.Data[head.Network+cut+skip:hdr]...)
	head.pieces = make([]int, len(q.pieces))
	for i, f := range q.pieces {
		data = append(data, f.data...)
		head.pieces[i] = len(f.data)
	}
	head.pieceTags = q.tags()
	head.pieces[0] += hdr - skip - head.Network
	head.Data = data
	head.In, head.Out, head.Dev, head.Time = p.In, p.Out, p.Dev, p.Time
	*p = head
}
