package iptables

import (
	"strings"

	"nfvm/lang"
	"nfvm/nf"
)

// dscpClasses are the names of code points (RFC 2474, 2597, 3246).
var dscpClasses = []bitName{
	{"CS0", 0}, {"CS1", 8}, {"CS2", 16}, {"CS3", 24}, {"CS4", 32}, {"CS5", 40}, {"CS6", 48}, {"CS7", 56}, {"BE", 0},
	{"AF11", 10}, {"AF12", 12}, {"AF13", 14}, {"AF21", 18}, {"AF22", 20}, {"AF23", 22},
	{"AF31", 26}, {"AF32", 28}, {"AF33", 30}, {"AF41", 34}, {"AF42", 36}, {"AF43", 38}, {"EF", 46},
}

func (s *spec) dscpClass(w word) (uint64, bool) {
	var known []string
	for _, c := range dscpClasses {
		if len(w.text) >= len(c.name) && strings.EqualFold(c.name, w.text[:len(c.name)]) { // iptables compares no more
			return c.bit, true
		}
		known = append(known, c.name)
	}
	s.errorf(w.span, "unknown DSCP class %s%s", w.text, didYouMean(strings.ToUpper(w.text), known))
	return 0, false
}

// tosNames are the names of values of the old type of service (RFC 1349).
var tosNames = []bitName{
	{"Minimize-Delay", 0x10}, {"Maximize-Throughput", 0x08}, {"Maximize-Reliability", 0x04}, {"Minimize-Cost", 0x02}, {"Normal-Service", 0},
}

// tosNameMask are the bits that a name speaks of.
const tosNameMask = 0x3f

// tosValue reads VALUE[/MASK] or a name; mask is that of a value without one.
func (s *spec) tosValue(w word, mask uint32) (masked, bool) {
	for _, n := range tosNames {
		if strings.EqualFold(n.name, w.text) {
			return masked{uint32(n.bit), tosNameMask}, true
		}
	}
	v, m, has := w.cut("/")
	value, ok1 := s.number(v, 0, 0xff)
	if !has {
		return masked{uint32(value), mask}, ok1
	}
	bits, ok2 := s.number(m, 0, 0xff)
	return masked{uint32(value), uint32(bits)}, ok1 && ok2
}

// matchTOS compares bits of the type of service or traffic class. The latter
// begins within a byte: its bits are compared where they stand, because nft
// shifts such a field the wrong way around before it masks it.
func (l *lowering) matchTOS(m masked, not bool) {
	x, shift := l.tosByte(), 0
	if l.family == nf.FamilyIPv6 {
		x, shift = l.raw("nh", 0, 16), 4
	}
	l.emit(l.equal(l.binary(lang.OpAnd, x, l.value(uint64(m.mask)<<shift)), l.value(uint64(m.value)<<shift), not))
}

// tosByte is the type of service of IPv4 or the traffic class of IPv6.
func (l *lowering) tosByte() lang.Expr {
	if l.family == nf.FamilyIPv6 {
		return l.raw("nh", 4, 8)
	}
	return l.raw("nh", 8, 8)
}
