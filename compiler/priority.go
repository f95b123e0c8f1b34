package compiler

import (
	"math"
	"strconv"
	"strings"

	"nfvm/lang"
	"nfvm/nf"
)

// A standardPriority is a name for a priority in some families and hooks.
type standardPriority struct {
	name     string
	value    int64
	families []nf.Family
	hooks    []nf.Hook // nil: all
}

var (
	ipFamilies = []nf.Family{nf.FamilyIPv4, nf.FamilyIPv6, nf.FamilyInet}
	anyFamily  = []nf.Family{nf.FamilyIPv4, nf.FamilyIPv6, nf.FamilyInet, nf.FamilyARP, nf.FamilyNetdev}
	onlyBridge = []nf.Family{nf.FamilyBridge}
)

// standardPriorities are nft's names (nft(8), "standard priority names").
var standardPriorities = []standardPriority{
	{"raw", -300, ipFamilies, nil},
	{"mangle", -150, ipFamilies, nil},
	{"dstnat", -100, ipFamilies, []nf.Hook{nf.HookPrerouting, nf.HookOutput}},
	{"filter", 0, anyFamily, nil},
	{"security", 50, ipFamilies, nil},
	{"srcnat", 100, ipFamilies, []nf.Hook{nf.HookPostrouting, nf.HookInput}},
	{"dstnat", -300, onlyBridge, []nf.Hook{nf.HookPrerouting}},
	{"filter", -200, onlyBridge, nil},
	{"out", 100, onlyBridge, []nf.Hook{nf.HookOutput}},
	{"srcnat", 300, onlyBridge, []nf.Hook{nf.HookPostrouting}},
}

// priorityByName finds the value of a standard priority.
func priorityByName(name string, f nf.Family, h nf.Hook) (int64, bool) {
	for _, p := range standardPriorities {
		if p.name == name && contains(p.families, f) && (p.hooks == nil || contains(p.hooks, h)) {
			return p.value, true
		}
	}
	return 0, false
}

func contains[T comparable](list []T, x T) bool {
	for _, v := range list {
		if v == x {
			return true
		}
	}
	return false
}

// priority evaluates a chain's or flowtable's priority.
func (c *compiler) priority(p *lang.Priority, f nf.Family, h nf.Hook) (int32, bool) {
	var v int64
	switch base := resolve(p.Base).(type) {
	case *lang.Number:
		return c.priorityNumber(p, base, p.Negative)
	case *lang.Negative:
		return c.priorityNumber(p, &base.Number, !p.Negative)
	case *lang.Symbol:
		var ok bool
		if v, ok = priorityText(base.Text, f, h); ok {
			break
		}
		if n, neg, isNum := signedNumber(base.Text); isNum {
			if v = int64(n); neg {
				v = -v
			}
			break
		}
		var names []string
		for _, s := range standardPriorities {
			if contains(s.families, f) && (s.hooks == nil || contains(s.hooks, h)) {
				names = append(names, s.name)
			}
		}
		c.errorf(p.Base.At(), "invalid priority expression value in this context%s", orKnown(base.Text, names))
		return 0, false
	default:
		c.errorf(p.Base.At(), "invalid priority expression value in this context.")
		return 0, false
	}
	return int32(v + p.Offset), true
}

// priorityText reads a name, or the text of a variable such as "filter + 5".
func priorityText(s string, f nf.Family, h nf.Hook) (int64, bool) {
	name, rest, summed := strings.Cut(s, " ")
	v, ok := priorityByName(name, f, h)
	if !summed || !ok {
		return v, ok
	}
	rest = strings.TrimSpace(rest)
	if rest == "" {
		return v, true
	}
	n, err := strconv.ParseInt(strings.TrimSpace(rest[1:]), 10, 32)
	switch {
	case err != nil:
		return 0, false
	case rest[0] == '+':
		return v + n, true
	case rest[0] == '-':
		return v - n, true
	}
	return 0, false
}

// signedNumber reads the text of a quoted priority such as "-150".
func signedNumber(s string) (n uint64, negative, ok bool) {
	if len(s) > 1 && s[0] == '-' {
		s, negative = s[1:], true
	}
	if s == "" || len(s) > 10 {
		return 0, false, false
	}
	for _, d := range s {
		if d < '0' || d > '9' {
			return 0, false, false
		}
		n = n*10 + uint64(d-'0')
	}
	return n, negative, true
}

// priorityNumber gives a priority written as a number.
func (c *compiler) priorityNumber(p *lang.Priority, n *lang.Number, negative bool) (int32, bool) {
	if n.Value > math.MaxUint32 {
		c.errorf(p.Span, "priority %d is out of range", n.Value)
		return 0, false
	}
	v := int64(n.Value)
	if negative {
		v = -v
	}
	return int32(v + p.Offset), true
}

// resolve follows variables to the expression that they stand for; an unbound
// one, already reported by the parser, gives nil.
func resolve(e lang.Expr) lang.Expr {
	for n := 0; n < 64; n++ {
		v, ok := e.(*lang.VarRef)
		if !ok {
			return e
		}
		if v.Def == nil {
			return nil
		}
		e = v.Def.Value
	}
	return nil
}
