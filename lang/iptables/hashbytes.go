package iptables

import (
	"strconv"
	"strings"

	"nfvm/nf"
	"nfvm/xt"
)

// byteRate reads a number of bytes a second: 512kb/s, with k or m before "b/s",
// or what else, which means nothing.
func byteRate(s string) (uint64, bool) {
	at := strings.Index(s, "b/s")
	if at < 1 {
		return 0, false
	}
	const most = 0xffffffff<<4 - 1
	n, err := strconv.ParseUint(leadingDigits(s), 10, 36)
	n *= byteFactor(s[at-1:])
	return n, err == nil && n > 0 && n < most
}

// byteFactor is what a number with a unit behind it is multiplied by.
func byteFactor(unit string) uint64 {
	switch {
	case strings.HasPrefix(unit, "k"):
		return 1 << 10
	case strings.HasPrefix(unit, "m"):
		return 1 << 20
	}
	return 1
}

// hashBurst reads a burst: a number in any base, perhaps with a unit of bytes.
func (s *spec) hashBurst(w word) (uint64, bool) {
	end := len(w.text)
	n, err := parseNumber(w.text)
	for ; err != nil && end > 1; n, err = parseNumber(w.text[:end]) {
		end--
	}
	unit := w.text[end:]
	if err != nil || n < 1 || n > 0xffffffff || unit == "" && n > hashlimitMostBurst || n*byteFactor(unit) > 0xffffffff {
		s.errorf(w.span, "a burst is 1 to %d packets, or of bytes, as in 512kb", hashlimitMostBurst)
		return 0, false
	}
	return n * byteFactor(unit), true
}

// hashModes are the parts of a key.
var hashModes = map[string]uint32{
	"srcip": xt.HashSrcAddr, "srcport": xt.HashSrcPort, "dstip": xt.HashDstAddr, "dstport": xt.HashDstPort,
}

// Times in milliseconds after which a bucket of bytes is forgotten: without and
// with a burst.
const (
	byteExpire      = 15000
	byteExpireBurst = 60000
)

// costBytes is the number of bytes that a cost stands for: a second's worth.
func costBytes(cost uint64) uint64 { return (0xffffffff/cost - 1) << 4 }

// limitBytes limits bytes a second. nft's own bucket holds a second's worth
// besides the burst, where this one is filled anew for each second's worth of
// burst.
func (l *lowering) limitBytes(x *use, rate uint64, over bool) {
	info := xt.Hashlimit{Avg: 0xffffffff / (rate>>4 + 1), Mode: xt.HashBytes, Expire: byteExpire}
	if l.byteBurst(x, &info) {
		l.hashlimit(x, info, over)
	}
}

// limitPackets limits packets where a set of nft's limits can't: it has no key
// for packets with and without ports, and its buckets hold what is asked for, not
// what the kernel's arithmetic makes of it.
func (l *lowering) limitPackets(x *use, interval, burst uint64, expire uint32, over bool) {
	l.hashlimit(x, xt.Hashlimit{Avg: interval, Burst: burst, Expire: expire}, over)
}

// hashlimit emits the match itself.
func (l *lowering) hashlimit(x *use, info xt.Hashlimit, over bool) {
	src, ok1 := l.hashPrefix(x, "hashlimit-srcmask")
	dst, ok2 := l.hashPrefix(x, "hashlimit-dstmask")
	info.GC, info.SrcPrefix, info.DstPrefix = 1000, uint8(src), uint8(dst)
	copy(info.Name[:], x.option("hashlimit-name").args[0].text)
	if over {
		info.Mode |= xt.HashInvert
	}
	if x.has("hashlimit-rate-match") {
		info.Mode, info.Interval = info.Mode|xt.HashRateMatch, 1
		if g := x.option("hashlimit-rate-interval"); g != nil {
			info.Interval, _ = l.rateInterval(g.args[0])
		}
	}
	if g := x.option("hashlimit-mode"); g != nil {
		for _, w := range g.args[0].split(",") {
			bit := hashModes[w.text]
			if bit == 0 && w.text != "" {
				l.errorf(w.span, "the key is made of srcip, srcport, dstip and dstport")
			}
			info.Mode |= bit
		}
	}
	if g := x.option("hashlimit-htable-expire"); g != nil {
		n, _ := l.number(g.args[0], 1, 0xffffffff)
		info.Expire = uint32(n)
	}
	if g := x.option("hashlimit-htable-max"); g != nil {
		n, _ := l.number(g.args[0], 0, 0xffffffff)
		info.Max = uint32(n)
	}
	if l.family == nf.FamilyIPv4 && (src > 32 || dst > 32) || !ok1 || !ok2 {
		return
	}
	l.matchXT("hashlimit", 3, &info)
}

// rateInterval reads the seconds that --hashlimit-rate-match counts over.
func (s *spec) rateInterval(w word) (uint32, bool) {
	n, err := strconv.ParseInt(leadingDigits(w.text), 10, 32)
	if err != nil || n < 1 {
		s.errorf(w.span, "a number of seconds is expected, not %q", w.text)
		return 0, false
	}
	return uint32(n), true
}

// byteBurst takes in the burst: how often the bucket is filled anew.
func (l *lowering) byteBurst(x *use, info *xt.Hashlimit) bool {
	g := x.option("hashlimit-burst")
	if g == nil {
		return true
	}
	burst, ok := l.hashBurst(g.args[0])
	second := costBytes(info.Avg)
	if ok && (burst < second || second == 0) {
		l.errorf(g.args[0].span, "the burst is less than a second's worth, %d bytes", second)
		return false
	}
	info.Expire = byteExpireBurst
	info.Burst = (burst + second - 1) / max(second, 1)
	return ok
}
