package listing_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/internal/testenv"
	"nfvm/lang"
	"nfvm/listing"
)

const deletedRules = `table ip b {
	counter c { }
	quota q { 10 mbytes }
	limit l { rate 1/second }
	ct helper h { type "ftp" protocol tcp; }
	set s { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 11.0.0.1-11.0.0.9 }; }
	map m { type inet_service : verdict; }
	chain y { }
	chain x {
		counter name c
		jump y
		ip saddr { 1.1.1.1, 2.2.2.2 } tcp dport { 1-5, 9 } accept
	}
	chain f {
		type filter hook forward priority filter; policy drop;
		ip saddr @s jump x
		tcp dport vmap { 1 : accept, 2 : jump y }
	}
}
`

// monitored is what nft monitor prints while a command runs in a namespace with
// the rules, but for the line of the generation.
const monitored = `ip link set lo up; printf %s "$RULES" | nft -f - && { timeout 2 nft $OPTION monitor & sleep 0.7; nft "$COMMAND"; wait; } | grep -v '^#'`

// monitor gives that, with an option of nft or "", for deletedRules.
func monitor(t *testing.T, option, command string) string {
	t.Helper()
	return monitorFrom(t, option, deletedRules, command)
}

func monitorFrom(t *testing.T, option, rules, command string) string {
	t.Helper()
	testenv.Need(t, testenv.Root, testenv.Program("nft"), testenv.Program("unshare"))
	cmd := exec.Command("unshare", "-n", "bash", "-c", monitored)
	cmd.Env = append(cmd.Environ(), "RULES="+rules, "OPTION="+option, "COMMAND="+command)
	cmd.WaitDelay = time.Minute
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	return string(out)
}

func compileText(t *testing.T, text string) *bytecode.Program {
	t.Helper()
	f, list := lang.Parse("rules", []byte(text), lang.Options{})
	list.Sources = f.Sources
	if list.HasErrors() {
		t.Fatal(list.String())
	}
	res, list := compiler.Compile([]*lang.File{f}, compiler.Options{})
	if list.HasErrors() {
		t.Fatal(list.String())
	}
	return res.Program
}

// TestDeletion: a table goes as nft monitor shows it of the kernel.
func TestDeletion(t *testing.T) {
	want := monitor(t, "", "flush ruleset")
	var b strings.Builder
	if err := listing.Deletion(&b, compileText(t, deletedRules).Tables[0]); err != nil || b.String() != want {
		t.Errorf("%v:\n%s\nwant\n%s", err, &b, want)
	}
}

// TestElementChanges: and so do elements.
func TestElementChanges(t *testing.T) {
	for _, c := range []struct{ set, command string }{
		{"s", "add element ip b s { 1.0.0.0/8, 3.0.0.1-3.0.0.9, 4.4.4.4 }"},
		{"s", "delete element ip b s { 11.0.0.1-11.0.0.9 }"},
		{"m", "add element ip b m { 22 : accept, 23 : jump y }"},
	} {
		before := compileText(t, deletedRules).Tables[0]
		after := compileText(t, deletedRules+c.command+"\n").Tables[0].Set(c.set)
		var b strings.Builder
		if err := listing.ElementChanges(&b, before, before.Set(c.set), after, nil); err != nil {
			t.Fatal(err)
		}
		if want := monitor(t, "", c.command); b.String() != want {
			t.Errorf("%s:\n%s\nwant\n%s", c.command, &b, want)
		}
		b.Reset()
		if err := listing.ElementChangeLines(&b, before, before.Set(c.set), after, nil); err != nil {
			t.Fatal(err)
		}
		if want := monitor(t, "-j", c.command); b.String() != want {
			t.Errorf("%s:\n%s\nwant\n%s", c.command, &b, want)
		}
	}
}

// TestLines: a table comes and goes as nft -j monitor shows it. Of what goes, only
// what names it is compared: nft has lost the rest.
func TestLines(t *testing.T) {
	table := compileText(t, deletedRules).Tables[0]
	var b strings.Builder
	if err := listing.AdditionLines(&b, table, nil); err != nil {
		t.Fatal(err)
	}
	// Of nft 1.1 are the flags without brackets, where there is one.
	if want := strings.Replace(monitorFrom(t, "-j", "", deletedRules), `["interval"]`, `"interval"`, 1); b.String() != want {
		t.Errorf("%s\nwant\n%s", &b, want)
	}
	b.Reset()
	if err := listing.DeletionLines(&b, table, nil); err != nil {
		t.Fatal(err)
	}
	if got, want := named(t, b.String()), named(t, monitor(t, "-j", "flush ruleset")); !slices.Equal(got, want) || len(got) == 0 {
		t.Errorf("%q\nwant\n%q", got, want)
	}
}

// named gives of each line what is done, and the kind, chain, name and handle of
// the object.
func named(t *testing.T, lines string) (out []string) {
	t.Helper()
	for line := range strings.Lines(lines) {
		var command map[string]map[string]struct {
			Family, Table, Chain, Name string
			Handle                     int
		}
		if err := json.Unmarshal([]byte(line), &command); err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprint(command))
	}
	return out
}
