package compiler

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"nfvm/bytecode"
	"nfvm/lang"
)

// mixedRules are rules of which some change the state of the transaction, and,
// if bad, some have mistakes.
func mixedRules(n int, bad bool) string {
	var b strings.Builder
	b.WriteString(`table inet t {
 counter n { packets 0 bytes 0; }
 set s { type ipv4_addr; flags dynamic; }
 set d { type ipv4_addr; }
 map m { type inet_service : verdict; elements = { 22 : jump low } }
 chain low { counter; }
 chain c {
  type filter hook input priority 0
`)
	for i := range n {
		switch i % 11 {
		case 0:
			fmt.Fprintf(&b, "tcp dport { %d, %d } ip saddr != { 10.0.0.0/8, 192.168.0.%d } accept\n", i, i+1, i%256)
		case 1:
			fmt.Fprintf(&b, "tcp dport vmap { %d : jump low, %d : drop }\n", i, i+1)
		case 2:
			fmt.Fprintf(&b, "add @d { ip saddr } counter\n")
		case 3:
			fmt.Fprintf(&b, "tcp dport { 1, 2 } jump { udp sport { %d, 9 } accept; counter; }\n", i)
		case 4:
			fmt.Fprintf(&b, "counter name n tcp dport vmap @m\n")
		case 5:
			fmt.Fprintf(&b, "meter m%d { ip saddr limit rate 1/second } accept\n", i%4)
		case 6:
			fmt.Fprintf(&b, "mark set tcp dport map { %d : 1, %d : 2 } comment \"rule %d\"\n", i, i+1, i)
		case 7:
			fmt.Fprintf(&b, "ip saddr @s update @s { ip saddr } accept\n")
		case 8:
			if bad {
				fmt.Fprintf(&b, "ip saddr @unknown%d accept\n", i)
			}
		default:
			fmt.Fprintf(&b, "iifname \"eth%d\" ip6 saddr fd00::%x   log prefix \"x \" # why\n", i%9, i)
		}
	}
	b.WriteString(" }\n}\n")
	for i := range n {
		fmt.Fprintf(&b, "add rule inet t low tcp sport { %d, 7 } return\n", i)
	}
	if bad {
		b.WriteString("add rule inet t lwo accept\n")
	}
	return b.String()
}

// Rules compiled ahead of their turn are those compiled in it: the program, the
// listing, and the mistakes in their order.
func TestRulesAhead(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, bad := range []bool{false, true} {
		src := []byte(mixedRules(1500, bad))
		var programs, texts [2]string
		for i, procs := range []int{1, 4} {
			runtime.GOMAXPROCS(procs)
			f, list := lang.Parse("rules.nft", bytes.Clone(src), lang.Options{})
			res, more := Compile([]*lang.File{f}, Options{Level: 1})
			list.Append(more)
			texts[i] = list.String()
			if list.HasErrors() != bad {
				t.Fatalf("errors with %d processors:\n%.1000s", procs, texts[i])
			}
			if bad {
				continue
			}
			data, err := bytecode.Encode(res.Program)
			if err != nil {
				t.Fatal(err)
			}
			programs[i], texts[i] = string(data), texts[i]+res.Listing()
		}
		if programs[0] != programs[1] || texts[0] != texts[1] {
			t.Errorf("with mistakes %v: several processors make another program, or other messages", bad)
		}
	}
}

// A program of which the rules are parsed later and settled early is the same,
// also where commands change sets and rules that stand already.
func TestRulesSettledEarly(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, end := range []string{"", "delete set inet t unused\nrename chain inet t low lower\nadd rule inet t c jump lower\n"} {
		src := strings.Replace(mixedRules(3000, false), " set s {", " set unused { type mark; }\n set s {", 1) + end
		compile := func(consume bool) []byte {
			f, list := lang.Parse("rules.nft", []byte(src), lang.Options{Later: consume})
			res, more := Compile([]*lang.File{f}, Options{Level: 1, Consume: consume})
			list.Append(more)
			if list.HasErrors() || f.Later != consume {
				t.Fatalf("%.1000s", list.String())
			}
			data, err := bytecode.Encode(res.Program)
			if err != nil {
				t.Fatal(err)
			}
			return data
		}
		want := compile(false)
		for _, procs := range []int{1, 4} {
			runtime.GOMAXPROCS(procs)
			if !bytes.Equal(compile(true), want) {
				t.Errorf("with %d processors and %q at the end the program differs", procs, end)
			}
		}
	}
}
