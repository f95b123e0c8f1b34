package replay

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// remarks prints what a person should know before trusting the numbers.
func (r *report) remarks(res *Result) {
	list := r.s.Remarks(res)
	if len(list) > 0 {
		r.title("Remarks")
	}
	for _, line := range list {
		fmt.Fprintf(r, "  %s\n", r.fold(line, 2))
	}
}

// Remarks tells what is less than certain about a replay: next hops whose
// link-layer address nobody knows, frames that were captured in part, and what
// the engine leaves undone.
func (s *Summary) Remarks(res *Result) []string {
	out := res.Engine.Warnings()
	hops := slices.SortedFunc(maps.Keys(s.unknown), func(a, b nextHop) int {
		return cmp.Or(strings.Compare(a.link, b.link), strings.Compare(a.addr, b.addr))
	})
	for i, h := range hops {
		if i == maxWhatLines {
			out = append(out, fmt.Sprintf("… and for %d more next hops", len(hops)-i))
			break
		}
		out = append(out, fmt.Sprintf("%s to %s on %s: link-layer address unknown, written as 00:00:00:00:00:00", plural(s.unknown[h], "packet"), h.addr, h.link))
	}
	if res.Cut > 0 {
		out = append(out, fmt.Sprintf("%s in the capture are cut short (snap length); their checksums and sizes can't be right", plural(res.Cut, "packet")))
	}
	return out
}
