package iptables

import (
	"strconv"
	"strings"

	"nfvm/datatype"
	"nfvm/lang"
)

// part gives the word that text, a piece of w starting at offset off of its
// text, is; its place is exact unless w has quotes or escapes.
func (w word) part(off int, text string) word {
	p := word{text: text, span: w.span, quoted: w.quoted}
	if int(w.span.End-w.span.Start) == len(w.text) && len(text) > 0 {
		p.span.Start += uint32(off)
		p.span.End = p.span.Start + uint32(len(text))
	}
	return p
}

// cut divides a word at a separator.
func (w word) cut(sep string) (before, after word, found bool) {
	a, b, found := strings.Cut(w.text, sep)
	if !found {
		return w, word{span: w.span}, false
	}
	return w.part(0, a), w.part(len(a)+len(sep), b), true
}

// split divides a word at every separator.
func (w word) split(sep string) []word {
	var out []word
	for off, s := range offsets(w.text, sep) {
		out = append(out, w.part(off, s))
	}
	return out
}

// offsets iterates over the pieces of s with their offsets.
func offsets(s, sep string) func(func(int, string) bool) {
	return func(yield func(int, string) bool) {
		off := 0
		for _, p := range strings.Split(s, sep) {
			if !yield(off, p) {
				return
			}
			off += len(p) + len(sep)
		}
	}
}

// number reads an unsigned number as strtoul does with any base.
func (s *spec) number(w word, low, high uint64) (uint64, bool) {
	n, err := parseNumber(w.text)
	switch {
	case err != nil:
		s.errorf(w.span, "%q is not a number", w.text)
	case n < low || n > high:
		s.errorf(w.span, "%s is out of range: %d to %d", w.text, low, high)
	default:
		return n, true
	}
	return 0, false
}

// parseNumber reads decimal, 0x hexadecimal and 0 octal digits, with blanks or a
// plus before them, as strtoul does.
func parseNumber(s string) (uint64, error) {
	base := 10
	s = strings.TrimPrefix(strings.TrimLeft(s, " \t"), "+")
	switch {
	case len(s) > 2 && (s[:2] == "0x" || s[:2] == "0X"):
		base, s = 16, s[2:]
	case len(s) > 1 && s[0] == '0':
		base = 8
	}
	return strconv.ParseUint(s, base, 64)
}

// A bounds is a range of numbers; one number is a range of its own.
type bounds struct{ low, high uint64 }

// numbers reads LOW[:HIGH], which may run backwards; what is missing is 0 and
// the highest number.
func (s *spec) numbers(w word, high uint64) (r bounds, ok bool) {
	if w.text == "" {
		return r, true
	}
	a, b, isRange := w.cut(":")
	if !isRange {
		n, ok := s.number(w, 0, high)
		return bounds{n, n}, ok
	}
	r = bounds{0, high}
	ok1, ok2 := true, true
	if a.text != "" {
		r.low, ok1 = s.number(a, 0, high)
	}
	if b.text != "" {
		r.high, ok2 = s.number(b, 0, high)
	}
	return r, ok1 && ok2
}

// ordered reads LOW[:HIGH], of which LOW is not the higher.
func (s *spec) ordered(w word, high uint64) (bounds, bool) {
	b, ok := s.numbers(w, high)
	if ok && b.low > b.high {
		s.errorf(w.span, "the range %s runs backwards", w.text)
		return b, false
	}
	return b, ok
}

// within compares a field with a range. Nothing lies in one that runs backwards,
// so that its negation asks for the field alone, which is at most most.
func (l *lowering) within(x lang.Expr, b bounds, most uint64, not bool) {
	switch {
	case b.low <= b.high:
		l.emit(l.equal(x, l.between(b), not))
	case not:
		l.emit(l.match(lang.OpLe, x, l.value(most)))
	default:
		l.never()
	}
}

// port reads a port by number or name.
func (s *spec) port(w word) (uint64, bool) {
	if n, err := parseNumber(w.text); err == nil && n <= 0xffff {
		return n, true
	}
	if n, ok := datatype.ServicePort(w.text); ok {
		return uint64(n), true
	}
	s.errorf(w.span, "unknown port or service %s", w.text)
	return 0, false
}

// portRange reads ports as in 22, ssh, 1000:2000, :1023 and 1024:, in order.
func (s *spec) portRange(w word) (bounds, bool) { return s.portsTo(w, ":") }

// portsTo is portRange with another separator, which may stand in a name, too.
func (s *spec) portsTo(w word, sep string) (bounds, bool) {
	a, b, isRange := w.cut(sep)
	if _, service := datatype.ServicePort(w.text); !isRange || service {
		n, ok := s.port(w)
		return bounds{n, n}, ok
	}
	r := bounds{0, 0xffff}
	ok1, ok2 := true, true
	if a.text != "" {
		r.low, ok1 = s.port(a)
	}
	if b.text != "" {
		r.high, ok2 = s.port(b)
	}
	if ok1 && ok2 && r.low > r.high {
		s.errorf(w.span, "the range of ports %s runs backwards", w.text)
		return r, false
	}
	return r, ok1 && ok2
}

// portNumbers reads ports as in 22, ssh, 2000:1000, :1023 and 1024:, decimal as
// getaddrinfo has them, which keeps 16 bits; nothing at all is port 0.
func (s *spec) portNumbers(w word) (bounds, bool) {
	a, b, isRange := w.cut(":")
	if !isRange {
		n, ok := s.decimalPort(w, 0)
		return bounds{n, n}, ok
	}
	low, ok1 := s.decimalPort(a, 0)
	high, ok2 := s.decimalPort(b, 0xffff)
	return bounds{low, high}, ok1 && ok2
}

// decimalPort reads a port, which is missing where nothing stands.
func (s *spec) decimalPort(w word, missing uint64) (uint64, bool) {
	text := strings.TrimPrefix(strings.TrimLeft(w.text, " \t"), "+")
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return n & 0xffff, true
	}
	if w.text == "" {
		return missing, true
	}
	if n, ok := datatype.ServicePort(w.text); ok {
		return uint64(n), true
	}
	s.errorf(w.span, "unknown port or service %s", w.text)
	return 0, false
}

// A masked is a value with the mask of the bits that count.
type masked struct{ value, mask uint32 }

// maskedValue reads VALUE or VALUE/MASK of 32 bits.
func (s *spec) maskedValue(w word) (masked, bool) {
	v, m, has := w.cut("/")
	value, ok1 := s.number(v, 0, 0xffffffff)
	mask, ok2 := uint64(0xffffffff), true
	if has {
		mask, ok2 = s.number(m, 0, 0xffffffff)
	}
	return masked{uint32(value), uint32(mask)}, ok1 && ok2
}
