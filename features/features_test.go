package features

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/diag"
	"nfvm/host"
	"nfvm/internal/nft"
	"nfvm/lang"
	"nfvm/lang/iptables"
	nftjson "nfvm/lang/json"
	"nfvm/listing"
	"nfvm/netfilter"
)

var update = flag.Bool("update", false, "record listings from the local nft, refusals from ourselves, and write the tables")

// TestProbes holds every probe to its expectations.
func TestProbes(t *testing.T) {
	for _, file := range archives(t) {
		ar, all, err := probesOf(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			t.Run(p.ids[0], func(t *testing.T) { p.run(t) })
		}
		if *update {
			if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// parseRules reads a text as nft's, or as what iptables-save and its sisters print.
func parseRules(src string) (*lang.File, diag.List) {
	if tool := iptables.Tool([]byte(src)); tool != "" {
		return iptables.Parse(tool+".rules", []byte(src), iptables.Options{Family: iptables.Family(tool)})
	}
	if nftjson.Looks([]byte(src)) {
		return nftjson.Parse("rules.json", []byte(src), lang.Options{})
	}
	return lang.Parse("rules.nft", []byte(src), lang.Options{})
}

// compile compiles a text on a host whose only interface is lo and whose only
// user is root.
func compile(src string) (*compiler.Result, string) {
	f, list := parseRules(src)
	res, more := compiler.Compile([]*lang.File{f}, compiler.Options{
		Iface: func(n string) (uint32, bool) { return 1, n == "lo" },
		User:  func(n string) (uint32, bool) { return 0, n == "root" },
		Group: func(n string) (uint32, bool) { return 0, n == "root" },
	})
	list.Append(more)
	list.Sort()
	if list.HasErrors() {
		return nil, list.String()
	}
	return res, list.String()
}

func (p *probe) run(t *testing.T) {
	t.Logf("%s", p.name())
	res, messages := compile(p.src)
	if *update {
		p.record(t, res, messages)
	}
	if res == nil {
		p.refused(t, messages)
		return
	}
	want, ok := p.expects("netlink")
	if newer, has := p.expects("netlink 1.1"); has {
		want, ok = newer, true
	}
	if !ok {
		t.Fatalf("accepted, though the probe expects %v", p.want)
	}
	if got := nft.Normal(res.Listing()); got != want {
		t.Errorf("listing:\n%swant:\n%s", got, want)
	}
	p.prints(t, res.Program)
	p.roundTrips(t, res)
	p.loads(t, res.Program)
}

// refused compares the messages of a refusal.
func (p *probe) refused(t *testing.T, messages string) {
	for _, name := range []string{"error", "error 1.1", "missing"} {
		if want, ok := p.expects(name); ok && messages == want {
			return
		}
	}
	t.Errorf("refused, but the probe does not expect this:\n%s", messages)
}

// roundTrips writes the program and reads it back, and compiles the printed
// ruleset again: both give the same program.
func (p *probe) roundTrips(t *testing.T, res *compiler.Result) {
	data, err := bytecode.Encode(res.Program)
	if err != nil {
		t.Fatal(err)
	}
	back, err := bytecode.Decode(data)
	if err != nil {
		t.Fatalf("reading rules.bin: %v", err)
	}
	again, err := bytecode.Encode(back)
	if err != nil || !reflect.DeepEqual(data, again) {
		t.Errorf("rules.bin read and written again differs: %v", err)
	}
	for name, print := range forms {
		p.reads(t, name, print, back)
	}
}

// forms are the ways in which a ruleset is printed.
var forms = map[string]func(io.Writer, *bytecode.Program) error{
	"nft 1.0": func(w io.Writer, p *bytecode.Program) error { return listing.Ruleset(w, p, nil) },
	"nft 1.1": func(w io.Writer, p *bytecode.Program) error {
		return listing.Ruleset(w, p, &listing.Options{Newer: true})
	},
	"json": func(w io.Writer, p *bytecode.Program) error { return listing.JSON(w, p, nil) },
}

// loses are the probes whose JSON, which is nft's, does not tell all.
var loses = map[string]string{
	"T-006 data types of expressions": "the width of an integer",
	"L-021 times with their units":    "milliseconds",
}

// reads prints a program and compiles what is printed: it must be printed in the
// same way again, in every form.
func (p *probe) reads(t *testing.T, name string, print func(io.Writer, *bytecode.Program) error, prog *bytecode.Program) {
	if name == "json" && loses[p.name()] != "" {
		return
	}
	var text strings.Builder
	if err := print(&text, prog); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.String(), "xt match ") || strings.Contains(text.String(), "xt target ") || strings.Contains(text.String(), `{"xt": `) {
		return // an extension of iptables is printed without its parameters
	}
	second, messages := compile(text.String())
	if second == nil {
		t.Errorf("what is printed as %s does not compile:\n%s", name, messages)
		return
	}
	var twice strings.Builder
	if err := print(&twice, second.Program); err != nil {
		t.Fatal(err)
	}
	if want, got := firstOther(text.String(), twice.String()); want != got {
		t.Errorf("printed as %s, compiled and printed again:\n%s\nwas:\n%s", name, got, want)
	}
}

var handle = regexp.MustCompile(`"handle": \d+`)

// firstOther gives the first lines, or members of JSON, that differ, but for the
// handles, which are given in the order of declaration.
func firstOther(a, b string) (x, y string) {
	parts := func(s string) []string {
		return strings.Split(strings.ReplaceAll(handle.ReplaceAllString(s, `"handle": 0`), "}}, {", "}},\n{"), "\n")
	}
	p, q := parts(a), parts(b)
	for i := range max(len(p), len(q)) {
		x, y := "", ""
		if i < len(p) {
			x = p[i]
		}
		if i < len(q) {
			y = q[i]
		}
		if x != y {
			return x, y
		}
	}
	return "", ""
}

// prints compares the listings as text and JSON where the probe has them: those
// of nft 1.1 where no older one can be asked.
func (p *probe) prints(t *testing.T, prog *bytecode.Program) {
	for name, print := range map[string]func(io.Writer, *bytecode.Program, *listing.Options) error{
		"list": listing.Ruleset, "json": listing.JSON,
	} {
		want, ok := p.expects(name)
		if !ok {
			continue
		}
		var got strings.Builder
		if err := print(&got, prog, nil); err != nil {
			t.Fatal(err)
		}
		if *update {
			p.set(name, got.String())
		} else if got.String() != want {
			t.Errorf("%s:\n%swant:\n%s", name, got.String(), want)
		}
	}
}

// loads puts the program into an engine.
func (p *probe) loads(t *testing.T, prog *bytecode.Program) {
	err := load(t, prog)
	want, refused := p.expects("load")
	switch {
	case err == nil && refused:
		t.Errorf("the engine loads it, though the probe expects a refusal")
	case err != nil && err.Error()+"\n" != want:
		t.Errorf("load: %v\nwant: %s", err, want)
	}
}

func load(t *testing.T, prog *bytecode.Program) error {
	t.Helper()
	e, err := netfilter.New(host.Implicit(), netfilter.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return e.Load(prog)
}

// record fills in the expectations that the probe names.
func (p *probe) record(t *testing.T, res *compiler.Result, messages string) {
	for name := range p.want {
		switch {
		case name == "netlink":
			nft.Need(t)
			listing, refusal := nft.Check(t, p.src)
			if refusal != "" && !nft.OnlyAbsent(refusal) {
				t.Fatalf("nft refuses: %s", refusal)
			}
			p.set(name, listing)
		case name == "netlink 1.1" && res != nil:
			p.set(name, nft.Normal(res.Listing()))
		case (strings.HasPrefix(name, "error") || name == "missing") && res == nil:
			p.set(name, messages)
		case name == "load" && res != nil:
			if err := load(t, res.Program); err != nil {
				p.set(name, err.Error()+"\n")
			}
		}
	}
}

// TestRefusedByNft holds the refusals to nft: what a probe calls an error, nft
// on this machine refuses, too.
func TestRefusedByNft(t *testing.T) {
	nft.Need(t)
	for _, file := range archives(t) {
		_, all, err := probesOf(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			if _, ok := p.expects("error"); !ok {
				continue
			}
			if nft.Refused(t, p.src) == "" {
				t.Errorf("%s: nft accepts this", p.name())
			}
		}
	}
}

// TestTable compares the tables, and the page of docs made of them, with what the
// probes and cases say.
func TestTable(t *testing.T) {
	rows := rowsOf(t)
	for _, section := range Sections {
		var part []Row
		for _, r := range rows {
			if r.ID[0] == byte(section) {
				part = append(part, r)
			}
		}
		current(t, filepath.Join("table", string(section)+".tsv"), format(part))
	}
	current(t, "../docs/features.md", page(sorted(rows)))
}

// current holds a generated file to what it should say; an empty one need not be
// there.
func current(t *testing.T, file, want string) {
	t.Helper()
	if *update && want != "" {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil && want != "" {
		t.Fatal(err)
	}
	if string(have) != want {
		t.Errorf("%s is not current: run go test ./features -update", file)
	}
}

// sorted puts rows in the order of Table.
func sorted(rows []Row) []Row {
	slices.SortFunc(rows, func(x, y Row) int {
		return cmp.Or(strings.IndexByte(Sections, x.ID[0])-strings.IndexByte(Sections, y.ID[0]), strings.Compare(x.ID, y.ID))
	})
	return rows
}

// page shows the table as Markdown.
func page(rows []Row) string {
	var b strings.Builder
	b.WriteString("# What is supported\n\n" +
		"Made from tests (`go test ./features -update`); `nftc features` prints the same. *Compiler*: the listing\n" +
		"equals nft's, or the refusal is nft's. *VM*: it runs, or loading refuses it by name and place; *all but*\n" +
		"names the families and statements of which loading refuses the feature. A dash: the feature has no part\n" +
		"there. *Cases*: conformance cases recorded from the kernel that name the feature.\n\n" +
		"| ID | feature | compiler | VM | cases |\n| --- | --- | --- | --- | ---: |\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %d |\n", r.ID, strings.ReplaceAll(r.Title, "|", "\\|"), r.Compiler, r.VM, r.Cases)
	}
	fmt.Fprintf(&b, "\n%s", totals(rows))
	return b.String()
}
