package lang

import (
	"strings"
	"testing"
)

func TestScan(t *testing.T) {
	for _, c := range []struct {
		in   string
		want string // kinds and texts
	}{
		{"ip saddr", "w:ip w:saddr"},
		{"eth0.5 a/b-c_d .x ..", "w:eth0.5 w:a/b-c_d w:.x w:.."},
		{". a . b", "op:. w:a op:. w:b"},
		{"eth* eth\\* \\* a\\*b", "ast:eth* ast:eth\\* ast:\\* ast:a\\*b"},
		{`"a b" "c`, `q:"a b" junk:" w:c`},
		{"22 022 0x1F 08 99999999999999999999", "n:22 n:022 n:0x1F big:08 big:99999999999999999999"},
		{"8021q 8021ad 8021x", "w:8021q w:8021ad n:8021 w:x"},
		{"1d2h3m4s5ms 10ms 5m 5x 1s1d", "t:1d2h3m4s5ms t:10ms t:5m n:5 w:x t:1s t:1d"},
		{"10.0.0.1/8 10.0.0 1.2.3.4.5", "ip:10.0.0.1 op:/ n:8 n:10 w:.0.0 ip:1.2.3.4 w:.5"},
		{"10.0.0.1-10.0.0.9", "ip:10.0.0.1 op:- ip:10.0.0.9"},
		{"::", "ip6:::"}, {"::1", "ip6:::1"}, {"fe80::/10", "ip6:fe80:: op:/ n:10"},
		{"1:2:3:4:5:6:7:8", "ip6:1:2:3:4:5:6:7:8"}, {"1:2:3:4:5:6:7::", "ip6:1:2:3:4:5:6:7::"},
		{"::ffff:1.2.3.4", "ip6:::ffff:1.2.3.4"}, {"64:ff9b::1.2.3.4/96", "ip6:64:ff9b::1.2.3.4 op:/ n:96"},
		{"[fd00::1]:80", "ip6:[fd00::1] op:: n:80"}, {"addr[1]", "w:addr op:[ n:1 op:]"},
		{"0:11:2:aa:Bb:cc", "mac:0:11:2:aa:Bb:cc"}, {"00:11:22:33:44", "class:00:11 op:: class:22:33 op:: n:44"},
		{"1:2 ", "class:1:2"}, {"80:10.0.0.1", "n:80 op:: ip:10.0.0.1"}, {"1:2;", "n:1 op:: n:2 op:;"},
		{"dead:beef,", "class:dead:beef op:,"},
		{"a == b != c <= d >= e < f > g << h >> i", "w:a op:== w:b op:!= w:c op:<= w:d op:>= w:e op:< w:f op:> w:g op:<< w:h op:>> w:i"},
		{"eq ne and or xor not lshift rshift", "op:eq op:ne op:and op:or op:xor op:not op:lshift op:rshift"},
		{"a # b\nc", "w:a op:\n w:c"}, {"a\n# b\nc", "w:a op:\n w:c"}, {"  # x", ""}, {"a \\\n b", "w:a w:b"},
		{"a\r\nb\r", "w:a op:\n w:b junk:\r"}, {"a\x00é", "w:a junk:\x00 junk:\xc3 junk:\xa9"},
		{"$a @b +5 -5 *", "op:$ w:a op:@ w:b op:+ n:5 op:- n:5 op:*"},
	} {
		var got []string
		for _, tok := range scan(c.in) {
			if tok.kind != tEOF {
				got = append(got, kindTag(tok.kind)+":"+c.in[tok.start:tok.end])
			}
		}
		if g := strings.Join(got, " "); g != c.want {
			t.Errorf("scan(%q)\n got %q\nwant %q", c.in, g, c.want)
		}
	}
}

func kindTag(k kind) string {
	switch k {
	case tWord:
		return "w"
	case tQuoted:
		return "q"
	case tAsterisk:
		return "ast"
	case tNumber:
		return "n"
	case tBigNumber:
		return "big"
	case tIPv4:
		return "ip"
	case tIPv6:
		return "ip6"
	case tMAC:
		return "mac"
	case tTime:
		return "t"
	case tClassID:
		return "class"
	case tJunk:
		return "junk"
	}
	return "op"
}

// TestPlaces checks the columns of nodes.
func TestPlaces(t *testing.T) {
	src := "table inet t {\n\tchain c {\n\t\tip saddr . tcp dport { 10.0.0.1 . 22-80 } counter accept comment \"x\" # no\n\t}\n}\n"
	f, d := Parse("in", []byte(src), Options{})
	if len(d.Items) > 0 {
		t.Fatal(d.String())
	}
	rule := f.Commands[0].(*TableCmd).Body.Items[0].(*Chain).Rules[0]
	m := rule.Stmts[0].(*Match)
	set := m.Right.(*SetLit)
	for _, c := range []struct {
		n    Node
		want string
	}{
		{rule, `ip saddr . tcp dport { 10.0.0.1 . 22-80 } counter accept comment "x"`},
		{m, "ip saddr . tcp dport { 10.0.0.1 . 22-80 }"},
		{m.Left, "ip saddr . tcp dport"},
		{m.Left.(*Concat).Parts[1], "tcp dport"},
		{set, "{ 10.0.0.1 . 22-80 }"},
		{set.Elems[0], "10.0.0.1 . 22-80"},
		{set.Elems[0].Key.(*Concat).Parts[1], "22-80"},
		{rule.Stmts[1], "counter"},
	} {
		if got := string(f.Sources.Text(c.n.At())); got != c.want {
			t.Errorf("%T: %q, want %q", c.n, got, c.want)
		}
	}
	p := f.Sources.Position(m.Left.(*Concat).Parts[1].At())
	if p.Line != 3 || p.Col != 14 || p.EndLine != 3 || p.EndCol != 22 || p.File != "in" {
		t.Errorf("position %+v", p)
	}
}

// TestMulti shares one address space between two inputs.
func TestMulti(t *testing.T) {
	f, _ := Parse("one", []byte("table t\n"), Options{})
	g, d := Parse("two", []byte("tabel t x y\n"), Options{Sources: f.Sources})
	if g.Sources != f.Sources || !strings.HasPrefix(d.String(), "two:1:1-5: Error: ") {
		t.Error(d.String())
	}
}

// TestDefinition reads through the participle lexer as a parser would.
func TestDefinition(t *testing.T) {
	lex, err := definition{}.Lex("in", strings.NewReader("hook input"))
	if err != nil {
		t.Fatal(err)
	}
	a, _ := lex.Next()
	b, _ := lex.Next()
	c, _ := lex.Next()
	if a.Value != "hook" || b.Value != "input" || b.Pos.Offset != 5 || !c.EOF() {
		t.Error(a, b, c)
	}
}

// TestLinear checks that broken input costs no more than its length.
func TestLinear(t *testing.T) {
	for _, unit := range []string{"add rule t c tcp dport {\n", "add rule t c tcp dport {,\n", "table t { chain c {\n", "x {\n", "}\n",
		"define a = $b\n", "add rule t c ip saddr $x\n", "table t { chain c { type filter hook { \n", "\"\n", "(", "{", "jump {\n"} {
		_, d := Parse("in", []byte(strings.Repeat(unit, 5000)), Options{})
		if len(d.Items) == 0 {
			t.Errorf("%q repeated is accepted", unit)
		}
	}
}
