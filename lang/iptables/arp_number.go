package iptables

import (
	"strconv"
	"strings"

	"nfvm/lang"
)

// arpNumber compares a field of 16 bits with NUMBER[/MASK] in a base, or a name for
// a number.
func arpNumber(name, field string, base int, names []bitName) option {
	return option{name: name, args: 1, negate: true, lower: func(r *lowering, g *given) {
		v, m, has := g.args[0].cut("/")
		n, ok := r.namedBase(v, base, 0xffff, names)
		mask := uint64(0xffff)
		if has && ok {
			mask, ok = r.namedBase(m, base, 0xffff, nil)
		}
		if ok {
			r.maskedField(r.field("arp", field), n, mask, 0xffff, g.negated())
		}
	}}
}

// maskedField compares the bits of a mask with a value, of which no others may be
// set.
func (l *lowering) maskedField(x lang.Expr, value, mask, all uint64, not bool) {
	switch any, none := mask|value == 0, value&^mask != 0; {
	case !any && !none:
		l.emit(l.equal(l.masked(x, mask, all), l.value(value), not))
	case none != not:
		l.never()
	}
}

// lowerHLength compares the length of hardware addresses. What is no number of a
// byte is 0 to arptables, a mask that is none leaves nothing to compare.
func lowerHLength(r *lowering, g *given) {
	v, m, has := g.args[0].cut("/")
	n, err := strconv.ParseUint(strings.TrimLeft(v.text, " \t+"), 10, 8)
	if err != nil {
		n = 0
	}
	mask := uint64(0xff)
	if has {
		if mask, err = strconv.ParseUint(strings.TrimLeft(m.text, " \t+"), 10, 8); err != nil {
			n, mask = 0, 0
		}
	}
	r.maskedField(r.field("arp", "hlen"), n, mask, 0xff, g.negated())
}

// namedNumber reads a number or a name in any case.
func (s *spec) namedNumber(w word, most uint64, names []bitName) (uint64, bool) {
	return s.namedBase(w, 0, most, names)
}

// namedBase is namedNumber with a base for the number, 0 for any. Nothing at all
// is 0.
func (s *spec) namedBase(w word, base int, most uint64, names []bitName) (uint64, bool) {
	for _, n := range names {
		if strings.EqualFold(n.name, w.text) {
			return n.bit, true
		}
	}
	switch {
	case w.text == "":
		return 0, true
	case base == 0:
		return s.number(w, 0, most)
	case base == 16:
		return s.hexNumber(w, most)
	}
	n, err := strconv.ParseUint(strings.TrimLeft(w.text, " \t+"), base, 64)
	switch {
	case err != nil:
		s.errorf(w.span, "%q is not a decimal number", w.text)
	case n > most:
		s.errorf(w.span, "%s is out of range: 0 to %d", w.text, most)
	}
	return n, err == nil && n <= most
}
