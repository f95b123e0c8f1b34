package gen

import (
	"fmt"
	"strings"
)

// NewLong draws a scenario whose chains hold runs of many rules that ask for
// the same few things, with now and then one among them that asks for nothing,
// changes what the others ask for, or leads elsewhere.
func NewLong(seed uint64) *Scenario {
	s := draw(source{Rand: newRand(seed), long: true})
	s.Comment = fmt.Sprintf("Found by the test of the optimiser with seed %d.", seed)
	return s
}

// run draws a run of rules by one to three columns.
func (p *place) run(r source) []string {
	columns := []func(source) string{p.address, p.ports, p.flags, p.mark, p.iface, p.state, p.pairs, p.lookups, p.proto, p.ranges, p.address, p.ports, p.members, p.pieces}
	var used []func(source) string
	for range pick(r, 1, 1, 2, 2, 3) {
		used = append(used, pick(r, columns...))
	}
	var out []string
	for n := 5 + r.IntN(35); n > 0; n-- {
		out = append(out, p.runRule(r, used))
	}
	return out
}

func (p *place) runRule(r source, columns []func(source) string) string {
	if r.chance(5) {
		return p.rule(r)
	}
	var parts []string
	for _, column := range columns {
		if r.chance(90) {
			parts = append(parts, column(r))
		}
		switch {
		case r.chance(4):
			parts = append(parts, p.statement(r))
		case r.chance(6):
			parts = append(parts, p.effect(r))
		case r.chance(3):
			parts = append(parts, p.disturb(r))
		}
		if r.chance(8) {
			parts = append(parts, p.again(r, column))
		}
	}
	if r.chance(8) {
		parts = append(parts, p.match(r))
	}
	if r.chance(8) {
		parts = append(parts, p.statement(r))
	}
	parts = append(parts, pick(r, "counter", "counter", "counter", "", `log prefix "run"`))
	if r.chance(25) {
		parts = append(parts, p.final(r))
	}
	if text := strings.Join(strings.Fields(strings.Join(parts, " ")), " "); text != "" {
		return text
	}
	return "counter"
}

// disturb draws a statement that changes what rules of runs often ask for.
func (p *place) disturb(r source) string {
	switch {
	case p.kind == "nat":
		return pick(r, "meta mark set ", "ct mark set ") + r.mark()
	case p.six(r):
		return pick(r, "ip6 saddr set ", "ip6 daddr set ") + r.addr(true)
	}
	return pick(r, "meta mark set "+r.mark(), "meta mark set meta mark ^ 1", "ct mark set "+r.mark(), "ip saddr set "+r.addr(false),
		"ip daddr set "+r.addr(false), "tcp dport set "+fmt.Sprint(r.port()), "@th,0,16 set "+fmt.Sprint(r.port()))
}

// again draws a test of what a column tests, which may be implied by the one
// before.
func (p *place) again(r source, column func(source) string) string {
	switch p.family {
	case "ip":
		return pick(r, "ip saddr 10.0.0.0/8", "ip daddr 10.0.0.0/15", "ip saddr >= 10.0.1.2 ip saddr <= 10.0.1.3", column(r))
	case "ip6":
		return pick(r, "ip6 saddr fd00::/8", "ip6 saddr >= fd01::2 ip6 saddr <= fd01::4", column(r))
	}
	return column(r)
}

func (p *place) ports(r source) string {
	return pick(r, "tcp ", "tcp ", "udp ", "th ") + pick(r, "dport ", "dport ", "sport ") + r.op() + r.ports()
}

// flags draws tests of bits that overlap, which must not become one exact set.
func (p *place) flags(r source) string {
	return "tcp flags " + pick(r, "syn", "ack", "fin", "psh", "syn,ack", "& (syn | ack) == syn", "& (syn | ack) == syn | ack", "& (fin | rst) != 0",
		"& (fin | syn | rst | ack) == ack", "== syn", "== { syn, syn | ack, ack }", "!= syn", "! ack")
}

func (p *place) mark(r source) string {
	return pick(r, "meta mark ", "meta mark ", "ct mark ") + pick(r, "| 1 == "+pick(r, "1", "3", "5"), "^ 3 == "+pick(r, "0", "1", "2"), r.op()+r.mark(), "& 0xf == "+pick(r, "0", "1", "2"), "0-5", "{ 0, 1, 0x10-0x20 }", "> 1", "& 0x11 != 0")
}

func (p *place) iface(r source) string {
	key := pick(r, "iifname", "iif")
	if p.hook == "output" || p.hook == "postrouting" {
		key = pick(r, "oifname", "oif")
	}
	if strings.HasSuffix(key, "name") && r.chance(30) {
		return key + " " + r.op() + pick(r, `"t*"`, `"ta*"`, `{ "ta", "lo" }`, `{ "t*", "lo" }`, `{ "tb*", "ta" }`)
	}
	return key + " " + r.op() + pick(r, `"ta"`, `"tb"`)
}

func (p *place) state(r source) string {
	return pick(r, "ct state "+r.op()+pick(r, "new", "established", "invalid", "established,related", "{ new, untracked }"),
		"ct status "+pick(r, "seen-reply", "assured", "confirmed", "! snat"), "ct direction "+pick(r, "original", "reply"))
}

func (p *place) proto(r source) string {
	return "meta l4proto " + r.op() + pick(r, "tcp", "udp", "icmp", "{ tcp, udp }", "6-17")
}

// ranges draws tests of orders.
func (p *place) ranges(r source) string {
	return pick(r, "th dport ", "th sport ", "meta length ") + pick(r, "< ", "> ", "<= ", ">= ") + fmt.Sprint(r.port())
}

// pairs draws concatenations in sets.
func (p *place) pairs(r source) string {
	six := p.six(r)
	key := ipWord(six) + " " + pick(r, "saddr", "daddr")
	var items []string
	port := func() string { return fmt.Sprint(r.port()) }
	if r.chance(30) {
		port = func() string { return pick(r, "1-99", "100-1000", "5000-9000", "53") }
	}
	for _, a := range r.some(func() string { return r.addr(six) }) {
		items = append(items, a+" . "+port())
	}
	return key + " . " + pick(r, "tcp", "udp", "th") + " dport { " + strings.Join(items, ", ") + " }"
}

// lookups draws maps, which test as well.
func (p *place) lookups(r source) string {
	six := p.six(r)
	a, b := r.addr(six), r.addr(six)
	if a == b {
		return ipWord(six) + " saddr " + a
	}
	verdict := func() string {
		return pick(r, append([]string{"accept", "drop", "continue", "continue", "return"}, prefixed("jump ", p.jumps)...)...)
	}
	return pick(r, fmt.Sprintf("meta mark set %s daddr map { %s : 1, %s : 2 }", ipWord(six), a, b),
		fmt.Sprintf("%s saddr vmap { %s : %s, %s : %s }", ipWord(six), a, verdict(), b, verdict()),
		fmt.Sprintf("th dport vmap { 53 : %s, 80-100 : %s }", verdict(), verdict()))
}
