package optimize

import (
	"nfvm/bytecode"
	"nfvm/classify"
)

// deadTests skips tests that can't fail where they stand, and the loads and
// masks that only they need:
//
//	table ip t { chain c { ip saddr 10.0.0.1 ip saddr 10.0.0.0/8 drop } }
//
//	  [ payload load 4b @ network header + 12 => reg 1 ]
//	  [ cmp eq reg 1 0x0100000a ]
//	  [ payload load 1b @ network header + 12 => reg 1 ] skipped
//	  [ cmp eq reg 1 0x0000000a ]                        skipped: 10.0.0.1 is in 10.0.0.0/8
//	  [ immediate reg 0 drop ]
func deadTests(t *bytecode.Table, r *bytecode.Rule) {
	tests := classify.Implied(t, r)
	if len(tests) == 0 || !trySkip(t, r, tests...) {
		return
	}
	for i := len(r.Exprs) - 1; i >= 0; i-- {
		switch r.Exprs[i].(type) {
		case *bytecode.Payload, *bytecode.Meta, *bytecode.CT, *bytecode.Bitwise:
			trySkip(t, r, i)
		}
	}
}
