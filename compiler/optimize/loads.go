package optimize

import (
	"nfvm/bytecode"
	"nfvm/classify"
)

// loads skips loads of what the register holds already:
//
//	table ip6 t { chain c { ip6 saddr >= fd00::1 ip6 saddr <= fd00::9 drop } }
//
//	  [ payload load 16b @ network header + 8 => reg 1 ]
//	  [ cmp gte reg 1 0x000000fd 0x00000000 0x00000000 0x01000000 ]
//	  [ payload load 16b @ network header + 8 => reg 1 ] skipped
//	  [ cmp lte reg 1 0x000000fd 0x00000000 0x00000000 0x09000000 ]
//	  [ immediate reg 0 drop ]
//
// Short loads are left alone: the machine joins each with its test. Among rules
// nothing is gained either: dispatch reads what a run of rules has in common
// once for all of them.
func loads(t *bytecode.Table, r *bytecode.Rule) {
	for _, n := range classify.Held(t, r) {
		if costly(t, r.Exprs[n]) {
			trySkip(t, r, n)
		}
	}
}

// costly tells the loads that are not joined with a test.
func costly(t *bytecode.Table, e bytecode.Expr) bool {
	const word = 8
	switch e := e.(type) {
	case *bytecode.Payload:
		return e.Len > word
	case *bytecode.CT:
		return e.Key.Len(t.Family) > word
	case *bytecode.Meta:
		return false
	}
	return true
}
