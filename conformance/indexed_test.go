package conformance_test

import (
	"fmt"

	"nfvm/bytecode"
)

// indexAll gives every chain of a program an index over all of its rules, by
// what the rules load, whether that is worth it or not; turn says with which
// of the loads the key begins, as it holds only some.
func indexAll(turn int) func(*bytecode.Program) {
	return func(p *bytecode.Program) {
		for _, t := range p.Tables {
			for _, c := range t.Chains {
				c.Dispatch = nil
				if key := keyOf(t, c, turn); len(key) > 0 {
					c.Dispatch = []bytecode.Dispatch{{Count: uint32(len(c.Rules)), Key: key}}
				}
			}
		}
	}
}

// keyOf gives some different loads of a chain's rules.
func keyOf(t *bytecode.Table, c *bytecode.Chain, turn int) (key []bytecode.Expr) {
	var loads []bytecode.Expr
	for _, r := range c.Rules {
		for _, e := range r.Unpacked().Exprs {
			if l := intoReg1(e); l != nil {
				loads = append(loads, l)
			}
		}
	}
	seen := make(map[string]bool)
	size := uint32(0)
	for i := range loads {
		e := loads[(i+turn)%len(loads)]
		_, writes := bytecode.Registers(t, e)
		name := fmt.Sprintf("%T %v", e, e)
		if n := writes[0].Len; !seen[name] && len(key) < bytecode.MaxDispatchLoads && size+n <= bytecode.MaxDispatchKey {
			seen[name] = true
			key, size = append(key, e), size+n
		}
	}
	return key
}

// intoReg1 is a load that a key may have, into register 1; nil for others.
func intoReg1(e bytecode.Expr) bytecode.Expr {
	switch e := e.(type) {
	case *bytecode.Payload:
		l := *e
		l.DReg = bytecode.Reg1
		return &l
	case *bytecode.Meta:
		l := *e
		l.DReg = bytecode.Reg1
		if l.Key != bytecode.MetaPRandom {
			return &l
		}
	case *bytecode.CT:
		l := *e
		l.DReg = bytecode.Reg1
		return &l
	}
	return nil
}
