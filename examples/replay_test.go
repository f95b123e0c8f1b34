package examples

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/ct"
	"nfvm/diag"
	"nfvm/host"
	"nfvm/lang"
	"nfvm/lang/iptables"
	"nfvm/listing"
	"nfvm/netfilter"
	"nfvm/nf"
	"nfvm/replay"
)

// A replayed is what nfvm made of an example.
type replayed struct {
	frames    []recorded
	conntrack []string
	events    []string
	ruleset   string
	json      []byte
}

// TestReplay compares a replay of each example with what the kernel did.
func TestReplay(t *testing.T) {
	for _, dir := range dirs(t) {
		t.Run(dir, func(t *testing.T) {
			x, err := readExceptions(dir)
			if err != nil {
				t.Fatal(err)
			}
			got := replayExample(t, dir)
			want := capture(t, filepath.Join(dir, "kernel.pcapng"))
			if d := x.difference(got.frames, want); d != "" {
				t.Error("packets: " + d)
			}
			t.Logf("%d packets", len(want))
			compareConntrack(t, got.conntrack, lines(t, dir, "kernel-conntrack.txt"))
			compareEvents(t, got.events, lines(t, dir, "kernel-events.txt"))
			if isIptables(dir) {
				compareIptables(t, got.ruleset, lines(t, dir, "kernel-rules.v4"))
				return
			}
			kernelRules := strings.Join(lines(t, dir, "kernel-ruleset.nft"), "\n")
			if d := cmp.Diff(comparableRules(kernelRules), comparableRules(got.ruleset)); d != "" {
				t.Error("ruleset (-kernel +nfvm):\n" + d)
			}
			if d := cmp.Diff(comparableJSON(t, read(t, dir, "kernel-ruleset.json")), comparableJSON(t, got.json)); d != "" {
				t.Error("ruleset as JSON (-kernel +nfvm):\n" + d)
			}
		})
	}
}

// replayExample runs an example as nfvm does.
func replayExample(t *testing.T, dir string) replayed {
	t.Helper()
	h, err := host.Load(read(t, dir, "host.json"))
	if err != nil {
		t.Fatal(err)
	}
	traffic := read(t, dir, "traffic.pcapng")
	if err := replay.Survey(bytes.NewReader(traffic), nil, h); err != nil {
		t.Fatal(err)
	}
	var out, list, rules, rulesJSON bytes.Buffer
	w, err := replay.NewPacketWriter(&out, false, func(*netfilter.Decision) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	var r replayed
	res, err := replay.Run(replay.Options{
		Capture: bytes.NewReader(traffic), Host: h, Program: compileExample(t, dir, h),
		Seed: 1, Advance: advance(t, dir), Observers: []replay.Observer{w},
		Events: func(e *ct.Event) { r.events = append(r.events, e.String()) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := res.Engine.Conntrack().WriteList(&list, res.Engine.Now()); err != nil {
		t.Fatal(err)
	}
	if err := listing.Ruleset(&rules, res.Engine.Snapshot(), &listing.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := listing.JSON(&rulesJSON, res.Engine.Snapshot(), &listing.Options{}); err != nil {
		t.Fatal(err)
	}
	r.json = rulesJSON.Bytes()
	r.conntrack, r.ruleset = split(list.String()), rules.String()
	if r.frames, err = readFrames(&out); err != nil && err != io.EOF {
		t.Fatal(err)
	}
	return r
}

func compileExample(t *testing.T, dir string, h *host.Host) *bytecode.Program {
	t.Helper()
	file, diags := parseExample(t, dir)
	res, more := compiler.Compile([]*lang.File{file}, compiler.Options{Iface: func(name string) (uint32, bool) {
		if l := h.LinkByName(name); l != nil {
			return uint32(l.Index), true
		}
		return 0, false
	}})
	diags.Append(more)
	if diags.HasErrors() {
		t.Fatal(diags.String())
	}
	return res.Program
}

// isIptables reports whether an example's rules are iptables-save's.
func isIptables(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "rules.v4"))
	return err == nil
}

func parseExample(t *testing.T, dir string) (*lang.File, diag.List) {
	t.Helper()
	if isIptables(dir) {
		return iptables.Parse("rules.v4", read(t, dir, "rules.v4"), iptables.Options{Family: nf.FamilyIPv4})
	}
	return lang.Parse("rules.nft", read(t, dir, "rules.nft"), lang.Options{})
}

// advance is how long after the last packet the kernel was asked.
func advance(t *testing.T, dir string) int64 {
	t.Helper()
	var rec struct{ Advance string }
	if err := json.Unmarshal(read(t, dir, "recording.json"), &rec); err != nil {
		t.Fatal(err)
	}
	d, err := time.ParseDuration(rec.Advance)
	if err != nil {
		t.Fatal(err)
	}
	return int64(d)
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func lines(t *testing.T, dir, name string) []string {
	t.Helper()
	return split(string(read(t, dir, name)))
}

func split(s string) []string { return strings.Split(strings.TrimRight(s, "\n"), "\n") }
