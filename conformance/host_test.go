package conformance_test

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"testing"

	"nfvm/conformance"
	"nfvm/conformance/kernel"
)

// hostKeys are the parts of HOST.json that the model writes, by list.
var hostKeys = map[string][]string{
	"addr":   {"ifindex", "ifname", "mtu", "link_type", "address", "addr_info"},
	"route":  {"type", "dst", "gateway", "dev", "table", "scope", "prefsrc", "metric", "tos", "metrics"},
	"route6": {"type", "dst", "gateway", "dev", "table", "metric", "metrics"},
	"rule":   {"priority", "src", "srclen", "dst", "dstlen", "fwmark", "fwmask", "iif", "tos", "table", "action"},
	"rule6":  {"priority", "src", "table"},
	"neigh":  {"dst", "dev", "lladdr"},
}

// facts lists what a HOST.json says, as sorted lines.
func facts(t *testing.T, text []byte) []string {
	t.Helper()
	var h map[string]json.RawMessage
	if err := json.Unmarshal(text, &h); err != nil {
		t.Fatal(err)
	}
	var out []string
	for list, keys := range hostKeys {
		var items []map[string]any
		if err := json.Unmarshal(h[list], &items); err != nil {
			t.Fatalf("%s: %v", list, err)
		}
		for _, item := range items {
			line := list
			for _, k := range keys {
				if v := item[k]; v != nil {
					line += " " + k + " " + fact(v)
				}
			}
			out = append(out, line)
		}
	}
	sort.Strings(out)
	return out
}

func fact(v any) string {
	addrs, ok := v.([]any)
	if !ok {
		return strings.TrimPrefix(fmt.Sprint(v), "0x")
	}
	text := ""
	for _, a := range addrs {
		m := a.(map[string]any)
		text += fmt.Sprint(" ", m["local"], m["prefixlen"], m["secondary"], m["mtu"])
	}
	return text
}

// The host model of each case is what the machine's own tools say of the
// namespace that the kernel runner builds.
func TestHostModel(t *testing.T) {
	needKernel(t)
	seen := map[string]bool{}
	eachCase(t, func(t *testing.T, _ string, c *conformance.Case) {
		model, err := c.Host.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if seen[string(model)] {
			return
		}
		seen[string(model)] = true
		machine, err := kernel.Describe(c.Host)
		if err != nil {
			t.Fatal(err)
		}
		want, got := facts(t, machine), facts(t, model)
		for _, d := range conformance.Diff("host", want, got) {
			t.Error(d)
		}
	})
}
