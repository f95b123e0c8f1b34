package conformance

import (
	"fmt"
	"regexp"
	"sort"
	"strings"
)

var (
	counters = regexp.MustCompile(`packets \d+ bytes \d+|used \d+ \w+`)
	// template is a counter of elements to be: it counts nothing itself.
	template = regexp.MustCompile(`(\{[^{}]*) counter packets 0 bytes 0 \}`)
	opening  = regexp.MustCompile(`^(table|chain|set|map|counter|quota|limit) .*\{$`)
)

// State takes out of the text of a ruleset what packets have changed: counters
// and quotas by place, and the elements of sets in the order of their text.
// Two listings that differ only in how they put a rule have the same state.
func State(ruleset string) []string {
	var out, elements []string
	place, n := "", 0
	for _, l := range lines(ruleset) {
		if opening.MatchString(l) {
			place, n = l, 0
			continue
		}
		if inside := elements != nil; inside || strings.HasPrefix(l, "elements = {") {
			elements = append(elements, strings.TrimPrefix(l, "elements = { "))
			if strings.HasSuffix(l, "}") {
				out = append(out, elementLines(place, strings.Join(elements, " "))...)
				elements = nil
			}
			continue
		}
		n++
		l = template.ReplaceAllString(l, "$1 }")
		if c := counters.FindAllString(l, -1); c != nil {
			out = append(out, fmt.Sprintf("%s line %d: %s", place, n, strings.Join(c, ", ")))
		}
	}
	return out
}

func elementLines(place, text string) []string {
	items := strings.Split(strings.TrimSuffix(text, "}"), ",")
	for i, item := range items {
		items[i] = place + " " + strings.TrimSpace(expires.ReplaceAllString(item, "expires *"))
	}
	sort.Strings(items)
	return items
}

// CompareState is Compare with the ruleset's state in place of its text.
func CompareState(want, got *Outcome) []string {
	w, g := *want, *got
	w.Ruleset, g.Ruleset = "", ""
	return append(Compare(&w, &g), Diff("ruleset", State(want.Ruleset), State(got.Ruleset))...)
}
