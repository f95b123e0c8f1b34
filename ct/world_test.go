package ct

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"nfvm/internal/testenv"
	"nfvm/nf"
	"nfvm/packet"
)

var update = flag.Bool("update", false, "record the goldens from the kernel")

// A world is what a scenario plays in: this package, or the kernel.
type world interface {
	// send lets a packet arrive from side 'a' or 'b' and reports its state.
	send(side byte, pkt []byte) string
	set(sysctl, value string)
	wait(d time.Duration)
	list() string
	// listen starts to record events, which events gives.
	listen()
	events() string
	flush()
}

// A scenario plays in a world and writes what it sees.
type scenario func(w world, out *bytes.Buffer)

// play runs a scenario here and compares with the golden, which -update
// records from the kernel; where it can, it runs in the kernel as well.
func play(t *testing.T, s scenario) {
	golden := filepath.Join("testdata", strings.ReplaceAll(t.Name(), "/", "-")+".txt")
	t.Run("kernel", func(t *testing.T) {
		testenv.Need(t, testenv.Root, testenv.Device("/dev/net/tun"), testenv.Program("nft"), testenv.Program("iptables-legacy"), testenv.Program("conntrack"))
		runtime.LockOSThread() // never unlocked: the thread's namespace dies with it
		want := read(golden)
		// The kernel's clock can't be stopped: a run that was held up shows
		// other lifetimes. What is true appears twice.
		const tries = 5
		for range tries {
			var out bytes.Buffer
			s(newKernel(t), &out)
			if out.String() == want {
				if *update {
					write(t, golden, want)
				}
				return
			}
			if *update {
				want = out.String()
			} else if err := difference(out.String(), want); err != nil {
				t.Log(err)
			}
		}
		t.Fatalf("not once as in the golden in %d runs", tries)
	})
	for name, m := range map[string]*model{"nfvm": newModel(), "follower": newFollowed()} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			s(m, &out)
			if err := difference(out.String(), read(golden)); err != nil {
				t.Error(err)
			}
		})
	}
}

// read gives a golden, "" when there is none.
func read(golden string) string {
	b, _ := os.ReadFile(golden)
	return string(b)
}

func write(t *testing.T, golden, text string) {
	if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// difference tells the first line in which two texts differ.
func difference(got, want string) error {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		var gl, wl string
		if i < len(g) {
			gl = g[i]
		}
		if i < len(w) {
			wl = w[i]
		}
		if gl != wl {
			return fmt.Errorf("line %d:\n got %s\nwant %s", i+1, gl, wl)
		}
	}
	return nil
}

// model is the world of this package, with a clock of its own.
type model struct {
	t *Table
	f *Follower // gets packets first, if there is one
	// took tells that it has taken the last one.
	took bool
	now  int64
	log  bytes.Buffer
}

func newModel() *model {
	m := &model{now: 1_700_000_000e9}
	m.t = newTable()
	m.t.UseLabels = true
	m.t.OnEvent = func(ev *Event) { fmt.Fprintln(&m.log, ev) }
	return m
}

// newFollowed is a model whose packets a Follower takes if it can.
func newFollowed() *model {
	m := newModel()
	m.f = m.t.NewFollower()
	return m
}

// newTable makes a table with a fixed seed.
func newTable() *Table {
	n := uint32(1)
	return New(Config{Rand: func() uint32 { n = n*1664525 + 1013904223; return n }})
}

func (m *model) send(side byte, pkt []byte) string {
	var p packet.Packet
	p.Data = pkt
	p.Zone, p.ZoneDir = zoneByPort(side, pkt)
	family := nf.FamilyIPv4
	if len(pkt) > 0 && pkt[0]>>4 == 6 {
		family = nf.FamilyIPv6
	}
	if m.pass(&p, family) == nf.Drop {
		return "dropped"
	}
	defer m.t.Release(&p)
	if p.CT == 0 {
		if p.CTInfo == nf.CTUntracked {
			return "untracked"
		}
		return "invalid"
	}
	state := nf.CTStateName(p.CTInfo.StateBit())
	if p.CTInfo.Dir() == nf.DirReply {
		state += "/reply"
	}
	return state
}

// pass takes a packet to its confirmation.
func (m *model) pass(p *packet.Packet, family nf.Family) nf.Verdict {
	v := nf.Accept
	m.took = false
	if m.f != nil {
		m.took = m.f.Track(p, family, nf.HookPrerouting, m.now)
		defer m.f.Release()
	}
	if !m.took {
		v = m.t.Track(p, family, nf.HookPrerouting, m.now)
	}
	if e := m.t.Entry(p.CT); e != nil {
		markByPort(m.t, e)
	}
	if m.took && m.f.Confirm(p) {
		return nf.Accept
	}
	if v != nf.Drop {
		v = m.t.Confirm(p, m.now)
	}
	if v == nf.Drop {
		m.t.Release(p)
	}
	return v
}

// zoneByPort and markByPort are the rules that both worlds have: UDP from a to
// the ports 55, 56 and 57 is in a zone of both directions, of the original and
// of the reply one; 58 gets a mark.
func zoneByPort(side byte, pkt []byte) (id uint16, dir uint8) {
	if side != 'a' || len(pkt) < 24 || pkt[0] != 0x45 || pkt[9] != nf.ProtoUDP {
		return 0, 0
	}
	switch be.Uint16(pkt[22:]) {
	case 55:
		return 7, ZoneBoth
	case 56:
		return 8, ZoneOriginal
	case 57:
		return 9, ZoneReply
	}
	return 0, 0
}

func markByPort(t *Table, e *Entry) {
	if e.L4() == nf.ProtoUDP && e.Tuple[0].DstID == 58 {
		t.SetMark(e, 16)
	}
}

func (m *model) set(sysctl, value string) {
	if err := m.t.Sysctl.Set(sysctlPrefix+sysctl, value); err != nil {
		panic(err)
	}
}

func (m *model) wait(d time.Duration) {
	m.now += int64(d)
	m.t.Sweep(m.now)
}

func (m *model) list() string {
	var b bytes.Buffer
	if err := m.t.WriteList(&b, m.now); err != nil {
		panic(err)
	}
	return tidy(b.String())
}

func (m *model) listen() {}

func (m *model) events() string {
	defer m.log.Reset()
	return tidyEvents(m.log.String())
}

func (m *model) flush() { m.t.Flush() }

var lifetime = regexp.MustCompile(`^(ipv\S+ +\d+ \S+ +\d+ )(\d+)`)

// tidy makes listings comparable: the kernel lists in hash order, and some
// milliseconds after the packet.
func tidy(list string) string {
	lines := strings.Split(strings.TrimSpace(list), "\n")
	for i, l := range lines {
		lines[i] = lifetime.ReplaceAllStringFunc(l, func(s string) string {
			at := strings.LastIndexByte(s, ' ') + 1
			n, _ := strconv.Atoi(s[at:])
			if n%10 == 9 || n == 2 {
				n++
			}
			return s[:at] + strconv.Itoa(n)
		})
	}
	sortLines(lines)
	return strings.Join(lines, "\n") + "\n"
}

var stamp = regexp.MustCompile(`(?m)^\[\d{10}\.\d{6}\]\t`)

// tidyEvents replaces the times of events.
func tidyEvents(events string) string { return stamp.ReplaceAllString(events, "[time]\t") }
