package json

import (
	"strings"
	"testing"

	"nfvm/compiler"
	"nfvm/lang"
	"nfvm/listing"
)

// relisted compiles the members of a listing and lists them again.
func relisted(t *testing.T, opt listing.Options, members ...string) string {
	t.Helper()
	f, diags := Parse("in.json", []byte(`{"nftables": [`+strings.Join(members, ",")+`]}`), lang.Options{})
	res, more := compiler.Compile([]*lang.File{f}, compiler.Options{})
	diags.Append(more)
	if diags.HasErrors() {
		t.Fatal(diags.String())
	}
	var b strings.Builder
	if err := listing.Ruleset(&b, res.Program, &opt); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const (
	tableT = `{"table": {"family": "ip", "name": "t"}}`
	chainC = `{"chain": {"family": "ip", "table": "t", "name": "c"}}`
)

// TestDeclarationOrder: sets above chains get the lower handles, as from nft; a
// map that jumps to a chain below it comes behind that.
func TestDeclarationOrder(t *testing.T) {
	set := `{"set": {"family": "ip", "table": "t", "name": "s", "type": "ipv4_addr"}}`
	jumps := `{"map": {"family": "ip", "table": "t", "name": "m", "type": "mark", "map": "verdict", "elem": [[1, {"jump": {"target": "c"}}]]}}`
	got := relisted(t, listing.Options{Handles: true}, tableT, set, jumps, chainC)
	for _, want := range []string{"set s { # handle 1", "chain c { # handle 2", "map m { # handle 3", "jump c"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
}

// TestTableOrder: chains of other tables leave maps where they are.
func TestTableOrder(t *testing.T) {
	jumps := `{"map": {"family": "ip", "table": "t", "name": "m", "type": "mark", "map": "verdict", "elem": [[1, {"jump": {"target": "c"}}]]}}`
	set := `{"set": {"family": "ip", "table": "t", "name": "s", "type": "ipv4_addr"}}`
	got := relisted(t, listing.Options{}, tableT, chainC, jumps, set,
		`{"table": {"family": "ip6", "name": "t"}}`, `{"chain": {"family": "ip6", "table": "t", "name": "c"}}`)
	if strings.Index(got, "map m") > strings.Index(got, "set s") {
		t.Error(got)
	}
}

// TestElementStatements: an element with some statements of its set has them all,
// in the order of the set.
func TestElementStatements(t *testing.T) {
	got := relisted(t, listing.Options{}, tableT, `{"set": {"family": "ip", "table": "t", "name": "s", "type": "ipv4_addr",
		"stmt": [{"limit": {"rate": 1, "burst": 5, "per": "second"}}, {"counter": null}], "elem": [
		{"elem": {"val": "10.0.0.1", "counter": {"packets": 3, "bytes": 4}, "limit": {"rate": 1, "burst": 5, "per": "second"}}},
		{"elem": {"val": "10.0.0.2", "limit": {"rate": 1, "burst": 5, "per": "second"}}}]}}`)
	for _, want := range []string{"10.0.0.1 limit rate 1/second counter packets 3 bytes 4", "10.0.0.2 limit rate 1/second counter packets 0 bytes 0"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
}
