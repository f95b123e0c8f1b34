package vm

import (
	"fmt"

	"nfvm/nf"
	"nfvm/packet"
	"nfvm/xt"
)

// hashCredits are the credits of one second, which a bucket holds at most
// (CREDITS_PER_JIFFY_BYTES times HZ, for 250 and 1000 jiffies a second).
const hashCredits = 4194304000

// hashEntries is how many keys a table holds where the rule does not say.
const hashEntries = 65536

// A hashTable is a table of buckets by name, shared by the rules that name it.
type hashTable struct {
	buckets map[hashKey]*hashBucket
	swept   int64
}

// A hashKey is what of a packet chooses its bucket.
type hashKey struct {
	family   nf.Family
	src, dst packet.Addr
	sport    uint16
	dport    uint16
}

type hashBucket struct {
	credit  uint64
	refills uint64 // beyond one second's worth, during the bucket's life
	last    int64
	expires int64
}

// A hashlimit limits the bytes of each key: a chunk of 16 bytes costs some of
// the credits that flow into the key's bucket.
type hashlimit struct {
	table    *hashTable
	mode     uint32
	src, dst int // bits of the addresses that count
	cost     uint64
	refills  uint64
	most     int
	expire   int64
}

func loadHashlimit(l *loader, info []byte) (xtMatch, error) {
	var c xt.Hashlimit
	if err := xt.Decode(info, &c); err != nil {
		return nil, err
	}
	if c.Mode&xt.HashBytes == 0 || c.SrcPrefix > 128 || c.DstPrefix > 128 {
		return nil, fmt.Errorf("mode %#x with masks %d and %d", c.Mode, c.SrcPrefix, c.DstPrefix)
	}
	name := l.decl.Family.String() + " " + xt.Text(c.Name[:])
	if l.hashes[name] == nil {
		l.hashes[name] = &hashTable{buckets: map[hashKey]*hashBucket{}}
	}
	h := &hashlimit{table: l.hashes[name], mode: c.Mode, src: int(c.SrcPrefix), dst: int(c.DstPrefix),
		cost: c.Avg * hashCredits >> 32, refills: c.Burst, most: hashEntries, expire: int64(c.Expire) * 1e6}
	if c.Max != 0 {
		h.most = int(c.Max)
	}
	return h, nil
}

func (h *hashlimit) match(m *Machine) bool {
	k, ok := h.key(m.p)
	if !ok {
		m.refused = true
		return false
	}
	b := h.bucket(k, m.now)
	if b == nil {
		m.refused = true
		return false
	}
	return b.take(h.cost*uint64(m.p.Len()>>4+1)) != (h.mode&xt.HashInvert != 0)
}

// key makes a packet's key; false where it is too short for its ports.
func (h *hashlimit) key(p *packet.Packet) (k hashKey, ok bool) {
	k.family = p.Family
	if h.mode&xt.HashSrcAddr != 0 {
		k.src = prefixOf(p.Src(), h.src)
	}
	if h.mode&xt.HashDstAddr != 0 {
		k.dst = prefixOf(p.Dst(), h.dst)
	}
	if h.mode&(xt.HashSrcPort|xt.HashDstPort) == 0 {
		return k, true
	}
	if p.FragOffset != 0 {
		return k, false
	}
	s, d, has := p.Ports()
	switch p.Proto {
	case nf.ProtoTCP, nf.ProtoUDP, nf.ProtoUDPLite, nf.ProtoSCTP, nf.ProtoDCCP:
		ok = has
	default:
		return k, true
	}
	if h.mode&xt.HashSrcPort != 0 {
		k.sport = s
	}
	if h.mode&xt.HashDstPort != 0 {
		k.dport = d
	}
	return k, ok
}

// prefixOf keeps the first bits of an address.
func prefixOf(a packet.Addr, bits int) packet.Addr {
	for i := range a {
		switch left := bits - 8*i; {
		case left <= 0:
			a[i] = 0
		case left < 8:
			a[i] &= 0xff << (8 - left)
		}
	}
	return a
}

// bucket finds a key's bucket, or makes one; nil if there are too many.
func (h *hashlimit) bucket(k hashKey, now int64) *hashBucket {
	t := h.table
	b := t.buckets[k]
	if b != nil && b.expires > now {
		b.flow(now)
		b.expires = now + h.expire
		return b
	}
	if b == nil && len(t.buckets) >= h.most {
		t.sweep(now)
		if len(t.buckets) >= h.most {
			return nil
		}
	}
	b = &hashBucket{credit: hashCredits, refills: h.refills, last: now, expires: now + h.expire}
	t.buckets[k] = b
	return b
}

// sweep forgets buckets whose time is over, once a second at most.
func (t *hashTable) sweep(now int64) {
	if now < t.swept+1e9 {
		return
	}
	t.swept = now
	for k, b := range t.buckets {
		if b.expires <= now {
			delete(t.buckets, k)
		}
	}
}

// flow adds the credits of the time that has passed.
func (b *hashBucket) flow(now int64) {
	passed := min(max(now-b.last, 0), 1e9)
	b.last = now
	b.credit = min(b.credit+uint64(passed)*(hashCredits/1000)/1e6, hashCredits)
}

// take pays a packet's cost, of which no packet pays more than a second's worth.
func (b *hashBucket) take(cost uint64) bool {
	cost = min(cost, hashCredits)
	if b.credit < cost && b.refills > 0 {
		b.refills--
		b.credit = hashCredits
	}
	if b.credit < cost {
		return false
	}
	b.credit -= cost
	return true
}
