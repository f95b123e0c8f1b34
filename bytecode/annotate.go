package bytecode

import (
	"fmt"
	"strings"
)

// Annotations say how a program may be run faster. They change nothing of what
// it does: what runs a program proves them first, and may leave them out.

// A Dispatch says that rules of a chain are worth an index: of Count rules from
// number First (from 0) on, only those need a look that the values of Key allow.
// Key are payload, meta and ct loads, each into register 1. The index itself is
// made from the rules when the program is loaded.
type Dispatch struct {
	First, Count uint32
	Key          []Expr
}

// Bounds of a dispatch's key: how many loads, and how many bytes together.
const (
	MaxDispatchLoads = 16
	MaxDispatchKey   = 64
)

func codeDispatch(c *coder, d *Dispatch) {
	num(c, &d.First)
	num(c, &d.Count)
	codeExprs(c, &d.Key)
}

func codeIndex(c *coder, n *uint32) { num(c, n) }

// dispatches checks the annotations of a chain.
func (v *verifier) dispatches(c *Chain) error {
	end := uint64(0)
	for i := range c.Dispatch {
		d := &c.Dispatch[i]
		first := uint64(d.First)
		if d.Count == 0 || first < end || first+uint64(d.Count) > uint64(len(c.Rules)) {
			return v.errorf("dispatch of %d rules from %d on, where %d are left", d.Count, d.First, max(uint64(len(c.Rules)), end)-end)
		}
		end = first + uint64(d.Count)
		if err := v.dispatchKey(d.Key); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) dispatchKey(key []Expr) error {
	if len(key) == 0 || len(key) > MaxDispatchLoads {
		return v.errorf("dispatch by %d loads", len(key))
	}
	size := uint32(0)
	for _, e := range key {
		switch e := e.(type) {
		case *Payload, *CT:
		case *Meta:
			if e.Key == MetaPRandom {
				return v.errorf("dispatch by a random number")
			}
		default:
			return v.errorf("dispatch by %T", e)
		}
		if err := v.expr(e); err != nil {
			return err
		}
		_, writes := Registers(v.t, e)
		if len(writes) != 1 || writes[0].Reg != Reg1 || writes[0].Len > MaxDispatchKey {
			return v.errorf("dispatch by a load into another register than 1")
		}
		size += writes[0].Len
	}
	if size > MaxDispatchKey {
		return v.errorf("dispatch by %d bytes", size)
	}
	return nil
}

// skips checks that the expressions a rule skips are there, in order.
func (v *verifier) skips(r *Rule) error {
	for i, n := range r.Skip {
		if uint64(n) >= uint64(len(r.Exprs)) || i > 0 && n <= r.Skip[i-1] {
			return v.errorf("the rule skips expression %d of %d", uint64(n)+1, len(r.Exprs))
		}
	}
	return nil
}

// String is a line for people: "rules 1-1000 by payload 4b @ network header +
// 12, meta l4proto", with rules counted from 1.
func (d *Dispatch) String() string {
	var names []string
	for _, e := range d.Key {
		s := strings.TrimSuffix(strings.TrimPrefix(e.String(), "[ "), " => reg 1 ]")
		names = append(names, strings.Replace(s, " load ", " ", 1))
	}
	return fmt.Sprintf("rules %d-%d by %s", uint64(d.First)+1, uint64(d.First)+uint64(d.Count), strings.Join(names, ", "))
}

// Annotations are the annotations of a chain as comment lines, and those of a
// rule; empty where there are none.
func (c *Chain) Annotations() string {
	var b strings.Builder
	for i := range c.Dispatch {
		fmt.Fprintf(&b, "# chain %s: dispatch %s\n", c.Name, &c.Dispatch[i])
	}
	return b.String()
}

// Annotations are the rule's annotations as a comment line.
func (r *Rule) Annotations() string {
	if len(r.Skip) == 0 {
		return ""
	}
	var names []string
	for _, n := range r.Skip {
		names = append(names, fmt.Sprint(uint64(n)+1))
	}
	return "  # skipped: expression " + strings.Join(names, ", ") + "\n"
}

// Dump is the listing of all sets and rules of a program, with what the
// optimiser says about them in lines that begin with #.
func Dump(p *Program) string {
	var b strings.Builder
	for _, t := range p.Tables {
		for _, s := range t.Sets {
			b.WriteString(SetListing(t.Name, s))
		}
		for _, c := range t.Chains {
			b.WriteString(c.Annotations())
			for _, r := range c.Rules {
				b.WriteString(strings.TrimSuffix(RuleListing(t.Family, t.Name, c.Name, r), "\n") + r.Annotations() + "\n")
			}
		}
	}
	return b.String()
}
