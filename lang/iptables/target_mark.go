package iptables

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"nfvm/lang"
	"nfvm/nf"
	"nfvm/xt"
)

var mangleTable = []string{"mangle"}

var markTargets = []extension{
	{name: "MARK", opts: markOptions, lower: func(r *lowering, x *use) { r.setMark(x, r.meta("mark")) }},
	{name: "CONNMARK", opts: append([]option{
		{name: "save-mark"}, {name: "restore-mark"}, {name: "nfmask", args: 1}, {name: "ctmask", args: 1}, {name: "mask", args: 1, excludes: []string{"nfmask", "ctmask"}},
		{name: "left-shift-mark", args: 1}, {name: "right-shift-mark", args: 1},
	}, markOptions...), lower: lowerConnmark},
	{name: "CLASSIFY", hooks: hooksOf(nf.HookForward, nf.HookOutput, nf.HookPostrouting), opts: []option{
		{name: "set-class", args: 1, needed: true, lower: lowerClassify},
	}},
	{name: "DSCP", tables: mangleTable, some: true, opts: []option{
		{name: "set-dscp", args: 1, excludes: []string{"set-dscp-class"}, lower: func(r *lowering, g *given) {
			if n, ok := r.number(g.args[0], 0, 63); ok {
				r.emit(r.assign(r.field(r.ip(), "dscp"), r.value(n)))
			}
		}},
		{name: "set-dscp-class", args: 1, lower: func(r *lowering, g *given) {
			if n, ok := r.dscpClass(g.args[0]); ok {
				r.emit(r.assign(r.field(r.ip(), "dscp"), r.value(n)))
			}
		}},
	}},
	{name: "TOS", tables: mangleTable, opts: []option{
		{name: "set-tos", args: 1}, {name: "and-tos", args: 1}, {name: "or-tos", args: 1}, {name: "xor-tos", args: 1},
	}, lower: lowerTOS},
	{name: "TTL", family: nf.FamilyIPv4, tables: mangleTable, some: true, opts: hopChanges("ttl")},
	{name: "HL", family: nf.FamilyIPv6, tables: mangleTable, some: true, opts: hopChanges("hl")},
}

var markOptions = []option{
	{name: "set-xmark", args: 1}, {name: "set-mark", args: 1}, {name: "and-mark", args: 1}, {name: "or-mark", args: 1}, {name: "xor-mark", args: 1},
}

// maskXor reads the option that says how a value of bits changes: what is kept
// (& keep) and what is flipped then (^ xor).
func (l *lowering) maskXor(x *use, suffix string, all uint32) (keep, xor uint32, ok bool) {
	for _, g := range x.given {
		m := masked{}
		switch g.opt.name {
		case "set-xmark":
			m, ok = l.maskedValue(g.args[0])
			return ^m.mask & all, m.value, ok
		case "set-mark":
			m, ok = l.maskedValue(g.args[0])
			return ^(m.mask | m.value) & all, m.value, ok
		}
		var n uint64
		switch g.opt.name {
		case "and-" + suffix:
			n, ok = l.number(g.args[0], 0, uint64(all))
			return uint32(n), 0, ok
		case "or-" + suffix:
			n, ok = l.number(g.args[0], 0, uint64(all))
			return ^uint32(n) & all, uint32(n), ok
		case "xor-" + suffix:
			n, ok = l.number(g.args[0], 0, uint64(all))
			return all, uint32(n), ok
		}
	}
	return 0, 0, false
}

// changed is `x & keep ^ xor`, as short as that can be said.
func (l *lowering) changed(x lang.Expr, keep, xor, all uint32) lang.Expr {
	if keep == 0 {
		return l.value(uint64(xor))
	}
	x = l.masked(x, uint64(keep), uint64(all))
	if xor == 0 {
		return x
	}
	return l.binary(lang.OpXor, x, l.value(uint64(xor)))
}

