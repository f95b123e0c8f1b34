package replay

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"nfvm/nf"
)

// Both bound the lists of a summary, by what they list.
const (
	maxWhatLines         = 8
	maxConversationLines = 40
)

// refused prints what was dropped and rejected, by what did it.
func (r *report) refused() {
	var list []decider
	for d, c := range r.s.deciders {
		if len(c.what) > 0 {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, byPlace)
	if len(list)+len(r.s.reasons) == 0 {
		return
	}
	r.title("Dropped and rejected")
	width := r.whereWidth(list)
	for i := range list {
		d := &list[i]
		c := r.s.deciders[*d]
		text := r.text(d)
		if d.rule == nil || width == 0 {
			text += fmt.Sprintf(" of chain %s %s %s", d.table.Family, d.table.Name, d.chain.Name)
		}
		r.row(c, classNames[c.class][0], r.where(d), width, text)
		r.what(c)
	}
	for _, reason := range slices.Sorted(maps.Keys(r.s.reasons)) {
		r.row(r.s.reasons[reason], "dropped", "", width, reason)
		r.what(r.s.reasons[reason])
	}
}

// what prints the packets that one cause decided, the most frequent first.
func (r *report) what(c *causes) {
	list := slices.SortedFunc(maps.Keys(c.what), func(a, b flow) int {
		return cmp.Or(cmp.Compare(c.what[b], c.what[a]), strings.Compare(a.String(), b.String()))
	})
	more := c.others
	for i, f := range list {
		if i >= maxWhatLines {
			more += c.what[f]
			continue
		}
		fmt.Fprintf(r, "%16d  %s\n", c.what[f], f)
	}
	if more > 0 {
		fmt.Fprintf(r, "%16d  %s\n", more, r.paint(dim, fmt.Sprintf("others, of %d kinds", max(len(list)-maxWhatLines, 1))))
	}
}

// connections prints the conversations with their translations.
func (r *report) connections() {
	total, width := 0, 0
	list := r.s.flowOrder
	for _, c := range list {
		total += c.connections
	}
	if len(list) == 0 {
		return
	}
	r.title("Connections: %d", total)
	shown := list[:min(len(list), maxConversationLines)]
	for _, c := range shown {
		width = max(width, utf8.RuneCountInString(c.flow.String()))
	}
	for _, c := range shown {
		packets := fmt.Sprintf("%d/%d", c.packets[nf.DirOriginal], c.packets[nf.DirReply])
		line := fmt.Sprintf("%8d× %s  %s  %s", c.connections, pad(c.flow.String(), width), pad(packets, 7), translation(c.flow))
		fmt.Fprintln(r, strings.TrimRight(line, " "))
	}
	if more := len(list) - len(shown); more > 0 {
		fmt.Fprintf(r, "          %s\n", r.paint(dim, fmt.Sprintf("and %d more kinds; --conntrack - lists all that are left", more)))
	}
	fmt.Fprintf(r, "          %s\n", r.paint(dim, "packets that passed from the asking side / in reply"))
}

func translation(f flow) string {
	var parts []string
	if f.newSrc.IsValid() {
		parts = append(parts, "source becomes "+f.newSrc.String())
	}
	if f.newDst.IsValid() {
		parts = append(parts, "destination becomes "+endpoint(f.newDst))
	}
	return strings.Join(parts, ", ")
}
