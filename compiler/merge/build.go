package merge

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"nfvm/lang"
)

// build makes one rule of a run, and its text.
func (f *finder) build(run []*shape, columns map[string]int) (*lang.Rule, string) {
	first := run[0]
	fields := slices.Clone(first.tests)
	slices.SortStableFunc(fields, func(a, b test) int { return cmp.Compare(columns[a.field], columns[b.field]) })
	pos := lang.Pos{Span: first.rule.Span}
	vmap := !sameVerdict(run)
	lit := &lang.SetLit{Pos: pos}
	var items []string
	for _, s := range run {
		items = append(items, f.elements(lit, s, fields, vmap)...)
	}
	left, text := leftOf(fields, pos)
	rule := &lang.Rule{Pos: pos, Comment: first.rule.Comment}
	if vmap {
		rule.Stmts = []lang.Stmt{&lang.VMap{Pos: pos, Key: left, Map: lit}}
		return rule, text + " vmap { " + strings.Join(items, ", ") + " }"
	}
	rule.Stmts = []lang.Stmt{&lang.Match{Relational: lang.Relational{Pos: pos, Left: left, Right: lit}}}
	for _, st := range first.rule.Stmts {
		if _, test := st.(*lang.Match); !test {
			rule.Stmts = append(rule.Stmts, st)
		}
	}
	text += " { " + strings.Join(items, ", ") + " }"
	return rule, strings.Join(append([]string{text}, first.rest...), " ")
}

// leftOf is what the values are compared with.
func leftOf(fields []test, pos lang.Pos) (lang.Expr, string) {
	if len(fields) == 1 {
		return fields[0].left, fields[0].field
	}
	c := &lang.Concat{Pos: pos}
	var names []string
	for _, t := range fields {
		c.Parts = append(c.Parts, t.left)
		names = append(names, t.field)
	}
	return c, strings.Join(names, " . ")
}

// elements adds the elements that stand for a rule to a set and gives their texts.
func (f *finder) elements(lit *lang.SetLit, s *shape, fields []test, vmap bool) (items []string) {
	combine(s, fields, func(key []lang.Expr) {
		e := lang.Elem{Pos: lang.Pos{Span: s.rule.Span}, Key: key[0]}
		if len(key) > 1 {
			e.Key = &lang.Concat{Pos: e.Pos, Parts: slices.Clone(key)}
		}
		var texts []string
		for _, k := range key {
			texts = append(texts, f.valueText(k))
		}
		text := strings.Join(texts, " . ")
		if vmap {
			e.Value = s.verdict
			if s.counts {
				e.Opts = &lang.ElemOpts{Stmts: []lang.Stmt{&lang.Counter{Pos: e.Pos}}}
				text += " counter"
			}
			text += " : " + s.rest[len(s.rest)-1]
		}
		lit.Elems = append(lit.Elems, e)
		items = append(items, text)
	})
	if len(fields) == 1 && s.tests[0].nested && !vmap {
		// A set in a set is printed one element a line.
		return []string{"{ " + strings.Join(items, ",\n\t\t\t     ") + " }"}
	}
	return items
}

// combine gives all combinations of the values of a rule, the last field first.
func combine(s *shape, fields []test, add func([]lang.Expr)) {
	key := make([]lang.Expr, len(fields))
	var next func(c int)
	next = func(c int) {
		if c == len(fields) {
			add(key)
			return
		}
		for _, v := range s.test(fields[c].field).values {
			key[c] = v
			next(c + 1)
		}
	}
	next(0)
}

func numberText(n uint64) string { return strconv.FormatUint(n, 10) }

// logText is a log statement in nft's order.
func logText(l *lang.Log) string {
	b := []string{"log"}
	if l.Prefix.Set() {
		b = append(b, `prefix "`+l.Prefix.Text+`"`)
	}
	for _, n := range []struct {
		word string
		lang.Number
	}{{"group", l.Group}, {"snaplen", l.Snaplen}, {"queue-threshold", l.Threshold}} {
		if n.Set() {
			b = append(b, n.word, numberText(n.Value))
		}
	}
	if l.Level.Set() && l.Level.Text != "warn" {
		b = append(b, "level", l.Level.Text)
	}
	var flags []string
	for _, w := range l.Flags {
		flags = append(flags, w.Text)
	}
	if len(flags) > 0 {
		b = append(b, "flags", strings.Join(flags, ","))
	}
	return strings.Join(b, " ")
}
