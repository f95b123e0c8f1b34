package replay

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// rules prints what decided, in the order of the ruleset.
func (r *report) rules() {
	list := slices.SortedFunc(maps.Keys(r.s.deciders), byPlace)
	if len(list) == 0 {
		return
	}
	r.title("Rules that decided")
	width := r.whereWidth(list)
	chain := ""
	for i := range list {
		d := &list[i]
		if name := fmt.Sprintf("%s %s %s", d.table.Family, d.table.Name, d.chain.Name); name != chain {
			chain = name
			fmt.Fprintf(r, "  chain %s\n", name)
		}
		r.row(r.s.deciders[*d], r.verdictWord(d), r.where(d), width, r.text(d))
	}
}

// row prints a count with its verdict, place and rule.
func (r *report) row(c *causes, verdict, where string, width int, text string) {
	fmt.Fprintf(r, "%9d  %s  ", c.packets, r.paint(verdictColour[verdict], pad(verdict, 8)))
	indent := 9 + 2 + 8 + 2
	if width > 0 {
		fmt.Fprintf(r, "%s  ", pad(where, width))
		indent += width + 2
	}
	fmt.Fprintln(r, r.fold(text, indent))
}

var verdictColour = map[string]string{"accept": green, "drop": red, "reject": yellow, "dropped": red, "rejected": yellow, "path": red}

func (r *report) verdictWord(d *decider) string {
	if r.s.deciders[*d].class == classRejected {
		return "reject"
	}
	return d.verdict.String()
}

// where gives file:line. Where columns are few, directories are left out as long
// as the file names alone tell the files apart.
func (r *report) where(d *decider) string {
	pos := d.chain.Pos
	if d.rule != nil {
		pos = d.rule.Pos
	}
	where := r.s.namer.Where(pos)
	if r.Width == 0 || where == "" {
		return where
	}
	for i, f := range r.s.namer.Files {
		if i != int(pos.File) && filepath.Base(f) == filepath.Base(r.s.namer.Files[pos.File]) {
			return where
		}
	}
	return filepath.Base(where)
}

func (r *report) text(d *decider) string {
	if d.rule == nil {
		return "policy " + d.verdict.String()
	}
	return r.s.namer.Rule(d.table, d.chain, d.rule)
}

func (r *report) whereWidth(list []decider) (width int) {
	for i := range list {
		width = max(width, utf8.RuneCountInString(r.where(&list[i])))
	}
	return width
}

// byPlace orders deciders as the ruleset has them; a policy stands at the end
// of its chain.
func byPlace(a, b decider) int {
	order := func(d *decider) uint64 {
		if d.rule == nil {
			return 1 << 32
		}
		return uint64(slices.Index(d.chain.Rules, d.rule))
	}
	return cmp.Or(
		cmp.Compare(a.table.Handle, b.table.Handle),
		cmp.Compare(a.chain.Pos.File, b.chain.Pos.File),
		cmp.Compare(a.chain.Pos.Line, b.chain.Pos.Line),
		cmp.Compare(a.chain.Order, b.chain.Order),
		strings.Compare(a.chain.Name, b.chain.Name),
		cmp.Compare(order(&a), order(&b)),
		cmp.Compare(a.verdict, b.verdict))
}