// setMark expresses the options that change a mark.
func (l *lowering) setMark(x *use, mark lang.Expr) {
	if len(x.given) != 1 {
		l.lacks(x, x.at.span, "%s needs one option that says what to do", x.ext.name)
		return
	}
	if keep, xor, ok := l.maskXor(x, "mark", 0xffffffff); ok {
		l.emit(l.assign(mark, l.changed(mark, keep, xor, 0xffffffff)))
	}
}

// A shift moves a mark's bits; the zero shift does not.
type shift struct {
	op lang.BinaryOp
	by uint64
}

// shiftOption takes the options that shift marks out of those given, of which the
// last counts.
func (l *lowering) shiftOption(x *use) (rest []*given, s shift, ok bool) {
	ok = true
	for _, g := range x.given {
		switch g.opt.name {
		case "left-shift-mark":
			s.op = lang.OpLshift
		case "right-shift-mark":
			s.op = lang.OpRshift
		default:
			rest = append(rest, g)
			continue
		}
		if s.by, ok = l.number(g.args[0], 0, 31); !ok {
			return nil, s, false
		}
	}
	return rest, s, true
}

// shifted is x, shifted.
func (l *lowering) shifted(x lang.Expr, s shift) lang.Expr {
	if s.by == 0 {
		return x
	}
	return l.binary(s.op, x, l.value(s.by))
}

// setConnmark expresses the options that change the connection's mark, which is
// shifted after that.
func (l *lowering) setConnmark(x *use, s shift) {
	keep, xor, ok := l.connmarkChange(x)
	if !ok {
		return
	}
	mark := l.ct("", "", "mark")
	if keep == 0 && s.by != 0 { // a constant
		if s.op == lang.OpLshift {
			xor <<= s.by
		} else {
			xor >>= s.by
		}
		s.by = 0
	}
	l.emit(l.assign(mark, l.shifted(l.changed(mark, keep, xor, 0xffffffff), s)))
}

// connmarkChange is maskXor for the connection's mark: a mask that stands behind
// the value takes the place of its own.
func (l *lowering) connmarkChange(x *use) (keep, xor uint32, ok bool) {
	ok = true
	values := 0
	for _, g := range x.given {
		if !ok {
			return keep, xor, false
		}
		switch g.opt.name {
		case "nfmask": // the packet's mark is not looked at
			_, ok = l.number(g.args[0], 0, 0xffffffff)
		case "ctmask", "mask":
			var mask uint64
			mask, ok = l.number(g.args[0], 0, 0xffffffff)
			keep = ^uint32(mask)
		default:
			values++
			keep, xor, ok = l.maskXor(&use{ext: x.ext, given: []*given{g}}, "mark", 0xffffffff)
		}
	}
	if values != 1 {
		l.lacks(x, x.at.span, "%s needs one option that says what to do", x.ext.name)
		return keep, xor, false
	}
	return keep, xor, ok
}

// lowerConnmark expresses CONNMARK; --save-mark and --restore-mark copy between
// the packet and the connection the bits of one mask over those of another.
func lowerConnmark(r *lowering, x *use) {
	rest, by, ok := r.shiftOption(x)
	if !ok {
		return
	}
	x = &use{ext: x.ext, at: x.at, given: rest, target: x.target}
	save, restore := x.has("save-mark"), x.has("restore-mark")
	if !save && !restore && len(x.given) == 1 && slices.Contains([]string{"mask", "nfmask", "ctmask"}, x.given[0].opt.name) {
		r.lacks(x, x.given[0].span, "--%s needs --save-mark or --restore-mark", x.given[0].opt.name)
		return
	}
	if !save && !restore {
		r.setConnmark(x, by)
		return
	}
	nfmask, ctmask := uint64(0xffffffff), uint64(0xffffffff)
	for _, g := range x.given {
		var ok1, ok2 = true, true
		switch g.opt.name {
		case "nfmask":
			nfmask, ok1 = r.number(g.args[0], 0, 0xffffffff)
		case "ctmask":
			ctmask, ok2 = r.number(g.args[0], 0, 0xffffffff)
		case "mask":
			nfmask, ok1 = r.number(g.args[0], 0, 0xffffffff)
			ctmask = nfmask
		case "save-mark", "restore-mark":
		default:
			r.errorf(g.span, "--%s does not go with --save-mark and --restore-mark", g.opt.name)
			return
		}
		if !ok1 || !ok2 {
			return
		}
	}
	if save && restore {
		r.lacks(x, x.at.span, "--save-mark and --restore-mark exclude each other")
		return
	}
	to, from, keep, take := r.ct("", "", "mark"), r.meta("mark"), ^ctmask&0xffffffff, nfmask
	if restore {
		to, from, keep, take = from, to, ^nfmask&0xffffffff, ctmask
	}
	value := r.shifted(r.masked(from, take, 0xffffffff), by)
	if keep != 0 {
		value = r.binary(lang.OpXor, r.masked(to, keep, 0xffffffff), value)
	}
	r.emit(r.assign(to, value))
}

