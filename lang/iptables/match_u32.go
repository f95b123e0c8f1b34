package iptables

import (
	"strings"

	"nfvm/xt"
)

// u32Parser reads `TEST && TEST …`, a test being `LOCATION = RANGE,RANGE …`, a
// location a number followed by operators with numbers.
type u32Parser struct {
	rest string
	bad  string // what is wrong
}

// lowerU32 fills in comparisons of numbers from the packet.
func lowerU32(r *lowering, g *given) {
	p := &u32Parser{rest: g.args[0].text}
	info := &xt.U32{}
	for more := true; more && p.bad == ""; more = p.take("&&") {
		if int(info.NumTests) >= u32Size {
			p.fail("too many tests")
			break
		}
		p.test(&info.Tests[info.NumTests])
		info.NumTests++
	}
	if p.bad == "" && p.space() != "" {
		p.fail("&& is expected")
	}
	if p.bad != "" {
		at := g.args[0]
		at = at.part(len(at.text)-len(p.rest), p.rest)
		r.errorf(at.span, "u32: %s", p.bad)
		return
	}
	if g.negated() {
		info.Invert = 1
	}
	r.matchXT("u32", 0, info)
}

func (p *u32Parser) fail(what string) {
	if p.bad == "" {
		p.bad = what
	}
}

func (p *u32Parser) space() string {
	p.rest = strings.TrimLeft(p.rest, " \t")
	return p.rest
}

func (p *u32Parser) take(op string) bool {
	rest, ok := strings.CutPrefix(p.space(), op)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *u32Parser) number() uint32 {
	s := p.space()
	n := 0
	for n < len(s) && strings.IndexByte("0123456789abcdefABCDEFxX", s[n]) >= 0 {
		n++
	}
	v, err := parseNumber(s[:n])
	if err != nil || v > 0xffffffff {
		p.fail("a number of 32 bits is expected")
		return 0
	}
	p.rest = s[n:]
	return uint32(v)
}

// u32Ops are the operators of a location; && ends a test, so it is no &.
var u32Ops = []struct {
	text string
	op   uint8
}{{"<<", xt.U32Left}, {">>", xt.U32Right}, {"@", xt.U32At}, {"&", xt.U32And}}

// u32Size is XT_U32_MAXSIZE: the tests, the numbers of a location, the values; the
// tables have one more place.
const u32Size = 10

func (p *u32Parser) test(t *xt.U32Test) {
	t.Location[0].Number = p.number()
	t.Locations = 1
	for p.bad == "" && !p.take("=") {
		l, ok := p.operation()
		if !ok {
			return
		}
		if int(t.Locations) >= u32Size {
			p.fail("too many operators")
			return
		}
		t.Location[t.Locations] = l
		t.Locations++
	}
	for more := true; more && p.bad == ""; more = p.take(",") {
		if int(t.NumValues) >= u32Size {
			p.fail("too many values")
			return
		}
		v := &t.Value[t.NumValues]
		v.Min = p.number()
		if v.Max = v.Min; p.take(":") {
			v.Max = p.number()
		}
		t.NumValues++
	}
}

func (p *u32Parser) operation() (l xt.Location, ok bool) {
	for _, o := range u32Ops {
		if p.take(o.text) {
			l = xt.Location{Number: p.number(), Op: o.op}
			if (o.op == xt.U32Left || o.op == xt.U32Right) && l.Number > 31 {
				p.fail("a shift is by 31 bits at most")
			}
			return l, true
		}
	}
	p.fail("an operator is expected: &, <<, >>, @ or =")
	return l, false
}
