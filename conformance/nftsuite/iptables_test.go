package nftsuite

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nfvm/compiler"
	"nfvm/lang"
	"nfvm/lang/iptables"
)

var dumps = flag.String("iptables", "", "a directory of dumps NAME.rules of iptables-save or ip6tables-save")

// TestIptables loads the dumps in testdata and, if there is one, in another
// directory.
func TestIptables(t *testing.T) {
	t.Run("own", func(t *testing.T) {
		r := newReport(t)
		r.totals(r.iptables("testdata/iptables"))
	})
	theirs(t, *dumps, (*report).iptables)
}

// iptables compares with all dumps of a directory and gives their number.
func (r *report) iptables(dir string) int {
	r.t.Helper()
	refused := r.refusedDumps(filepath.Join(dir, "MANIFEST.tsv"))
	files := r.glob(filepath.Join(dir, "*.rules"))
	if len(files) == 0 {
		r.t.Errorf("there are no files %s/*.rules", dir)
	}
	for _, file := range files {
		r.iptablesDump(file, refused[filepath.Base(file)])
	}
	return len(files)
}

// iptablesDump wants a dump to compile, or to be refused as by iptables-restore.
func (r *report) iptablesDump(file string, refused bool) {
	r.t.Helper()
	name := filepath.Base(file)
	r.visited[name] = true
	text, err := os.ReadFile(file)
	if err != nil {
		r.t.Error(err)
		return
	}
	f, list := iptables.Parse(name, text, iptables.Options{Family: iptables.Family(iptables.Tool(text))})
	m := &machine{anyIface: true, ifaces: []string{"lo"}}
	_, more := compiler.Compile([]*lang.File{f}, compiler.Options{Iface: m.index})
	if list.Append(more); list.HasErrors() != refused {
		r.differ("iptables", name, "compile", "iptables refuses it: %t; here:\n%s", refused, list.String())
		return
	}
	r.equal["iptables"]++
}

// refusedDumps reads the dumps that iptables-legacy-restore refuses from a table
// with the columns file, version, legacy.
func (r *report) refusedDumps(file string) map[string]bool {
	out := map[string]bool{}
	data, err := os.ReadFile(file)
	if err != nil {
		return out // all are to load
	}
	for _, row := range strings.Split(string(data), "\n") {
		if c := strings.Split(row, "\t"); len(c) > 2 {
			out[filepath.Base(c[0])] = c[2] == "refused"
		}
	}
	return out
}
