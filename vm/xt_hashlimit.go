package vm

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"

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
	credit  uint64 // or, of a rate that is matched, what came in this interval
	above   bool   // the rate of the interval before was too high
	refills uint64 // of bytes, beyond one second's worth, during the bucket's life
	last    int64
	expires int64
}

// A hashlimit limits the packets or the bytes of each key: a packet, or a chunk of
// 16 bytes, costs some of the credits that flow into the key's bucket.
type hashlimit struct {
	table    *hashTable
	mode     uint32
	src, dst int // bits of the addresses that count
	cost     uint64
	full     uint64 // what a bucket holds
	flow     uint64 // credits a second
	refills  uint64
	most     int
	expire   int64
	interval int64  // that a rate is matched over, 0: it is limited
	rate     uint64 // packets or bytes an interval
}

func loadHashlimit(l *loader, info []byte) (xtMatch, error) {
	var c xt.Hashlimit
	if err := xt.Decode(info, &c); err != nil {
		return nil, err
	}
	if c.SrcPrefix > 128 || c.DstPrefix > 128 {
		return nil, fmt.Errorf("masks %d and %d", c.SrcPrefix, c.DstPrefix)
	}
	name := l.decl.Family.String() + " " + xt.Text(c.Name[:])
	if l.hashes[name] == nil {
		l.hashes[name] = &hashTable{buckets: map[hashKey]*hashBucket{}}
	}
	h := &hashlimit{table: l.hashes[name], mode: c.Mode, src: int(c.SrcPrefix), dst: int(c.DstPrefix), most: hashEntries, expire: int64(c.Expire) * 1e6}
	if c.Mode&xt.HashBytes != 0 {
		h.cost, h.full, h.flow, h.refills = c.Avg*hashCredits>>32, hashCredits, hashCredits, c.Burst
	} else {
		h.cost, h.full, h.flow = xt.HashCredits(c.Avg), xt.HashCredits(c.Avg*c.Burst), xt.HashCreditsPerSecond
	}
	if c.Mode&xt.HashRateMatch != 0 {
		h.matchRate(&c)
	} else if c.Mode&xt.HashBytes == 0 && (h.cost == 0 || h.full < h.cost) {
		return nil, fmt.Errorf("rate %d with burst %d", c.Avg, c.Burst)
	}
	if c.Max != 0 {
		h.most = int(c.Max)
	}
	return h, nil
}

// matchRate sets up a match of the rate itself (XT_HASHLIMIT_RATE_MATCH): what comes in
// an interval is counted, and is too much beyond the burst or after an interval with
// more than the rate.
func (h *hashlimit) matchRate(c *xt.Hashlimit) {
	h.interval = max(int64(c.Interval), 1) * 1e9
	switch {
	case c.Mode&xt.HashBytes == 0:
		h.rate = hashRateScale / max(c.Avg, 1)
		h.full = h.rate + c.Burst
	default:
		h.rate = (math.MaxUint32/max(c.Avg&math.MaxUint32, 1) - 1) << 4
		h.full = h.rate * max(c.Burst, 1)
	}
}

// hashRateScale is XT_HASHLIMIT_SCALE_v2.
const hashRateScale = 1000000

// count counts a packet; false if there are too many.
func (h *hashlimit) count(b *hashBucket, p *packet.Packet) bool {
	cost := uint64(1)
	if h.mode&xt.HashBytes != 0 {
		cost = uint64(p.Len())
	}
	b.credit += cost
	return !b.above && b.credit <= h.full
}

// nextInterval starts an interval, if one is over.
func (h *hashlimit) nextInterval(b *hashBucket, now int64) {
	passed := now - b.last
	if passed < h.interval {
		return
	}
	hi, lo := bits.Mul64(b.credit, uint64(h.interval))
	allowedHi, allowedLo := bits.Mul64(uint64(passed), h.rate)
	b.above = hi > allowedHi || hi == allowedHi && lo > allowedLo
	b.last, b.credit = now, 0
}

func (h *hashlimit) match(m *Machine) bool {
	m.alone()
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
	invert := h.mode&xt.HashInvert != 0
	if h.interval > 0 {
		return h.count(b, m.p) != invert
	}
	cost := h.cost
	if h.mode&xt.HashBytes != 0 { // of which no packet pays more than a second's worth
		cost = min(cost*uint64(m.p.Len()>>4+1), h.full)
	}
	return h.take(b, cost) != invert
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
	s, d, ok := hashPorts(p)
	if h.mode&xt.HashSrcPort != 0 {
		k.sport = s
	}
	if h.mode&xt.HashDstPort != 0 {
		k.dport = d
	}
	return k, ok
}

// hashPorts gives what counts as the ports of a packet (proto_ports_offset): of
// IPsec the halves of the SPI, of other protocols without any 0. Of a later fragment
// of IPv4 its first bytes do, one of IPv6 has none. It is false where the packet ends
// before them.
func hashPorts(p *packet.Packet) (src, dst uint16, ok bool) {
	b, proto, at := p.IP(), p.Proto, p.Transport
	if p.Family == nf.FamilyIPv6 {
		h, ok := packet.SkipExtHeaders6(b, packet.IPv6Size, b[6])
		if !ok {
			return 0, 0, false
		}
		proto, at = h.Proto, h.Offset
	}
	switch proto {
	case nf.ProtoTCP, nf.ProtoUDP, nf.ProtoUDPLite, nf.ProtoSCTP, nf.ProtoDCCP, nf.ProtoESP:
	case nf.ProtoAH:
		at += 4
	default:
		return 0, 0, true
	}
	if len(b) < at+4 {
		return 0, 0, false
	}
	return binary.BigEndian.Uint16(b[at:]), binary.BigEndian.Uint16(b[at+2:]), true
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
		if h.interval > 0 {
			h.nextInterval(b, now)
		} else {
			h.fill(b, now)
		}
		b.expires = now + h.expire
		return b
	}
	if b == nil && len(t.buckets) >= h.most {
		t.sweep(now)
		if len(t.buckets) >= h.most {
			return nil
		}
	}
	b = &hashBucket{credit: h.full, refills: h.refills, last: now, expires: now + h.expire}
	if h.interval > 0 {
		b.credit = 0
	}
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

// fill adds the credits of the time that has passed.
func (h *hashlimit) fill(b *hashBucket, now int64) {
	const day = 24 * 3600 * 1e9 // more fills any bucket
	hi, lo := bits.Mul64(uint64(min(max(now-b.last, 0), day)), h.flow)
	more, _ := bits.Div64(hi, lo, 1e9)
	b.last = now
	credit, overflow := bits.Add64(b.credit, more, 0)
	if overflow != 0 {
		credit = math.MaxUint64
	}
	b.credit = min(credit, h.full)
}

// take pays a packet's cost, if the bucket holds so much.
func (h *hashlimit) take(b *hashBucket, cost uint64) bool {
	if b.credit < cost && b.refills > 0 {
		b.refills--
		b.credit = h.full
	}
	if b.credit < cost {
		return false
	}
	b.credit -= cost
	return true
}
