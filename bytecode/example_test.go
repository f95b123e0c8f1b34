package bytecode_test

import (
	"fmt"

	"nfvm/bytecode"
	"nfvm/nf"
)

// A rule as nft --debug=netlink prints it.
func ExampleRuleListing() {
	r := &bytecode.Rule{Exprs: []bytecode.Expr{
		&bytecode.Meta{Key: bytecode.MetaL4Proto, DReg: bytecode.Reg1},
		&bytecode.Cmp{Op: bytecode.CmpEq, SReg: bytecode.Reg1, Data: []byte{nf.ProtoTCP}},
		&bytecode.Immediate{DReg: bytecode.RegVerdict, Verdict: nf.Jump, Chain: "web"},
	}}
	fmt.Print(bytecode.RuleListing(nf.FamilyInet, "filter", "input", r))
	// Output:
	// inet filter input
	//   [ meta load l4proto => reg 1 ]
	//   [ cmp eq reg 1 0x00000006 ]
	//   [ immediate reg 0 jump -> web ]
}

// A program goes to a rules.bin file and comes back; what comes from a file is
// verified before it is used.
func Example() {
	p := &bytecode.Program{Tables: []*bytecode.Table{{
		Family: nf.FamilyInet, Name: "filter",
		Chains: []*bytecode.Chain{{Name: "input", Rules: []*bytecode.Rule{{
			Exprs: []bytecode.Expr{&bytecode.Immediate{Verdict: nf.Goto, Chain: "nowhere"}},
		}}}},
	}}}
	file, err := bytecode.Encode(p)
	if err != nil {
		fmt.Println(err)
	}
	q, err := bytecode.Decode(file)
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(bytecode.Verify(q))
	// Output:
	// table inet filter, chain input, rule 1: chain nowhere does not exist
}
