package examples

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var seconds = regexp.MustCompile(`^(\S+ +\d+ \S+ +\d+) (\d+) `)

// compareConntrack compares connections as a set; remaining seconds may differ
// by one.
func compareConntrack(t *testing.T, got, want []string) {
	t.Helper()
	type entry struct {
		text    string
		seconds int
	}
	parse := func(list []string) (out []entry) {
		for _, line := range list {
			e := entry{text: line}
			if m := seconds.FindStringSubmatch(line); m != nil {
				e.seconds, _ = strconv.Atoi(m[2])
				e.text = m[1] + " " + line[len(m[0]):]
			}
			out = append(out, e)
		}
		slices.SortFunc(out, func(a, b entry) int { return strings.Compare(a.text, b.text) })
		return out
	}
	near := cmp.Comparer(func(a, b entry) bool {
		d := a.seconds - b.seconds
		return a.text == b.text && -1 <= d && d <= 1
	})
	if d := cmp.Diff(parse(want), parse(got), near); d != "" {
		t.Error("connections (-kernel +nfvm):\n" + d)
	}
}

var eventHead = regexp.MustCompile(`^\[[\d.]+\]\s+(\[[A-Z]+\]) (?:ipv[46] +\d+ )?`)

// compareEvents compares events in order without their times, but for DESTROY,
// which the kernel's collector delays: what it told, nfvm must tell too.
func compareEvents(t *testing.T, got, want []string) {
	t.Helper()
	parse := func(list []string) (order []string, destroyed map[string]int) {
		destroyed = map[string]int{}
		for _, line := range list {
			line = eventHead.ReplaceAllString(line, "$1 ")
			if strings.HasPrefix(line, "[DESTROY]") {
				destroyed[line]++
			} else if line != "" {
				order = append(order, line)
			}
		}
		return order, destroyed
	}
	gotOrder, gotDead := parse(got)
	wantOrder, wantDead := parse(want)
	if d := cmp.Diff(wantOrder, gotOrder); d != "" {
		t.Error("events (-kernel +nfvm):\n" + d)
	}
	for line, n := range wantDead {
		if gotDead[line] < n {
			t.Errorf("missing event: %s", line)
		}
	}
}

var (
	expires  = regexp.MustCompile(` expires \w+`)
	elements = regexp.MustCompile(`(?s)elements = \{ (.*?) \}\n`)
	commas   = regexp.MustCompile(`,\s+`)
)

// comparableRules takes out of a listing what can't be equal: when elements
// expire, and the order of elements in sets that the kernel hashes.
func comparableRules(s string) []string {
	s = expires.ReplaceAllString(strings.TrimRight(s, "\n")+"\n", " expires ?")
	s = elements.ReplaceAllStringFunc(s, func(e string) string {
		list := commas.Split(elements.FindStringSubmatch(e)[1], -1)
		slices.Sort(list)
		return "elements = { " + strings.Join(list, ", ") + " }\n"
	})
	return split(s)
}

// comparableJSON takes out of a JSON listing what can't be equal, and what nft
// 1.1, whose form nfvm prints, and the 1.0.6 of the recordings write differently:
// flags as a string or a list, the flag dynamic, auto-merge, and chains in front of
// what else a table has or behind, bits joined by "|" or listed, the concatenated
// data of a map in one string or listed, whether fib looks for
// a route, and statements that 1.0.6 knows no JSON for.
func comparableJSON(t *testing.T, text []byte) any {
	t.Helper()
	var v struct{ Nftables []any }
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	items := v.Nftables[1:] // behind the version of nft
	chainsFirst(items)
	return comparableValue(items)
}

// chainsFirst sorts what each table has: itself, its chains, sets and objects,
// rules.
func chainsFirst(items []any) {
	table := map[string]int{}
	place := func(v any) [2]int {
		for kind, of := range v.(map[string]any) {
			o := of.(map[string]any)
			name := jsonText([]any{o["family"], o["table"]})
			if kind == "table" {
				name = jsonText([]any{o["family"], o["name"]})
				table[name] = len(table)
			}
			rank, known := map[string]int{"table": 0, "chain": 1, "rule": 3}[kind]
			if !known {
				rank = 2
			}
			return [2]int{table[name], rank}
		}
		return [2]int{}
	}
	places := map[string][2]int{}
	for _, v := range items {
		places[jsonText(v)] = place(v)
	}
	slices.SortStableFunc(items, func(a, b any) int {
		x, y := places[jsonText(a)], places[jsonText(b)]
		return slices.Compare(x[:], y[:])
	})
}

func comparableValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "expires")
		delete(v, "auto-merge")
		if v["op"] != nil && v["map"] != nil {
			return map[string]any{"map": v["map"], "op": v["op"]}
		}
		for k, x := range v {
			switch x = comparableValue(x); k {
			case "flags":
				if x = comparableFlags(x); len(x.([]any)) == 0 {
					delete(v, k)
					continue
				}
			case "result":
				if x == "check" {
					x = "oif"
				}
			case "map":
				if s, ok := x.(string); ok && strings.Contains(s, " . ") {
					x = strings.Split(s, " . ")
				} else if list, ok := x.([]any); ok {
					x = comparableStrings(list)
				}
			case "elem", "set": // values of several flags are in another order in 1.0
				if list, ok := x.([]any); ok {
					slices.SortFunc(list, func(a, b any) int { return strings.Compare(jsonText(a), jsonText(b)) })
				}
			}
			v[k] = x
		}
		if bits, ok := v["|"].([]any); ok && len(v) == 1 {
			return joined(bits)
		}
	case string:
		return comparableString(v)
	case []any:
		for i := range v {
			v[i] = comparableValue(v[i])
		}
	}
	return v
}

func comparableFlags(v any) any {
	if s, ok := v.(string); ok {
		v = []any{s}
	}
	list, _ := v.([]any)
	list = slices.DeleteFunc(list, func(x any) bool { return x == "dynamic" })
	slices.SortFunc(list, func(a, b any) int { return strings.Compare(jsonText(a), jsonText(b)) })
	return list
}

// comparableString shows a statement that adds to a map, which nft 1.0.6 writes as
// text and nfvm in full, by no more than the map.
func comparableString(s string) any {
	if op, rest, found := strings.Cut(s, " @"); found && (op == "add" || op == "update") {
		name, _, _ := strings.Cut(rest, " ")
		return map[string]any{"map": map[string]any{"map": "@" + name, "op": op}}
	}
	return s
}

// joined is one list of what 1.0.6 joins two by two.
func joined(bits []any) (all []any) {
	for _, b := range bits {
		if list, ok := b.([]any); ok {
			all = append(all, list...)
		} else {
			all = append(all, b)
		}
	}
	return all
}

// comparableStrings makes a list of strings one whose type says so.
func comparableStrings(list []any) any {
	var out []string
	for _, x := range list {
		s, ok := x.(string)
		if !ok {
			return list
		}
		out = append(out, s)
	}
	return out
}

func jsonText(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}
