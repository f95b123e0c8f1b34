package compiler_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"nfvm/compiler"
	"nfvm/internal/testenv"
	"nfvm/lang"
)

var update = flag.Bool("update", false, "record the listings from the local nft")

// compile compiles a text; the only interface is lo.
func compile(name, src string) (*compiler.Result, string) {
	f, list := lang.Parse(name, []byte(src), lang.Options{})
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
	return res, ""
}

// TestGolden compares the listings of rulesets with those that nft printed.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/golden/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { golden(t, file) })
	}
}

func golden(t *testing.T, file string) {
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	src := string(ar.Files[0].Data)
	if *update {
		ar.Files = append(ar.Files[:1], txtar.File{Name: "listing", Data: []byte(record(t, src))})
		if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	res, errs := compile("rules.nft", src)
	if errs != "" {
		t.Fatal(errs)
	}
	got, want := normal(res.Listing()), string(ar.Files[1].Data)
	if got != want {
		t.Errorf("the listing differs\n%s", firstDifference(want, got))
	}
}

// record asks nft for the listing.
func record(t *testing.T, src string) string {
	testenv.Need(t, testenv.Root, testenv.Program("nft"), testenv.Program("unshare"))
	in := filepath.Join(t.TempDir(), "rules.nft")
	if err := os.WriteFile(in, []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("unshare", "-n", "nft", "--debug=netlink", "-c", "-f", in)
	cmd.Env = append(os.Environ(), "TZ=UTC")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("nft: %v\n%s", err, out)
	}
	return normal(string(out))
}

// normal keeps rule headers, expressions and elements, and writes the pair of
// comparisons by which nft 1.0 tests a range as the range of nft 1.1.
func normal(listing string) string {
	var out []string
	rules := ""
	for _, line := range strings.Split(listing, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "\telement"):
			for _, e := range strings.Split(line, "\telement ")[1:] {
				if i := strings.Index(e, "userdata"); i >= 0 {
					e = e[:i]
				}
				out = append(out, "element "+strings.Join(strings.Fields(e), " "))
			}
		case strings.HasPrefix(trimmed, "["):
			out = joinRange(append(out, trimmed))
			rules = ""
		case isHeader(trimmed):
			out = append(out, trimmed)
		}
	}
	return rules + strings.Join(out, "\n") + "\n"
}

func isHeader(line string) bool {
	f := strings.Fields(line)
	if len(f) < 2 || len(f) > 3 || f[1] == "(null)" {
		return false
	}
	switch f[0] {
	case "ip", "ip6", "inet", "arp", "bridge", "netdev":
		return true
	}
	return false
}

func joinRange(out []string) []string {
	n := len(out)
	if n < 2 {
		return out
	}
	lo, ok1 := strings.CutPrefix(out[n-2], "[ cmp gte ")
	hi, ok2 := strings.CutPrefix(out[n-1], "[ cmp lte ")
	if !ok1 || !ok2 {
		return out
	}
	a, b := strings.Fields(lo), strings.Fields(hi)
	if a[1] != b[1] {
		return out
	}
	text := "[ range eq " + strings.TrimSuffix(lo, " ]") + " " + strings.Join(b[2:], " ")
	return append(out[:n-2], text)
}

// firstDifference shows the first lines that differ, with some before them.
func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < len(w) && i < len(g) && w[i] == g[i] {
		i++
	}
	cut := func(s []string) string { return strings.Join(s[max(0, min(i, len(s))-4):min(i+6, len(s))], "\n") }
	return "want\n" + cut(w) + "\ngot\n" + cut(g)
}
