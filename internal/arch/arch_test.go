// Package arch holds the test that keeps the import graph as it was designed.
package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowed says which packages of the module each package may import; "*" is
// any but those that nothing may import.
var allowed = map[string][]string{
	"nf":                 {},
	"diag":               {},
	"netio":              {},
	"netio/guard":        {"nf", "packet"},
	"packet":             {"nf"},
	"host":               {"nf"},
	"host/procsys":       {},
	"host/rtnetlink":     {"host", "host/procsys", "nf"},
	"datatype":           {"nf"},
	"proto":              {"nf", "datatype"},
	"lang":               {"nf", "diag"},
	"lang/json":          {"lang", "diag"},
	"lang/iptables":      {"lang", "datatype", "nf", "diag", "xt", "internal/sequence"},
	"bytecode":           {"nf"},
	"compiler":           {"lang", "diag", "bytecode", "nf", "datatype", "proto", "compiler/optimize", "internal/sequence"},
	"classify":           {"bytecode", "nf"},
	"compiler/optimize":  {"bytecode", "classify"},
	"ct":                 {"ctnetlink", "packet", "nf", "internal/hashindex", "internal/lane"},
	"ctnetlink":          {"packet", "nf"},
	"conntrack":          {"ct", "ct/helper", "ctnetlink", "nat", "packet", "nf"},
	"ct/helper":          {"ct", "packet", "nf"},
	"osf":                {"packet", "nf"},
	"synproxy":           {"packet", "nf"},
	"nat":                {"ct", "packet", "nf", "internal/hashindex"},
	"vm":                 {"bytecode", "classify", "packet", "ct", "nat", "nf", "vm/set", "xt", "osf"},
	"xt":                 {},
	"vm/set":             {"bytecode", "packet", "nf"},
	"listing":            {"bytecode", "nf", "datatype", "proto", "xt"},
	"trace":              {"nf", "bytecode", "datatype", "proto", "listing"},
	"replay":             {"nf", "packet", "bytecode", "ct", "nat", "vm", "host", "listing", "trace", "netfilter", "netio", "osf"},
	"netfilter":          {"nf", "packet", "bytecode", "ct", "ct/helper", "nat", "vm", "host", "listing", "trace", "osf", "synproxy", "internal/lane"},
	"control":            {},
	"metrics":            {},
	"packaging/manual":   {},
	"nflog":              {"nf", "packet", "bytecode", "vm", "netio"},
	"live":               {"nf", "packet", "ct", "host", "host/rtnetlink", "netfilter", "netio/guard"},
	"daemon":             {"nf", "diag", "packet", "host", "host/rtnetlink", "bytecode", "ct", "vm", "netfilter", "listing", "trace", "replay", "live", "netio/guard", "control", "metrics", "nat", "nflog", "conntrack", "ctnetlink", "osf"},
	"compiler/merge":     {"diag", "lang", "datatype", "compiler"},
	"compiler/amend":     {"nf", "diag", "bytecode", "lang", "compiler", "listing"},
	"features":           {},
	"internal/confine":   {},
	"internal/hashindex": {},
	"internal/lane":      {},
	"internal/scaling":   {},
	"internal/testenv":   {},
	"packaging":          {"internal/testenv"},
	"internal/nft":       {"internal/testenv"},
	"internal/arch":      {},
	"internal/sequence":  {},
}

// confined modules are imported only by the packages named, so that each can
// be replaced in a day.
var confined = map[string][]string{
	"github.com/alecthomas/participle/v2": {"lang"},
	"github.com/google/gopacket":          {"netio"},
	"github.com/gaissmai/bart":            {"host"},
	"github.com/cilium/ebpf":              {"netio/guard"},
	"github.com/vishvananda/netlink":      {"netio/guard", "host/rtnetlink"},
	"github.com/prometheus/client_golang": {"metrics"},
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "nfvm/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []goPackage
	dec := json.NewDecoder(bytes.NewReader(out))
	for {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, "nfvm/")
		for _, imp := range p.Imports {
			own, ours := strings.CutPrefix(imp, "nfvm/")
			if ours {
				checkOwn(t, name, own)
			} else {
				checkForeign(t, name, imp)
			}
		}
	}
}

// top tells the packages at the top of the graph, which may import everything.
func top(name string) bool {
	return strings.HasPrefix(name, "cmd/") || name == "conformance" || strings.HasPrefix(name, "conformance/") ||
		name == "examples" || strings.HasPrefix(name, "examples/") || strings.HasPrefix(name, "internal/record")
}

func checkOwn(t *testing.T, name, imp string) {
	t.Helper()
	if strings.HasPrefix(imp, "cmd/") || strings.HasPrefix(imp, "conformance") && !strings.HasPrefix(name, "conformance") {
		t.Errorf("%s imports %s, which nothing may import", name, imp)
	}
	if top(name) {
		return
	}
	rule, known := allowed[name]
	if !known {
		t.Errorf("package %s has no place in the import table of this test", name)
	} else if !slices.Contains(rule, imp) {
		t.Errorf("%s imports %s; it may import %v", name, imp, rule)
	}
}

func checkForeign(t *testing.T, name, imp string) {
	t.Helper()
	for module, users := range confined {
		if (imp == module || strings.HasPrefix(imp, module+"/")) && !slices.Contains(users, name) && !top(name) {
			t.Errorf("%s imports %s, which only %v may", name, imp, users)
		}
	}
	if imp == "C" {
		t.Errorf("%s uses cgo", name)
	}
}
