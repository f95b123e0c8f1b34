package gen

import (
	"fmt"
	"strings"
)

// set is a named set or map of a table.
type set struct {
	name    string
	six     bool
	fields  []string // addr, port, mark
	data    string   // "", mark, verdict
	dynamic bool
	text    string
}

type sets struct {
	list   []*set
	shared bool // the table has the objects of tables with long chains
}

// find draws a set (or, if dynamic, one that rules may change), nil for none.
func (s *sets) find(r source, dynamic bool) *set {
	var fit []*set
	for _, x := range s.list {
		if x.data == "" && (x.dynamic || !dynamic) {
			fit = append(fit, x)
		}
	}
	if len(fit) == 0 {
		return nil
	}
	return pick(r, fit...)
}

// maps finds a map with values of a kind.
func (s *sets) maps(r source, data string) *set {
	var fit []*set
	for _, x := range s.list {
		if x.data == data {
			fit = append(fit, x)
		}
	}
	if len(fit) == 0 {
		return nil
	}
	return pick(r, fit...)
}

// key writes a left-hand side of the set's type.
func (s *set) key(r source) string {
	var parts []string
	for _, f := range s.fields {
		switch f {
		case "addr":
			parts = append(parts, ipWord(s.six)+" "+pick(r, "saddr", "daddr"))
		case "port":
			parts = append(parts, pick(r, "tcp", "udp", "th")+" "+pick(r, "sport", "dport"))
		case "mark":
			parts = append(parts, pick(r, "meta mark", "ct mark"))
		}
	}
	return strings.Join(parts, " . ")
}

var fieldTypes = map[string]string{"port": "inet_service", "mark": "mark"}

// newSet draws a set or map; jumps are the chains a verdict may name.
func newSet(r source, name, family string, jumps []string) *set {
	s := &set{name: name, six: family == "ip6" || family == "inet" && r.chance(40)}
	s.fields = pick(r, []string{"addr"}, []string{"addr"}, []string{"port"}, []string{"addr", "port"}, []string{"mark"}, []string{"addr", "addr", "port"})
	interval := r.chance(35)
	s.dynamic = !interval && r.chance(45)
	word := "set"
	if r.chance(35) {
		word, s.data = "map", pick(r, "mark", "verdict")
		s.dynamic = false
	}
	var types, flags []string
	for _, f := range s.fields {
		t := fieldTypes[f]
		if f == "addr" {
			t = map[bool]string{false: "ipv4_addr", true: "ipv6_addr"}[s.six]
		}
		types = append(types, t)
	}
	typ := "type " + strings.Join(types, " . ")
	if s.data != "" {
		typ += " : " + s.data
	}
	if interval {
		flags = append(flags, "interval")
	}
	if s.dynamic {
		flags = append(flags, "dynamic")
	}
	body := []string{typ}
	if s.dynamic {
		body = append(body, fmt.Sprintf("size %d", pick(r, 2, 4, 100)))
	}
	if len(flags) > 0 {
		body = append(body, "flags "+strings.Join(flags, ","))
	}
	if r.chance(25) && !s.dynamic {
		body = append(body, "counter")
	}
	if e := s.elements(r, interval, jumps); !s.dynamic && e != "" {
		body = append(body, "elements = { "+e+" }")
	}
	s.text = fmt.Sprintf("%s %s {\n%s\n}", word, name, strings.Join(body, "\n"))
	return s
}

// elements draws the initial elements; intervals of one field do not overlap.
func (s *set) elements(r source, interval bool, jumps []string) string {
	var items []string
	seen := []string{}
	for n := r.IntN(4); n >= 0; n-- {
		var parts []string
		for i, f := range s.fields {
			parts = append(parts, s.element(r, f, interval && i == len(s.fields)-1, len(items)))
		}
		key := strings.Join(parts, " . ")
		if contains(seen, key) {
			continue
		}
		seen = append(seen, key)
		switch s.data {
		case "mark":
			key += " : " + r.mark()
		case "verdict":
			key += " : " + pick(r, append([]string{"accept", "drop", "return", "continue"}, prefixed("jump ", jumps)...)...)
		}
		items = append(items, key)
	}
	return strings.Join(items, ", ")
}

func prefixed(prefix string, list []string) []string {
	var out []string
	for _, x := range list {
		out = append(out, prefix+x)
	}
	return out
}

// element draws a value of a field; the n-th range is disjoint from the others.
func (s *set) element(r source, field string, interval bool, n int) string {
	switch {
	case field == "port" && interval:
		return []string{"1-60", "80-100", "400-1000", "5000-9000"}[n%4]
	case field == "port":
		return fmt.Sprint(r.port())
	case field == "mark" && interval:
		return []string{"0-1", "2-5", "0x10-0x20", "0xff"}[n%4]
	case field == "mark":
		return r.mark()
	case interval && s.six:
		return []string{"fd01::2-fd01::3", "fd02::/64", "fd09::9", "fd01::4"}[n%4]
	case interval:
		return []string{"10.0.1.2-10.0.1.3", "10.0.2.0/24", "10.9.9.9", "10.0.1.4"}[n%4]
	}
	return r.addr(s.six)
}
