package vm

import (
	"fmt"

	"nfvm/bytecode"
	"nfvm/nf"
)

// Two packets through a chain that drops DNS. The world (time, connections,
// routes) is an Env, here one for tests.
func Example() {
	dropDNS := []bytecode.Expr{
		&bytecode.Meta{Key: bytecode.MetaL4Proto, DReg: 1},
		&bytecode.Cmp{Op: bytecode.CmpEq, SReg: 1, Data: []byte{nf.ProtoUDP}},
		&bytecode.Payload{Base: bytecode.PayloadTransport, Offset: 2, Len: 2, DReg: 1},
		&bytecode.Cmp{Op: bytecode.CmpEq, SReg: 1, Data: []byte{0, 53}},
		&bytecode.Counter{},
		&bytecode.Immediate{Verdict: nf.Drop},
	}
	rules, err := Load(program(dropDNS), Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	m := NewMachine(newWorld())
	for _, port := range []uint16{53, 123} {
		p := parsed(ipv4(nf.ProtoUDP, udp(40000, port, 20)))
		for _, chain := range rules.BaseChains(p.Family, nf.HookPrerouting) {
			fmt.Println(port, m.Run(chain, p, nf.HookPrerouting))
		}
	}
	fmt.Println(rules.Snapshot(0).Tables[0].Chains[0].Rules[0].Exprs[4])
	// Output:
	// 53 drop
	// 123 accept
	// [ counter pkts 1 bytes 48 ]
}
