package merge

import (
	"slices"
	"strings"

	"nfvm/compiler"
	"nfvm/datatype"
	"nfvm/diag"
	"nfvm/lang"
)

// A Merging is what became of several rules.
type Merging struct {
	Rules []*lang.Rule // of the source
	Into  string       // the new rule as nft prints it
}

// finder looks for rules to merge.
type finder struct {
	sources *diag.Sources
	opt     compiler.Options
	env     *datatype.Env
	types   map[string]*datatype.Type
	changes bool // some rule changes packets, marks or connections
}

// Rules merges rules of the chains that stand in blocks of tables, which are those
// that nft looks at, and tells which. The file must compile.
func Rules(file *lang.File, opt compiler.Options) (all []Merging) {
	f := &finder{sources: file.Sources, opt: opt, types: map[string]*datatype.Type{},
		env: &datatype.Env{Iface: opt.Iface, User: opt.User, Group: opt.Group}}
	var chains []*lang.Chain
	for _, c := range file.Commands {
		switch c := c.(type) {
		case *lang.TableCmd:
			if c.Body == nil {
				continue
			}
			for _, item := range c.Body.Items {
				if ch, ok := item.(*lang.Chain); ok {
					chains = append(chains, ch)
					f.changes = f.changes || slices.ContainsFunc(ch.Rules, changesPackets)
				}
			}
		case *lang.ChainCmd:
			f.changes = f.changes || c.Body != nil && slices.ContainsFunc(c.Body.Rules, changesPackets)
		case *lang.RuleCmd:
			f.changes = f.changes || c.Rule != nil && changesPackets(c.Rule)
		}
	}
	for _, c := range chains {
		all = append(all, f.chain(c)...)
	}
	return all
}

// changesPackets tells of a rule whether a test behind it may see something else.
func changesPackets(r *lang.Rule) bool {
	return slices.ContainsFunc(r.Stmts, func(s lang.Stmt) bool {
		switch s.(type) {
		case *lang.Match, *lang.VerdictStmt, *lang.Counter, *lang.Quota, *lang.Limit, *lang.Last, *lang.ConnCount,
			*lang.Log, *lang.Reject, *lang.VMap, *lang.SetUpdate, *lang.Meter:
			return false
		}
		return true
	})
}

// chain merges runs of rules of a chain.
func (f *finder) chain(c *lang.Chain) (all []Merging) {
	shapes := make([]*shape, len(c.Rules))
	for i, r := range c.Rules {
		shapes[i] = f.shapeOf(r)
	}
	columns := columnOrder(shapes)
	var out []*lang.Rule
	for first := 0; first < len(shapes); {
		end := first + 1
		for end < len(shapes) && alike(shapes[first], shapes[end]) {
			end++
		}
		run := shapes[first:end]
		if len(run) > 1 && f.sound(run) {
			rule, text := f.build(run, columns)
			out = append(out, rule)
			all = append(all, Merging{c.Rules[first:end:end], text})
		} else {
			out = append(out, c.Rules[first:end]...)
		}
		first = end
	}
	if len(all) > 0 {
		c.Rules = out
	}
	return all
}

// columnOrder is the order of fields in concatenations: that in which they first
// stand in the chain.
func columnOrder(shapes []*shape) map[string]int {
	order := map[string]int{}
	for _, s := range shapes {
		if s == nil {
			continue
		}
		for _, t := range s.tests {
			if _, known := order[t.field]; !known {
				order[t.field] = len(order)
			}
		}
	}
	return order
}

// alike tells whether two rules differ in the values of their tests and the kind of
// their verdicts alone. Comments that differ would be lost.
func alike(a, b *shape) bool {
	if a == nil || b == nil || len(a.tests) != len(b.tests) || len(a.rest) != len(b.rest) ||
		(a.verdict == nil) != (b.verdict == nil) || a.rule.Comment.Text != b.rule.Comment.Text {
		return false
	}
	for _, t := range a.tests {
		if b.test(t.field) == nil {
			return false
		}
	}
	return slices.Equal(sortedRest(a), sortedRest(b))
}

// sortedRest are the statements but for the verdict: a counter before a log or
// behind it is the same.
func sortedRest(s *shape) []string {
	rest := slices.Clone(s.rest)
	if s.verdict != nil {
		rest = rest[:len(rest)-1]
	}
	slices.Sort(rest)
	return rest
}

func (s *shape) test(field string) *test {
	for i := range s.tests {
		if s.tests[i].field == field {
			return &s.tests[i]
		}
	}
	return nil
}

// sameVerdict tells whether rules of a run end alike.
func sameVerdict(run []*shape) bool {
	last := func(s *shape) string {
		if s.verdict == nil {
			return ""
		}
		return s.rest[len(s.rest)-1]
	}
	return !slices.ContainsFunc(run, func(s *shape) bool { return last(s) != last(run[0]) })
}

// sound tells whether rules that are alike mean the same as one.
func (f *finder) sound(run []*shape) bool {
	same := sameVerdict(run)
	for _, s := range run {
		jumps := s.verdict != nil && s.verdict.Kind == lang.VerdictJump
		if !same && s.logs || jumps && f.changes {
			return false
		}
	}
	overlap, equal := f.overlaps(run)
	return !equal && (!overlap || same && run[0].terminal)
}

// source is what stands in the source, with single blanks.
func (f *finder) source(n lang.Node) string {
	return strings.Join(strings.Fields(string(f.sources.Text(n.At()))), " ")
}

// typeOf is the type of a field, nil if it depends on more than the field.
func (f *finder) typeOf(e lang.Expr, field string) *datatype.Type {
	t, known := f.types[field]
	if !known {
		t = compiler.TypeOf(e, f.sources, f.opt)
		f.types[field] = t
	}
	return t
}