// lowerClassify sets the class MAJOR:MINOR, in hexadecimal, of each of which 16
// bits are kept.
func lowerClassify(r *lowering, g *given) {
	a, b, ok := g.args[0].cut(":")
	major, ok1 := leadingHex(a.text)
	minor, ok2 := leadingHex(b.text)
	if !ok || !ok1 || !ok2 {
		r.errorf(g.args[0].span, "a class is written MAJOR:MINOR, in hexadecimal")
		return
	}
	r.emit(r.assign(r.meta("priority"), r.value(uint64(uint16(major))<<16|uint64(uint16(minor)))))
}

// leadingHex is the number in hexadecimal that a text starts with, as sscanf reads
// it.
func leadingHex(s string) (uint64, bool) {
	s, negative := strings.CutPrefix(strings.TrimLeft(s, " \t"), "-")
	s = strings.TrimPrefix(s, "+")
	if len(s) > 2 && (s[:2] == "0x" || s[:2] == "0X") {
		s = s[2:]
	}
	s = s[:len(s)-len(strings.TrimLeft(s, "0123456789abcdefABCDEF"))]
	n, err := strconv.ParseUint(s, 16, 64)
	if negative {
		n = -n
	}
	return n, s != "" && (err == nil || n == math.MaxUint64)
}

// lowerTOS changes the type of service: a whole byte is written as the two
// fields of it that nft has, anything else by the target itself.
func lowerTOS(r *lowering, x *use) {
	if len(x.given) != 1 {
		r.lacks(x, x.at.span, "TOS needs one option that says what to do")
		return
	}
	keep, xor, ok := r.maskXor(x, "tos", 0xff)
	if g := x.option("set-tos"); g != nil {
		var m masked
		m, ok = r.tosValue(g.args[0], 0xff)
		keep, xor = ^m.mask&0xff, m.value
	}
	switch {
	case !ok:
	case keep == 0:
		r.emit(r.assign(r.field(r.ip(), "dscp"), r.value(uint64(xor>>2))), r.assign(r.field(r.ip(), "ecn"), r.value(uint64(xor&3))))
	default:
		r.targetXT("TOS", 0, &xt.TOS{Value: uint8(xor), Mask: uint8(^keep)})
	}
}

// hopChanges are the options of TTL and HL.
func hopChanges(prefix string) []option {
	change := func(suffix string, mode uint8) option {
		return option{name: prefix + "-" + suffix, args: 1, excludes: []string{prefix + "-set", prefix + "-inc", prefix + "-dec"}, lower: func(r *lowering, g *given) {
			n, ok := r.number(g.args[0], uint64(min(mode, 1)), 255)
			name := strings.ToUpper(prefix)
			if ok {
				r.targetXT(name, 0, &xt.TTL{Mode: mode, Value: uint8(n)})
			}
		}}
	}
	return []option{change("set", xt.TTLSet), change("inc", xt.TTLInc), change("dec", xt.TTLDec)}
}
