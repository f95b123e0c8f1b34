package conformance_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/conformance/engine"
	"nfvm/conformance/gen"
	"nfvm/diag"
	"nfvm/lang"
	nftjson "nfvm/lang/json"
	"nfvm/listing"
)

// A form is a way in which a ruleset is printed.
type form struct {
	name  string
	print func(*strings.Builder, *bytecode.Program) error
	parse func(name string, src []byte, opt lang.Options) (*lang.File, diag.List)
}

var forms = []form{
	{"nft 1.0", func(b *strings.Builder, p *bytecode.Program) error { return listing.Ruleset(b, p, options(false)) }, lang.Parse},
	{"nft 1.1", func(b *strings.Builder, p *bytecode.Program) error {
		return listing.Ruleset(b, p, options(true))
	}, lang.Parse},
	{"json", func(b *strings.Builder, p *bytecode.Program) error { return listing.JSON(b, p, options(true)) }, nftjson.Parse},
}

// devices are the interfaces of the generator's host, by index from 1.
var devices = []string{"lo", "ta", "tb"}

func options(newer bool) *listing.Options {
	o := &listing.Options{Newer: newer}
	o.IfaceName = func(index uint32) (string, bool) {
		if index == 0 || int(index) > len(devices) {
			return "", false
		}
		return devices[index-1], true
	}
	return o
}

// compile compiles a text of a form; without a program it says why there is none.
func (f form) compile(src string) (p *bytecode.Program, refused string) {
	file, list := f.parse("rules", []byte(src), lang.Options{})
	res, more := compiler.Compile([]*lang.File{file}, compiler.Options{
		Iface: func(name string) (uint32, bool) {
			i := slices.Index(devices, name)
			return uint32(i + 1), i >= 0
		},
	})
	if list.Append(more); list.HasErrors() {
		return nil, list.String()
	}
	return res.Program, ""
}

// compiled is compile for a text without mistakes.
func (f form) compiled(t *testing.T, src string) *bytecode.Program {
	t.Helper()
	p, refused := f.compile(src)
	if p == nil {
		t.Fatalf("what is printed as %s does not compile: %s", f.name, refused)
	}
	return p
}

func (f form) printed(t *testing.T, p *bytecode.Program) string {
	t.Helper()
	var b strings.Builder
	if err := f.print(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// losesPlace are rules of which nft's listing does not tell all: where the
// protocol was tested (before a reset it leaves the test out, and of two it shows
// one), whether a write of raw bits corrects a checksum, and in which order flags
// were added to a set.
var losesPlace = regexp.MustCompile(`l4proto .*(tcp|udp|th,?|icmp|l4proto) |(tcp|udp|th|icmp) .*(l4proto|tcp reset)|l4proto .*tcp reset|icmp.* th |ct l3proto|(th .port|@.h,[0-9,]+) set|flags .*{`)

// TestRelisted prints random rulesets in every form and compiles what is
// printed. It is printed in the same way from then on, and the same things
// happen to packets, connections, counters and log lines.
func TestRelisted(t *testing.T) {
	first := firstSeed(9_000_000)
	lines, packets := 0, 0
	for n := first; n < first+12; n++ {
		s, _ := plainly(t, n)
		if s == nil {
			continue
		}
		for i, text := range slices.Backward(strings.Split(s.Rules(), "\n")) {
			if losesPlace.MatchString(text) {
				s.DropLine(i + 1)
			}
		}
		program := forms[0].compiled(t, s.Rules())
		for _, f := range forms {
			again := f.compiled(t, f.printed(t, program))
			text := f.printed(t, again)
			if third := f.printed(t, f.compiled(t, text)); third != text {
				t.Errorf("seed %d: printed as %s, compiled and printed: %s", n, f.name, firstLine(text, third))
			}
		}
		text := forms[0].printed(t, program)
		lines += strings.Count(text, "\n")
		packets += len(s.Steps)
		for _, d := range relisted(t, s, n, text) {
			t.Errorf("seed %d: %s", n, d)
		}
	}
	t.Logf("%d lines, %d packets from seed %d", lines, packets, first)
	if lines < 500 || packets < 700 {
		t.Error("too little was compared")
	}
}

// relisted lists what a scenario does otherwise with its rules as they are
// printed.
func relisted(t *testing.T, s *gen.Scenario, seed uint64, text string) []string {
	c := scenarioCase(t, s)
	opt := engine.Options{Seed: seed, Everything: true}
	want, err := engine.RunWith(c, opt)
	if err != nil {
		return nil // a packet of a connection that rules taken out had changed
	}
	c.Rules = text
	got, err := engine.RunWith(c, opt)
	if err != nil {
		return []string{err.Error()}
	}
	want.Counters, got.Counters = counters(want.Ruleset), counters(got.Ruleset)
	want.Ruleset, want.Trace, got.Ruleset, got.Trace = "", nil, "", nil // these hold the text of rules
	return different(want, got)
}

var counter = regexp.MustCompile(`counter packets \d+ bytes \d+`)

// counters are those of a ruleset, in the order of the rules.
func counters(ruleset string) []string { return counter.FindAllString(ruleset, -1) }
