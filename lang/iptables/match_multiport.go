package iptables

import (
	"slices"

	"nfvm/lang"
)

// maxPorts is how many ports multiport holds; a range counts as two.
const maxPorts = 15

// lowerMultiport checks that there is just one list of ports.
func lowerMultiport(r *lowering, x *use) {
	if len(x.given) != 1 {
		r.lacks(x, x.at.span, "multiport needs one of --sports, --dports and --ports")
		return
	}
	r.build = build{x.given[0].span}
	x.given[0].opt.lower(r, x.given[0])
}

// portList reads ports and ranges, joins what touches, and sorts them.
func (s *spec) portList(w word) []bounds {
	var out []bounds
	count := 0
	for _, p := range w.split(",") {
		first, last, isRange := p.cut(":")
		low, ok1 := s.port(first)
		high, ok2 := low, true
		if isRange {
			high, ok2 = s.port(last)
		}
		if !ok1 || !ok2 {
			return nil
		}
		if isRange && low >= high {
			s.errorf(p.span, "the first port of a range is less than the last: %s", p.text)
			return nil
		}
		b := bounds{low, high}
		count++
		if b.low != b.high {
			count++
		}
		out = append(out, b)
	}
	if count > maxPorts {
		s.errorf(w.span, "multiport holds %d ports at most, a range counts as two", maxPorts)
		return nil
	}
	return joinBounds(out)
}

// joinBounds sorts ranges and joins those that overlap.
func joinBounds(in []bounds) []bounds {
	slices.SortFunc(in, func(a, b bounds) int { return int(a.low) - int(b.low) })
	out := in[:1]
	for _, b := range in[1:] {
		last := &out[len(out)-1]
		if b.low <= last.high {
			last.high = max(last.high, b.high)
		} else {
			out = append(out, b)
		}
	}
	return out
}

func (l *lowering) boundsList(list []bounds) []lang.Expr {
	var out []lang.Expr
	for _, b := range list {
		out = append(out, l.between(b))
	}
	return out
}

// multiport compares one port with a list.
func (l *lowering) multiport(g *given, field string) {
	if list := l.portList(g.args[0]); list != nil {
		l.emit(l.equal(l.field("th", field), l.set(l.boundsList(list)...), g.negated()))
	}
}

// lowerEitherPort expresses --ports: the source port or the destination port is
// in the list. As pairs: a source port in the list with any destination port,
// and any other source port with a destination port in the list.
func lowerEitherPort(r *lowering, g *given) {
	list := r.portList(g.args[0])
	if list == nil {
		return
	}
	var pairs []lang.Expr
	for _, b := range list {
		pairs = append(pairs, r.concat(r.between(b), r.between(bounds{0, 0xffff})))
	}
	for _, outside := range complement(list, 0xffff) {
		for _, b := range list {
			pairs = append(pairs, r.concat(r.between(outside), r.between(b)))
		}
	}
	r.emit(r.equal(r.concat(r.field("th", "sport"), r.field("th", "dport")), r.set(pairs...), g.negated()))
}

// complement gives what sorted ranges leave of 0 to high.
func complement(list []bounds, high uint64) []bounds {
	var out []bounds
	next := uint64(0)
	for _, b := range list {
		if b.low > next {
			out = append(out, bounds{next, b.low - 1})
		}
		next = b.high + 1
	}
	if next <= high {
		out = append(out, bounds{next, high})
	}
	return out
}
