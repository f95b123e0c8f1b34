package nftsuite

import (
	"flag"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"nfvm/compiler"
	"nfvm/diag"
	"nfvm/lang"
)

var rulesets = flag.String("rulesets", "", "a directory of rulesets NAME.nft, with the listing of each in NAME.netlink")

// TestRulesets compares with the rulesets in testdata and, if there is one, with
// another directory of the same form.
func TestRulesets(t *testing.T) {
	t.Run("own", func(t *testing.T) {
		r := newReport(t)
		r.totals(r.rulesets("testdata/rulesets"))
		for _, kind := range []string{"ruleset", "newer", "rejected"} {
			if r.equal[kind] == 0 {
				t.Errorf("nothing was compared: %s", kind)
			}
		}
	})
	theirs(t, *rulesets, (*report).rulesets)
}

// rulesets compares with all rulesets of a directory and gives their number.
func (r *report) rulesets(dir string) int {
	r.t.Helper()
	n := 0
	for _, sub := range []struct {
		dir     string
		compare func(name, file string)
	}{{"", r.listed}, {"large", r.listed}, {"nokernel", r.listed}, {"newer", r.newer}, {"rejected", r.rejected}} {
		for _, file := range r.glob(filepath.Join(dir, sub.dir, "*.nft")) {
			name := filepath.Join(sub.dir, filepath.Base(file))
			r.visited[name] = true
			sub.compare(name, file)
			n++
		}
	}
	if n == 0 {
		r.t.Errorf("there are no files %s/*.nft", dir)
	}
	return n
}

// listed compares a ruleset with its listing, both in one form.
func (r *report) listed(name, file string) {
	want, err := os.ReadFile(strings.TrimSuffix(file, ".nft") + ".netlink")
	if err != nil {
		r.t.Error(err)
		return
	}
	res, list := r.compileFile(file)
	if list.HasErrors() {
		r.differ("ruleset", name, "compile", "%s", list.String())
		return
	}
	wantRules, wantElements := oneForm(string(want))
	rules, elements := oneForm(res.Listing())
	r.lines("ruleset", name, wantRules, rules)
	r.lines("elements", name, wantElements, elements)
}

// newer wants a ruleset to compile.
func (r *report) newer(name, file string) {
	_, list := r.compileFile(file)
	if list.HasErrors() {
		r.differ("newer", name, "compile", "%s", list.String())
		return
	}
	r.equal["newer"]++
}

// place is where a message of nft points.
var place = regexp.MustCompile(`(?m)^[^\t\n]*?:(\d+):\d+-\d+: Error:`)

// rejected wants a ruleset to be refused, for the first line that nft names or
// another of those that it names.
func (r *report) rejected(name, file string) {
	said, err := os.ReadFile(strings.TrimSuffix(file, ".nft") + ".err")
	if err != nil {
		r.t.Error(err)
		return
	}
	_, list := r.compileFile(file)
	if !list.HasErrors() {
		r.differ("rejected", name, "compile", "it is taken; nft says\n%s", said)
		return
	}
	theirs, ours := linesOf(string(said)), linesOf(list.String())
	if len(theirs) > 0 && !slices.Contains(ours, theirs[0]) {
		r.differ("rejected", name, "line", "lines %s; nft says\n%s", strings.Join(ours, ", "), said)
		return
	}
	r.equal["rejected"]++
}

// linesOf are the lines that messages point at.
func linesOf(messages string) (out []string) {
	for _, m := range place.FindAllStringSubmatch(messages, -1) {
		out = append(out, m[1])
	}
	return out
}

// compileFile compiles a ruleset, with the interfaces and the users of the files
// beside it.
func (r *report) compileFile(file string) (*compiler.Result, diag.List) {
	r.t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		r.t.Error(err)
	}
	stem := strings.TrimSuffix(file, ".nft")
	ifaces, users := r.numbers(stem+".ifaces"), r.numbers(stem+".users")
	ifaces["lo"] = 1
	f, all := lang.Parse(filepath.Base(file), text, lang.Options{IncludeDirs: []string{filepath.Dir(file)}})
	res, list := compiler.Compile([]*lang.File{f}, compiler.Options{
		Iface: func(name string) (uint32, bool) { n, ok := ifaces[name]; return n, ok },
		User: func(name string) (uint32, bool) {
			u, err := user.Lookup(name)
			return known(users, name, err, func() string { return u.Uid })
		},
		Group: func(name string) (uint32, bool) {
			g, err := user.LookupGroup(name)
			return known(users, name, err, func() string { return g.Gid })
		},
		Location: time.UTC, Now: time.Unix(0, 0)})
	all.Append(list)
	return res, all
}

// known gives the number of a name in a file, else that of this machine.
func known(file map[string]uint32, name string, err error, id func() string) (uint32, bool) {
	if n, ok := file[name]; ok {
		return n, true
	}
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseUint(id(), 10, 32)
	return uint32(n), err == nil
}

// numbers reads lines of name TAB number; a file that is not there has none.
func (r *report) numbers(file string) map[string]uint32 {
	out := map[string]uint32{}
	data, err := os.ReadFile(file)
	if err != nil {
		return out
	}
	for _, text := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		var name string
		var n uint32
		if _, err := fmt.Sscanf(text, "%s\t%d", &name, &n); err != nil {
			r.t.Errorf("%s: %q: %v", file, text, err)
		}
		out[name] = n
	}
	return out
}
