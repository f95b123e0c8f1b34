package merge

import (
	"slices"
	"strings"

	"nfvm/datatype"
	"nfvm/lang"
)

// A shape is a rule as far as it matters for merging: tests, then statements.
type shape struct {
	rule     *lang.Rule
	tests    []test
	rest     []string // the statements behind the tests, as they are printed
	verdict  *lang.Verdict
	terminal bool // no rule behind it sees a packet that has passed the tests
	counts   bool
	logs     bool
}

// A test compares a field with a value, or with those of an anonymous set.
type test struct {
	field  string // as nft prints it
	typ    *datatype.Type
	left   lang.Expr
	values []lang.Expr
	nested bool // written as a set
}

// shapeOf gives the shape of a rule, nil if it can't be merged.
func (f *finder) shapeOf(r *lang.Rule) *shape {
	s := &shape{rule: r}
	if r.Later != nil || r.Text != "" {
		return nil
	}
	for _, st := range r.Stmts {
		if m, ok := st.(*lang.Match); ok {
			if len(s.rest) > 0 || !f.addTest(s, m) {
				return nil
			}
			continue
		}
		if s.terminal || !f.addStatement(s, st) {
			return nil
		}
	}
	if len(s.tests) == 0 {
		return nil
	}
	return s
}

// addTest takes in a comparison for equality.
func (f *finder) addTest(s *shape, m *lang.Match) bool {
	if m.Mask != nil || m.Op != lang.OpImplicit && m.Op != lang.OpEq {
		return false
	}
	t := test{left: m.Left, field: f.field(m.Left)}
	if t.field == "" || slices.ContainsFunc(s.tests, func(o test) bool { return o.field == t.field }) {
		return false
	}
	if t.typ = f.typeOf(t.left, t.field); t.typ == nil {
		return false
	}
	states := t.field == "ct state"
	if t.typ.Base == datatype.Bitmask && (!states || m.Op == lang.OpEq) {
		return false
	}
	switch right := m.Right.(type) {
	case *lang.SetLit:
		if states {
			return false // of combinations, which never are
		}
		t.nested = true
		for _, e := range right.Elems {
			if e.Opts != nil || e.Value != nil {
				return false
			}
			t.values = append(t.values, e.Key)
		}
	case *lang.List:
		if !states {
			return false
		}
		t.values = right.Items
	default:
		t.values = []lang.Expr{right}
	}
	for _, v := range t.values {
		if f.valueText(v) == "" {
			return false
		}
	}
	s.tests = append(s.tests, t)
	return len(t.values) > 0
}

// field gives a field that can be merged on as nft prints it, else "".
func (f *finder) field(e lang.Expr) string {
	switch e := e.(type) {
	case *lang.Payload:
		if e.Whole != 0 {
			return ""
		}
		return e.Proto.Text + " " + e.Field.Text
	case *lang.Meta:
		switch e.Key.Text {
		case "random", "hour", "time", "day":
			return "" // not the same each time, or across midnight
		case "iif", "oif", "iifname", "oifname", "iifgroup", "oifgroup":
			return e.Key.Text
		}
		return "meta " + e.Key.Text
	case *lang.CT:
		words := []string{"ct"}
		for _, w := range []lang.Word{e.Dir, e.L3, e.Key} {
			if w.Set() {
				words = append(words, w.Text)
			}
		}
		return strings.Join(words, " ")
	}
	return ""
}

// addStatement takes in a statement that means the same behind a test of several
// values.
func (f *finder) addStatement(s *shape, st lang.Stmt) bool {
	switch st := st.(type) {
	case *lang.Counter:
		if s.counts || st.Packets.Value != 0 || st.Bytes.Value != 0 {
			return false
		}
		s.counts = true
		s.rest = append(s.rest, "counter")
	case *lang.Log:
		if s.logs {
			return false
		}
		s.logs = true
		s.rest = append(s.rest, logText(st))
	case *lang.Reject:
		s.terminal = true
		s.rest = append(s.rest, strings.Replace(f.source(st), " type ", " ", 1))
	case *lang.Notrack:
		if slices.ContainsFunc(s.tests, func(t test) bool { return strings.HasPrefix(t.field, "ct ") }) {
			return false // what it changes is tested
		}
		s.rest = append(s.rest, "notrack")
	case *lang.NAT:
		if st.Kind != "masquerade" {
			return false
		}
		s.terminal = true
		s.rest = append(s.rest, f.source(st))
	case *lang.VerdictStmt:
		v := st.Verdict
		if v.Block != nil {
			return false
		}
		s.verdict = v
		s.terminal = v.Kind != lang.VerdictContinue && v.Kind != lang.VerdictJump
		s.rest = append(s.rest, f.source(st))
	default:
		return false
	}
	return true
}
