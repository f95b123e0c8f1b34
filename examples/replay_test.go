package examples

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/ct"
	"nfvm/host"
	"nfvm/lang"
	"nfvm/listing"
	"nfvm/netfilter"
	"nfvm/replay"
)

// A replayed is what nfvm made of an example.
type replayed struct {
	frames    []recorded
	conntrack []string
	events    []string
	ruleset   string
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
			kernelRules := strings.Join(lines(t, dir, "kernel-ruleset.nft"), "\n")
			if d := cmp.Diff(comparableRules(kernelRules), comparableRules(got.ruleset)); d != "" {
				t.Error("ruleset (-kernel +nfvm):\n" + d)
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
	var out, list, rules bytes.Buffer
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
	r.conntrack, r.ruleset = split(list.String()), rules.String()
	if r.frames, err = readFrames(&out); err != nil && err != io.EOF {
		t.Fatal(err)
	}
	return r
}

func compileExample(t *testing.T, dir string, h *host.Host) *bytecode.Program {
	t.Helper()
	file, diags := lang.Parse(filepath.Join(dir, "rules.nft"), read(t, dir, "rules.nft"), lang.Options{})
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

var seconds = regexp.MustCompile(`^(\S+ +\d+ \S+ +\d+) (\d+) `)

// compareConntrack compares connections as a set; remaining seconds may differ
// by one.
func compareConntrack(t *testing.T, got, want []string) {
	t.Helper()
	type entry struct {
		text    string
		seconds int
	}
	parse := func(list []string) (out []entry) {
		for _, line := range list {
			e := entry{text: line}
			if m := seconds.FindStringSubmatch(line); m != nil {
				e.seconds, _ = strconv.Atoi(m[2])
				e.text = m[1] + " " + line[len(m[0]):]
			}
			out = append(out, e)
		}
		slices.SortFunc(out, func(a, b entry) int { return strings.Compare(a.text, b.text) })
		return out
	}
	near := cmp.Comparer(func(a, b entry) bool {
		d := a.seconds - b.seconds
		return a.text == b.text && -1 <= d && d <= 1
	})
	if d := cmp.Diff(parse(want), parse(got), near); d != "" {
		t.Error("connections (-kernel +nfvm):\n" + d)
	}
}

var eventHead = regexp.MustCompile(`^\[[\d.]+\]\s+(\[[A-Z]+\]) (?:ipv[46] +\d+ )?`)

// compareEvents compares events in order without their times, but for DESTROY,
// which the kernel's collector delays: what it told, nfvm must tell too.
func compareEvents(t *testing.T, got, want []string) {
	t.Helper()
	parse := func(list []string) (order []string, destroyed map[string]int) {
		destroyed = map[string]int{}
		for _, line := range list {
			line = eventHead.ReplaceAllString(line, "$1 ")
			if strings.HasPrefix(line, "[DESTROY]") {
				destroyed[line]++
			} else if line != "" {
				order = append(order, line)
			}
		}
		return order, destroyed
	}
	gotOrder, gotDead := parse(got)
	wantOrder, wantDead := parse(want)
	if d := cmp.Diff(wantOrder, gotOrder); d != "" {
		t.Error("events (-kernel +nfvm):\n" + d)
	}
	for line, n := range wantDead {
		if gotDead[line] < n {
			t.Errorf("missing event: %s", line)
		}
	}
}

var (
	expires  = regexp.MustCompile(` expires \w+`)
	elements = regexp.MustCompile(`(?s)elements = \{ (.*?) \}\n`)
	commas   = regexp.MustCompile(`,\s+`)
)

// comparableRules takes out of a listing what can't be equal: when elements
// expire, and the order of elements in sets that the kernel hashes.
func comparableRules(s string) []string {
	s = expires.ReplaceAllString(strings.TrimRight(s, "\n")+"\n", " expires ?")
	s = elements.ReplaceAllStringFunc(s, func(e string) string {
		list := commas.Split(elements.FindStringSubmatch(e)[1], -1)
		slices.Sort(list)
		return "elements = { " + strings.Join(list, ", ") + " }\n"
	})
	return split(s)
}
