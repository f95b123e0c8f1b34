package listing

import (
	"slices"

	"nfvm/bytecode"
)

// present is what a table had before.
type present struct {
	handles  map[uint64]bool
	elements map[string]map[string]bool // of sets by name: keys
}

// newPresent gives what a program has of a table, nil if it has none.
func newPresent(t *bytecode.Table, before *bytecode.Program) *present {
	if before == nil {
		return nil
	}
	i := slices.IndexFunc(before.Tables, func(o *bytecode.Table) bool {
		return o.Family == t.Family && o.Name == t.Name && o.Handle == t.Handle
	})
	if i < 0 {
		return nil
	}
	have := &present{handles: map[uint64]bool{}, elements: map[string]map[string]bool{}}
	old := before.Tables[i]
	for _, c := range old.Chains {
		have.handles[c.Handle] = true
		for _, r := range c.Rules {
			have.handles[r.Handle] = true
		}
	}
	for _, o := range old.Objects {
		have.handles[o.Handle] = true
	}
	for _, f := range old.Flowtables {
		have.handles[f.Handle] = true
	}
	for _, s := range old.Sets {
		have.handles[s.Handle] = true
		keys := make(map[string]bool, len(s.Elements))
		for i := range s.Elements {
			keys[elementKey(&s.Elements[i])] = true
		}
		have.elements[s.Name] = keys
	}
	return have
}

// elementKey tells elements of a set apart.
func elementKey(e *bytecode.Element) string {
	kind := "="
	switch {
	case e.CatchAll:
		kind = "*"
	case e.IntervalEnd:
		kind = ")"
	}
	return kind + string(e.Key) + string(e.KeyEnd)
}

// newElements are the elements that a set did not have, in the order in which
// they are sent to the kernel: intervals sorted, others as written. Their time has
// just begun.
func newElements(s *bytecode.Set, have *present, newer bool) []element {
	sh := shapeOf(s, nil)
	var all []element
	if s.Flags&bytecode.SetInterval != 0 && !sh.concat {
		all = sh.elements(newer)
	} else {
		all = sh.unsorted()
	}
	known := have.elements[s.Name]
	all = slices.DeleteFunc(all, func(e element) bool { return known[elementKey(e.el)] })
	for i := range all {
		all[i].el = timed(s, all[i].el)
	}
	return all
}

// timed is an element as the kernel has it at first: all its time is left.
func timed(s *bytecode.Set, e *bytecode.Element) *bytecode.Element {
	left := s.Timeout
	if e.HasTimeout {
		left = e.Timeout
	}
	if left == 0 || e.Expires != 0 {
		return e
	}
	c := *e
	c.Expires = left
	return &c
}

// A rulePlace is the command that puts a rule where it is.
type rulePlace struct {
	verb   string // add, or insert for what came before older rules
	behind uint64 // of a rule that is neither first nor last: the handle before it
}

// rulePlaces gives the commands of a chain's rules. The kernel tells of a rule
// which one it stands behind now (nf_tables_fill_rule_info).
func rulePlaces(c *bytecode.Chain) []rulePlace {
	out := make([]rulePlace, len(c.Rules))
	oldest := ^uint64(0) // of those behind
	for i := len(c.Rules) - 1; i >= 0; i-- {
		r := c.Rules[i]
		out[i].verb = "add"
		if oldest < r.Handle {
			out[i].verb = "insert"
		}
		oldest = min(oldest, r.Handle)
		if i > 0 && i < len(c.Rules)-1 {
			out[i].behind = c.Rules[i-1].Handle
		}
	}
	return out
}
