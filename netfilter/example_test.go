package netfilter_test

import (
	"fmt"
	"log"

	"nfvm/compiler"
	"nfvm/host"
	"nfvm/lang"
	"nfvm/netfilter"
)

// A program embeds the firewall: it gives frames, and is told what became of
// each and which rule decided.
func Example() {
	src := []byte(`table ip filter {
	chain forward {
		type filter hook forward priority filter; policy drop;
		udp dport 53 accept
	}
}`)
	file, errs := lang.Parse("rules.nft", src, lang.Options{})
	if errs.HasErrors() {
		log.Fatal(errs)
	}
	compiled, errs := compiler.Compile([]*lang.File{file}, compiler.Options{})
	if errs.HasErrors() {
		log.Fatal(errs)
	}
	h := host.Implicit() // forwards between its two interfaces
	lan, _ := h.EnsureLink("lan0", false), h.EnsureLink("wan0", false)
	engine, err := netfilter.New(h, netfilter.Options{Sink: netfilter.SinkFunc(func(o *netfilter.Outcome) {
		fmt.Println(o.Kind, o.Decision.Verdict, o.Decision.Rule != nil)
	})})
	if err != nil {
		log.Fatal(err)
	}
	if err := engine.Load(compiled.Program); err != nil {
		log.Fatal(err)
	}
	dns := []byte{0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0x66, 0xce, 10, 0, 0, 1, 10, 0, 0, 2, 4, 87, 0, 53, 0, 8, 0, 0}
	ntp := append([]byte{}, dns...)
	ntp[23] = 123
	engine.Process(&netfilter.Frame{Number: 1, Link: lan, Time: 1, Data: dns})
	engine.Process(&netfilter.Frame{Number: 2, Link: lan, Time: 2, Data: ntp})
	// Output:
	// sent accept true
	// dropped drop false
}
