package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestLargeMistakes finds in a large text, part of which is parsed while it is
// compiled, what is found in it otherwise.
func TestLargeMistakes(t *testing.T) {
	var b strings.Builder
	b.WriteString("table ip t {\n chain c {\n")
	for i := range 5000 {
		switch i {
		case 3000:
			b.WriteString("  tcp dport { 1, 70000 } accept\n")
		case 3001:
			b.WriteString("  tcp dport 22 acept\n  ip saddr @nothing drop\n")
		}
		fmt.Fprintf(&b, "  tcp dport %d counter accept\n", i+1)
	}
	b.WriteString(" }\n}\n")
	in := write(t, "rules.nft", b.String())
	code, _, quick := runWith("", "-c", in)
	if code != 1 || !strings.Contains(quick, "rules.nft:3003:18-22: Error: Service out of range") {
		t.Errorf("got %d %.1000s", code, quick)
	}
	if _, _, slow := runWith("", "--debug=netlink", in); quick != slow {
		t.Errorf("the messages of a quick run differ:\n%.1000s\n%.1000s", quick, slow)
	}
}
