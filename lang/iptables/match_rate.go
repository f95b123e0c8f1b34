package iptables

import (
	"math"
	"strconv"
	"strings"

	"nfvm/lang"
)

var rateMatches = []extension{
	{name: "limit", opts: []option{
		{name: "limit", args: 1},
		{name: "limit-burst", args: 1},
	}, lower: lowerLimit},
	{name: "statistic", opts: []option{
		{name: "mode", args: 1, needed: true},
		{name: "probability", args: 1, negate: true},
		{name: "every", args: 1, negate: true},
		{name: "packet", args: 1},
	}, lower: lowerStatistic},
	{name: "quota", opts: []option{
		{name: "quota", args: 1, negate: true, needed: true, lower: func(r *lowering, g *given) {
			if n, ok := r.number(g.args[0], 0, math.MaxUint64); ok {
				// nft holds 63 bits, more than any machine forwards.
				r.emit(&lang.Quota{Pos: r.pos(), Over: g.negated(), Size: r.num(min(n, math.MaxInt64))})
			}
		}},
	}},
}

// A rate is a number per unit of time, in seconds.
type rate struct{ count, unit uint64 }

// rateUnits are the units of a rate; each may be cut short.
var rateUnits = []bitName{{"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", 86400}}

// rate reads N or N/UNIT, at most scale a second; what stands behind the digits
// of N is passed over.
func (s *spec) rate(w word, scale uint64) (rate, bool) {
	n, unit, has := w.cut("/")
	r := rate{unit: 1}
	if has {
		r.unit = 0
		for _, u := range rateUnits {
			if unit.text != "" && len(unit.text) <= len(u.name) && strings.EqualFold(u.name[:len(unit.text)], unit.text) {
				r.unit = u.bit
				break
			}
		}
		// "sec" and "min" are the beginnings that iptables-save prints.
		if r.unit == 0 {
			s.errorf(unit.span, "a rate is per second, minute, hour or day, not %q", unit.text)
			return r, false
		}
	}
	var err error
	r.count, err = strconv.ParseUint(leadingDigits(n.text), 10, 32)
	if err != nil || r.count == 0 {
		s.errorf(n.span, "a rate is a number above 0")
		return r, false
	}
	if r.count > scale*r.unit {
		s.errorf(w.span, "the rate %s is too fast: at most %d a second", w.text, scale)
		return r, false
	}
	return r, true
}

// leadingDigits is the decimal number that a text starts with.
func leadingDigits(s string) string {
	s = strings.TrimPrefix(strings.TrimLeft(s, " \t"), "+")
	return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))]
}

// rateScale is XT_LIMIT_SCALE: intervals are multiples of 1/10000 second.
const rateScale = 10000

// lowerLimit expresses limit: a bucket of 5 that gets 3 an hour, unless the
// options say otherwise.
func lowerLimit(r *lowering, x *use) {
	l := &lang.Limit{Pos: r.pos(), Rate: r.num(3), Unit: 3600, Burst: r.num(5)}
	if g := x.option("limit"); g != nil {
		v, ok := r.rate(g.args[0], rateScale)
		if !ok {
			return
		}
		l.Rate, l.Unit = r.num(v.count), v.unit
	}
	if g := x.option("limit-burst"); g != nil {
		n, ok := r.number(g.args[0], 0, 10000)
		if !ok {
			return
		}
		l.Burst = r.num(n)
	}
	// The kernel computes the bucket in 32 bits.
	interval := uint32(rateScale * l.Unit / l.Rate.Value)
	if b := uint32(l.Burst.Value); b == 0 || limitCredits(interval*b) < limitCredits(interval) {
		r.errorf(r.at, "the bucket is too large for the rate, or holds nothing: lower the burst, which is 5 unless given")
		return
	}
	r.emit(l)
}

// limitCredits are the credits of a time in units of rateScale, which overflow
// (user2credits of xt_limit).
func limitCredits(time uint32) uint32 {
	const perSecond = 32000 // HZ times CREDITS_PER_JIFFY, for 250 and 1000 jiffies a second
	if time > math.MaxUint32/perSecond {
		return time / rateScale * perSecond
	}
	return time * perSecond / rateScale
}

func lowerStatistic(r *lowering, x *use) {
	mode := x.option("mode").args[0]
	switch {
	case mode.text != "" && strings.HasPrefix("random", strings.ToLower(mode.text)):
		lowerRandom(r, x)
	case mode.text != "" && strings.HasPrefix("nth", strings.ToLower(mode.text)):
		lowerNth(r, x)
	default:
		r.errorf(mode.span, "the mode is random or nth")
	}
}

// lowerRandom compares 31 random bits with the probability in as many bits.
func lowerRandom(r *lowering, x *use) {
	g := x.option("probability")
	if g == nil || x.has("every") || x.has("packet") {
		r.lacks(x, x.at.span, "mode random needs --probability alone")
		return
	}
	p, err := strconv.ParseFloat(g.args[0].text, 64)
	if math.IsNaN(p) {
		p = 0 // what the conversion to an integer makes of it
	}
	if err != nil || p < 0 || p > 1 {
		r.errorf(g.args[0].span, "a probability is a number from 0 to 1")
		return
	}
	op := lang.OpLt
	if g.negated() {
		op = lang.OpGe
	}
	n := &lang.Numgen{Pos: r.pos(), Mode: r.word("random"), Mod: r.num(1 << 31)}
	below := uint64(math.RoundToEven(p * (1 << 31)))
	if below == 1<<31 { // no value of the generator: compare with its largest
		op, below = map[lang.Op]lang.Op{lang.OpLt: lang.OpLe, lang.OpGe: lang.OpGt}[op], below-1
	}
	r.emit(r.match(op, n, r.value(below)))
}

// lowerNth counts packets round and round, from 0 to one less than --every; the
// packet with the number --packet matches.
func lowerNth(r *lowering, x *use) {
	g, p := x.option("every"), x.option("packet")
	if g == nil || p == nil || x.has("probability") {
		r.lacks(x, x.at.span, "mode nth needs --every and --packet")
		return
	}
	every, ok := r.number(g.args[0], 1, 0xffffffff)
	if !ok {
		return
	}
	packet, ok := r.number(p.args[0], 0, every-1)
	if !ok {
		return
	}
	n := &lang.Numgen{Pos: r.pos(), Mode: r.word("inc"), Mod: r.num(every)}
	r.emit(r.equal(n, r.value(packet), g.negated()))
}
