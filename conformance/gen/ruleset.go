package gen

import (
	"fmt"
	"regexp"
	"strings"
)

// Chain is a chain of a scenario.
type Chain struct {
	Name  string
	Head  string // type, hook, priority and policy; "" for a regular chain
	Rules []string
}

// Table is a table of a scenario.
type Table struct {
	Family, Name string
	Sets         []string // whole blocks
	Chains       []Chain
}

func newTable(r source, family, name string) Table {
	t := Table{Family: family, Name: name}
	var jumps []string
	all := &sets{}
	regular := r.IntN(3)
	for i := range regular {
		jumps = append(jumps, fmt.Sprintf("j%d", i))
	}
	for i := range r.IntN(4) {
		s := newSet(r, fmt.Sprintf("s%d", i), family, nil)
		all.list = append(all.list, s)
		t.Sets = append(t.Sets, s.text)
	}
	if all.shared = r.chance(15); r.long || all.shared {
		t.Sets = append(t.Sets, shared...)
	}
	for i, name := range jumps { // a chain jumps only to those before it: no loops
		p := &place{family: family, hook: "any", kind: "filter", sets: all, jumps: jumps[:i]}
		t.Chains = append(t.Chains, Chain{Name: name, Rules: p.rules(r)})
	}
	for i := range 1 + r.IntN(3) {
		t.Chains = append(t.Chains, newBase(r, family, fmt.Sprintf("c%d", i), all, jumps))
	}
	if r.chance(55) {
		t.Chains = append(t.Chains, newNAT(r, family, all)...)
	}
	return t
}

func newBase(r source, family, name string, all *sets, jumps []string) Chain {
	p := &place{family: family, kind: "filter", sets: all, jumps: jumps}
	p.hook = pick(r, "prerouting", "forward", "forward", "forward", "input", "output", "postrouting")
	if family == "inet" && !r.long && r.chance(8) {
		p.hook = "ingress"
		return Chain{Name: name, Head: fmt.Sprintf("type filter hook ingress device %s priority %s", pick(r, `"ta"`, `"tb"`), pick(r, "0", "-5")), Rules: p.rules(r)}
	}
	prio := pick(r, "0", "0", "-10", "10", "-150", "50", "-99", "101", "-300", "-300")
	policy := pick(r, "accept", "accept", "accept", "drop")
	if p.hook != "forward" {
		policy = "accept"
	}
	if p.hook == "output" && r.chance(30) {
		p.kind, prio = "route", "-150"
	}
	return Chain{Name: name, Head: fmt.Sprintf("type %s hook %s priority %s; policy %s", p.kind, p.hook, prio, policy), Rules: p.rules(r)}
}

func newNAT(r source, family string, all *sets) []Chain {
	var out []Chain
	for _, hook := range []string{"prerouting", "postrouting", "output", "input"} {
		if !r.chance(map[string]int{"prerouting": 60, "postrouting": 70, "output": 20, "input": 15}[hook]) {
			continue
		}
		p := &place{family: family, hook: hook, kind: "nat", sets: all}
		prio := map[string]int{"prerouting": -100, "output": -100}[hook]
		if prio == 0 {
			prio = 100
		}
		prio += pick(r, 0, 0, 0, 10, -10)
		out = append(out, Chain{Name: "n" + hook, Head: fmt.Sprintf("type nat hook %s priority %d; policy accept", hook, prio), Rules: p.rules(r)})
	}
	return out
}

func (p *place) rules(r source) []string {
	var out []string
	for n := 1 + r.IntN(5); n > 0; n-- {
		out = append(out, p.rule(r))
	}
	if r.long {
		for range pick(r, 0, 1, 1, 2) {
			out = append(out, p.run(r)...)
		}
	}
	return out
}

// other finds matches of other protocols than TCP.
var other = regexp.MustCompile(`\b(udp|icmp\w*|th|l4proto|protocol|nexthdr)\b`)

// unequal finds tests of header fields for inequality. A rule gets one at
// most: nft 1.0.6 merges two of neighbouring fields into one test, which means
// something else; 1.1 does not.
var unequal = regexp.MustCompile(`(@th,\S+|(sport|dport|type|code|ttl|protocol|hoplimit|nexthdr)) != `)

func (p *place) rule(r source) string {
	parts := matches(r, pick(r, 0, 1, 1, 1, 2, 2, 3), p.match)
	if r.chance(45) {
		// nft 1.1 refuses to write an icmp id behind a test for types without one.
		if st := p.statement(r); !strings.HasPrefix(st, "icmp id ") || !strings.Contains(strings.Join(parts, " "), "icmp type ") {
			parts = append(parts, st)
		}
	}
	return finish(r, parts, p.final)
}

// matches draws n tests that go together.
func matches(r source, n int, draw func(source) string) (parts []string) {
	for ; n > 0; n-- {
		if m := draw(r); !unequal.MatchString(m) || !unequal.MatchString(strings.Join(parts, " ")) {
			parts = append(parts, m)
		}
	}
	return parts
}

// finish ends a rule by a counter and a verdict, or one of them, or none.
func finish(r source, parts []string, final func(source) string) string {
	if r.chance(60) {
		parts = append(parts, "counter")
	}
	if end := final(r); end != "" {
		if strings.Contains(end, "tcp reset") && other.MatchString(strings.Join(parts, " ")) {
			end = "reject"
		}
		parts = append(parts, end)
	}
	if len(parts) == 0 {
		return "counter"
	}
	return strings.Join(parts, " ")
}

// Text writes the table in nft's language, one rule a line.
func (t *Table) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "table %s %s {\n", t.Family, t.Name)
	for _, s := range t.Sets {
		fmt.Fprintf(&b, "%s\n", s)
	}
	for _, c := range t.Chains {
		fmt.Fprintf(&b, "chain %s {\n", c.Name)
		if c.Head != "" {
			fmt.Fprintln(&b, c.Head)
		}
		for _, rule := range c.Rules {
			fmt.Fprintln(&b, rule)
		}
		fmt.Fprintln(&b, "}")
	}
	fmt.Fprintln(&b, "}")
	return b.String()
}
