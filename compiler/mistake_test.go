package compiler_test

import (
	"strings"
	"testing"
)

// mistakes are inputs with the beginning of each message they must give, in
// order.
var mistakes = []struct {
	name, src string
	want      []string
}{
	{"several in one run", "table ip t {\n\tchain c {\n\t\ttcp dport 70000 accept\n\t\tudp dport abc accept\n\t\tip saddr @x drop\n\t}\n}\n",
		[]string{"3:13-17: Error: Service out of range",
			"4:13-15: Error: Could not resolve service: Servname not supported for ai_socktype",
			"5:12-13: Error: Could not process rule: No such file or directory: set x does not exist in table ip t"}},
	{"nearest chain", "table ip t {\n\tchain input { }\n\tchain c { jump inptu; }\n}\n",
		[]string{"3:17-21: Error: No such file or directory; did you mean chain ‘input’ in table ip ‘t’?"}},
	{"conflicting protocols", "table inet t {\n\tchain c {\n\t\ttcp dport 22 udp sport 53 accept\n\t}\n}\n",
		[]string{"3:16-24: Error: conflicting protocols specified: tcp vs. udp"}},
	{"other family", "table ip t {\n\tchain c {\n\t\tip6 saddr ::1 accept\n\t}\n}\n",
		[]string{"3:3-11: Error: conflicting protocols specified: ip vs. ip6"}},
	{"range reversed", "table ip t {\n\tchain c {\n\t\ttcp dport 2000-1000 accept\n\t}\n}\n",
		[]string{"3:13-21: Error: Range has zero or negative size"}},
	{"prefix too long", "table ip t {\n\tchain c {\n\t\tip saddr 10.0.0.0/33 accept\n\t}\n}\n",
		[]string{"3:12-22: Error: Prefix length 33 is invalid for type of 32 bits width"}},
	{"set type", "table ip t {\n\tset s {\n\t\ttype inet_service\n\t}\n\tchain c {\n\t\tip saddr @s drop\n\t}\n}\n",
		[]string{"6:12-13: Error: datatype mismatch, expected IPv4 address, expression has type internet network service"}},
	{"singleton concatenation", "table ip t {\n\tchain c {\n\t\ttcp sport . tcp dport 1 . 2 accept\n\t}\n}\n",
		[]string{"3:3-23: Error: Use concatenations with sets and maps, not singleton values"}},
	{"overlap", "table ip t {\n\tset s {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t\telements = { 10.0.0.0/8, 10.1.0.0/16 }\n\t}\n}\n",
		[]string{"5:28-38: Error: conflicting intervals specified"}},
	{"no interval flag", "table ip t {\n\tset s { type ipv4_addr; elements = { 10.0.0.0/8 }; }\n}\n",
		[]string{"2:39-48: Error: You must add 'flags interval' to your set declaration if you want to add prefix elements"}},
	{"verdict map conflict", "table ip t {\n\tchain c {\n\t\ttcp dport vmap { 22 : accept, 22 : drop }\n\t}\n}\n",
		[]string{"3:33-34: Error: Could not process rule: File exists"}},
	{"loop", "table ip t {\n\tchain base {\n\t\ttype filter hook input priority 0;\n\t\tjump a\n\t}\n\tchain a {\n\t\tjump b\n\t}\n\tchain b {\n\t\tjump a\n\t}\n}\n",
		[]string{"10:8-8: Error: Could not process rule: Too many links"}},
	{"jump to base chain", "table ip t {\n\tchain b { type filter hook input priority 0; }\n\tchain c {\n\t\tjump b\n\t}\n}\n",
		[]string{"4:8-8: Error: Could not process rule: Operation not supported"}},
	{"nat in filter chain", "table ip t {\n\tchain c {\n\t\ttype filter hook prerouting priority 0;\n\t\tdnat to 10.0.0.1\n\t}\n}\n",
		[]string{"4:3-18: Error: Could not process rule: Operation not supported"}},
	{"map to ports", "table ip t {\n\tchain c {\n\t\tcounter dnat ip to numgen inc mod 2 map { 0 : 10.0.0.1 . 80 }\n\t}\n}\n",
		[]string{"3:22-63: Error: transport protocol mapping is only valid after transport protocol match"}},
	{"after a verdict", "table ip t {\n\tchain c {\n\t\taccept counter\n\t}\n}\n",
		[]string{"3:10-16: Error: Statement after terminal statement has no effect"}},
	{"nearest key", "table ip t {\n\tchain c {\n\t\tct state establishd accept\n\t}\n}\n",
		[]string{"3:12-21: Error: Could not parse conntrack state; did you mean ‘established’?"}},
	{"level and group", "table ip t {\n\tchain c {\n\t\tlog level info group 2 accept\n\t}\n}\n",
		[]string{"3:3-24: Error: level and group are mutually exclusive"}},
	// A mistake in a declaration has no others behind it.
	{"names too many", "table ip ip nat {\n\tchain chain pre {\n\t}\n\tchain c { jump pre; }\n}\n",
		[]string{"1:10-11: Error: syntax error, unexpected ip, expecting string: a keyword", "2:8-12: Error: syntax error, unexpected chain"}},
	{"no kind", "table ip t {\n\tbadhosts { type ipv4_addr; }\n\tcoming in {\n\t}\n\tchain c {\n\t\tip saddr @badhosts jump in\n\t\tip daddr @badhost drop\n\t}\n}\n",
		[]string{"2:2-9: Error: syntax error, unexpected string", "3:2-7: Error: syntax error, unexpected string", "7:12-19: Error: Could not process rule: No such file"}},
	{"hook line", "table ip t {\n\tchain c {\n\t\ttye filter hook input priority 0; policy drop;\n\t}\n}\n",
		[]string{"3:3-5: Error: syntax error, unexpected string 'tye'"}},
	{"flags line", "table ip t {\n\tset s {\n\t\ttype ipv4_addr\n\t\tinterval\n\t\telements = { 10.0.0.0/8, 10.0.0.0/9 timeout 1h }\n\t}\n}\n",
		[]string{"4:3-10: Error: syntax error, unexpected interval"}},
	// Braces that do not pair.
	{"chain not closed", "table ip t {\n\tchain a {\n\t\taccept\n\tchain b {\n\t\ttcp dprt 1\n\t}\n\tchain c {\n\t\tjump b\n\t}\n}\n",
		[]string{"4:2-6: Error: syntax error, unexpected chain", "5:7-10: Error: syntax error, unexpected string 'dprt'"}},
	{"elements not closed", "table ip t {\n\tset a {\n\t\ttype ipv4_addr\n\t\telements = { 1.1.1.1,\n\t\t\t1.1.1.2\n\t}\n\tchain b {\n\t\tip saddr @a drop\n\t}\n\tchain c {\n\t\tjump b\n\t}\n}\n",
		[]string{"7:2-6: Error: syntax error, unexpected chain"}},
	{"table not closed", "table ip t {\n\tchain a {\n\t\taccept\n\t}\n\ntable ip u {\n\tchain a {\n\t\taccept\n\t}\n}\nadd rule ip u a drop\n",
		[]string{"6:1-5: Error: syntax error, unexpected table"}},
	{"element command not closed", "table ip t { set s { type mark; } ; }\nadd element ip t s { 1\nadd element ip t s { 2 }\n",
		[]string{"3:1-3: Error: syntax error, unexpected add"}},
	{"chain declared again with a mistake", "add table ip t\nadd chain ip t c\nadd chain ip t c { type filter hok input priority 0; policy accept; }\n",
		[]string{"3:32-34: Error: syntax error, unexpected string 'hok'"}},
	{"chain declared again after a mistake", "table ip t {\n\tchain c { type filter hook inptu priority 0; }\n\tchain c { type filter hook input priority 0; policy accept; }\n}\n",
		[]string{"2:29-33: Error: unknown chain hook"}},
	{"one brace too many opens", "table ip t { {\n\tchain a {\n\t\taccept\n\t}\n\tchain b {\n\t\taccept\n\t}\n}\n",
		[]string{"1:14-14: Error: syntax error, unexpected '{'"}},
	{"one brace too many closes", "table ip t {\n\tchain a {\n\t\ttcp dport { 1, 2 } } accept\n\t\tip saddr 1.1.1.1 drop\n\t}\n\tchain b {\n\t\tjump a\n\t}\n}\n",
		[]string{"3:22-22: Error: syntax error, unexpected '}'"}},
	{"no table", "add chain ip t c\n", []string{"1:14-14: Error: Could not process rule: No such file or directory: table ip t does not exist"}},
	{"busy", "table ip t {\n\tchain a { }\n\tchain b { jump a; }\n}\ndelete chain ip t a\n",
		[]string{"5:19-19: Error: Could not process rule: Device or resource busy"}},
}

func TestMistakes(t *testing.T) {
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			_, errs := compile("in.nft", m.src)
			var got []string
			for _, line := range strings.Split(errs, "\n") {
				if strings.Contains(line, ": Error: ") {
					got = append(got, strings.TrimPrefix(line, "in.nft:"))
				}
			}
			if len(got) != len(m.want) {
				t.Fatalf("got %d errors, want %d:\n%s", len(got), len(m.want), errs)
			}
			for i := range got {
				if !strings.HasPrefix(got[i], m.want[i]) {
					t.Errorf("got  %s\nwant %s", got[i], m.want[i])
				}
			}
		})
	}
}
