//go:build linux

package rtnetlink

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"nfvm/host"
	"nfvm/internal/testenv"
)

// A watch is a Follow that a test runs, and what it told.
type watch struct {
	conn *Conn
	done chan error
	stop context.CancelFunc

	mu         sync.Mutex
	config     host.Config
	configs    int
	gone       []int
	neighbours map[neighbourKey][6]byte
	events     []NeighbourEvent
}

func follow(t *testing.T, ns *testenv.Namespace) *watch {
	t.Helper()
	w := &watch{done: make(chan error, 1)}
	var err error
	ns.Do(func() {
		if w.conn, err = Open(); err == nil {
			w.config, err = w.conn.Read()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	w.take(w.config)
	ctx, stop := context.WithCancel(context.Background())
	w.stop = stop
	since := w.config
	go func() {
		w.done <- w.conn.Follow(ctx, since, Handler{Config: w.take, Neighbour: w.neighbour, Gone: w.lose})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-w.done; !errors.Is(err, context.Canceled) {
			t.Errorf("Follow ended with %v", err)
		}
		w.conn.Close()
	})
	return w
}

func (w *watch) take(c host.Config) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.config, w.neighbours = c, map[neighbourKey][6]byte{}
	w.configs++
	for _, n := range c.Neighbours {
		w.neighbours[neighbourKey{n.Link.Index, n.Addr}] = n.MAC
	}
}

func (w *watch) neighbour(e NeighbourEvent) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
	if e.Change == NeighbourAdded || e.Change == NeighbourChanged {
		w.neighbours[neighbourKey{e.Index, e.Addr}] = e.MAC
	} else {
		delete(w.neighbours, neighbourKey{e.Index, e.Addr})
	}
}

func (w *watch) lose(index int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gone = append(w.gone, index)
}

// told is how many descriptions the watch has been given.
func (w *watch) told() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.configs
}

// state is the machine as the watch has been told, neighbours included.
func (w *watch) state() host.Config {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.config
	c.Neighbours = nil
	for k, mac := range w.neighbours {
		for _, l := range c.Links {
			if l.Index == k.index {
				c.Neighbours = append(c.Neighbours, host.Neighbour{Link: l, Addr: k.addr, MAC: mac})
			}
		}
	}
	return normal(c)
}

// until waits for a condition.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not after a minute", what)
		}
	}
}

// settles waits until the watch was told what a fresh look shows.
func (w *watch) settles(t *testing.T, ns *testenv.Namespace) {
	t.Helper()
	var diff string
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		fresh, told := normal(readIn(t, ns)), w.state()
		if len(fresh.Neighbours) == 0 {
			fresh.Neighbours = nil
		}
		if diff = gocmp.Diff(fresh, told, comparable); diff == "" {
			return
		}
	}
	t.Fatalf("a fresh look (-) shows other than was told (+):\n%s", diff)
}

func newMachine(t *testing.T, script string) *testenv.Namespace {
	t.Helper()
	testenv.Need(t, testenv.Root, testenv.Program("ip"), testenv.Program("sysctl"))
	ns := testenv.NewNamespace(t)
	ns.Shell(t, `
sysctl -qw net.ipv6.conf.default.accept_dad=0
ip link set lo up
for i in 0 1; do ip link add d$i type veth peer name p$i; ip link set d$i up; ip link set p$i up; done
ip addr add 10.0.0.1/24 dev d0
`+script)
	return ns
}

func TestFollowEachKindOfChange(t *testing.T) {
	ns := newMachine(t, "")
	w := follow(t, ns)
	w.settles(t, ns)
	for _, change := range []string{
		"ip addr add 10.0.1.1/24 dev d1", "ip addr add fd00::1/64 dev d1 nodad", "ip addr del 10.0.1.1/24 dev d1",
		"ip route add 192.0.2.0/24 via 10.0.0.9", "ip route add 192.0.2.0/24 via 10.0.0.8 table 77 metric 3",
		"ip route replace 192.0.2.0/24 via 10.0.0.7", "ip route del 192.0.2.0/24",
		"ip -6 route add 2001:db8::/32 via fd00::9", "ip rule add fwmark 5 lookup 77", "ip -6 rule add from fd00::/64 lookup 77",
		"ip rule del fwmark 5 lookup 77", "ip link set d1 mtu 1400", "ip link set d1 name wan", "ip link set wan down",
		"ip link set p0 down", "ip link set p0 up", "ip link add br0 type bridge", "ip link set p0 master br0",
		"ip nexthop add id 1 via 10.0.0.8 dev d0; ip route add 192.0.3.0/24 nhid 1", "ip nexthop replace id 1 via 10.0.0.7 dev d0",
		"sysctl -qw net.ipv4.ip_forward=1", "sysctl -qw net.ipv4.conf.d0.rp_filter=2",
		"ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev d0", "ip link del wan", "ip link del d0",
	} {
		ns.Shell(t, change)
		w.settles(t, ns)
		if t.Failed() {
			t.Fatalf("after %s", change)
		}
	}
}

// TestFollowGone: a link that was away for so short a time that all is as before
// is told of, and a Config comes after it; a port that leaves its bridge is not
// gone.
func TestFollowGone(t *testing.T) {
	testenv.Need(t, testenv.Program("unshare"))
	ns := newMachine(t, "ip link add br0 type bridge; ip link set p0 master br0; ip link set p0 nomaster; ip link del br0")
	w := follow(t, ns)
	w.settles(t, ns)
	var index, configs int
	w.mu.Lock()
	for _, l := range w.config.Links {
		if l.Name == "d1" {
			index = l.Index
		}
	}
	configs = w.configs
	w.mu.Unlock()
	ns.Shell(t, "ip link add br0 type bridge; ip link set p0 master br0; ip link set p0 nomaster;"+
		"unshare -n sleep 60 & away=$!; until [ \"$(readlink /proc/$away/ns/net)\" != \"$(readlink /proc/self/ns/net)\" ]; do sleep .01; done;"+
		"ip link set d1 netns $away; nsenter -t $away -n ip link set d1 netns $$; kill $away")
	until(t, "the link is gone, and another Config", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return slices.Equal(w.gone, []int{index}) && w.configs > configs
	})
	w.settles(t, ns)
}

func TestFollowNeighbours(t *testing.T) {
	ns := newMachine(t, "")
	w := follow(t, ns)
	w.settles(t, ns)
	w.mu.Lock()
	configs, before := w.configs, w.config
	w.mu.Unlock()
	before.Neighbours = nil
	before = normal(before)
	changes := func() (all []NeighbourChange) {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, e := range w.events {
			if e.Addr == netip.MustParseAddr("10.0.0.9") || e.Addr == netip.MustParseAddr("fd00::9") {
				all = append(all, e.Change)
			}
		}
		return all
	}
	want := []NeighbourChange{NeighbourAdded, NeighbourChanged, NeighbourFailed, NeighbourAdded, NeighbourRemoved}
	ns.Shell(t, `
ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev d0 nud reachable
ip neigh change 10.0.0.9 lladdr 02:00:00:00:00:09 dev d0 nud stale
ip neigh change 10.0.0.9 lladdr 02:00:00:00:00:0a dev d0 nud permanent
ip neigh change 10.0.0.9 dev d0 nud failed
`)
	until(t, "three changes", func() bool { return len(changes()) >= 3 }) // before the next: what is deleted has not failed
	ns.Shell(t, `
ip neigh del 10.0.0.9 dev d0
ip neigh add fd00::9 lladdr 02:00:00:00:00:19 dev d0
ip neigh del fd00::9 dev d0
`)
	until(t, "all changes", func() bool { return len(changes()) >= len(want) })
	if got := changes(); !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	told := w.config
	told.Neighbours = nil
	if told = normal(told); w.configs != configs && gocmp.Diff(before, told, comparable) == "" {
		t.Errorf("neighbours alone made %d new descriptions", w.configs-configs)
	}
}

// Thousands of changes of all kinds while the handler is slow: events get lost,
// and what was told last is still true.
func TestFollowUnderLoad(t *testing.T) {
	ns := newMachine(t, "")
	w := follow(t, ns)
	w.settles(t, ns)
	before := w.told()
	started := time.Now()
	var wg sync.WaitGroup
	for i, batch := range []string{
		`for i in $(seq 1 60); do for j in $(seq 1 50); do echo route add 192.$i.$j.0/24 via 10.0.0.9; done; done | ip -batch -
		 for i in $(seq 1 30); do for j in $(seq 1 50); do echo route del 192.$i.$j.0/24; done; done | ip -batch -`,
		`for k in 1 2; do
		 for i in $(seq 1 100); do echo addr add 10.5.$i.1/24 dev d1; echo addr add fd05:$i::1/64 dev d1 nodad; done | ip -batch -
		 for i in $(seq 1 90); do echo addr del 10.5.$i.1/24 dev d1;  echo addr del fd05:$i::1/64 dev d1; done | ip -batch -
		 ip addr flush dev d1; done`,
		`for i in $(seq 1 20); do ip link add x$i type veth peer name y$i; ip link set x$i up; ip addr add 10.6.$i.1/24 dev x$i; ip rule add iif x$i lookup $i; done
		 for i in $(seq 1 18); do ip link del y$i; done`,
		`for i in $(seq 1 250); do for j in 1 2 3 4; do echo neigh replace 10.0.0.$i lladdr 02:00:00:00:0$j:01 dev d0 nud permanent; done; done | ip -batch -
		 for i in $(seq 1 200); do echo neigh del 10.0.0.$i dev d0; done | ip -batch -`,
	} {
		wg.Go(func() {
			if i%2 == 0 {
				time.Sleep(20 * time.Millisecond)
			}
			ns.Shell(t, batch)
		})
	}
	wg.Wait()
	took := time.Since(started)
	w.settles(t, ns)
	if looks := w.told() - before; time.Duration(looks)*quiet > took+2*settle {
		t.Errorf("%d descriptions in %v: changes are not gathered", looks, took)
	}
}

// A handler that sleeps while events pile up loses some and is given a fresh
// Config, neighbours included.
func TestFollowAfterLoss(t *testing.T) {
	ns := newMachine(t, "")
	var conn *Conn
	var since host.Config
	var err error
	ns.Do(func() {
		if conn, err = Open(); err == nil {
			since, err = conn.Read()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ns.Shell(t, `for i in $(seq 1 250); do for j in $(seq 1 12); do echo neigh replace 10.0.0.$i lladdr 02:00:00:00:00:$(printf %02x $j) dev d0 nud permanent; done; done | ip -batch -
		ip neigh flush dev d0 nud permanent; ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:99 dev d0`)
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	var told host.Config
	configs := 0
	err = conn.Follow(ctx, since, Handler{Neighbour: func(NeighbourEvent) {}, Config: func(c host.Config) {
		told = c
		configs++
		stop()
	}})
	if !errors.Is(err, context.Canceled) || configs != 1 {
		t.Fatalf("ended with %v after %d descriptions", err, configs)
	}
	d0 := slices.IndexFunc(told.Neighbours, func(n host.Neighbour) bool { return n.Addr == netip.MustParseAddr("10.0.0.9") })
	if d0 < 0 || told.Neighbours[d0].MAC != [6]byte{2, 0, 0, 0, 0, 0x99} {
		t.Errorf("neighbours %v", told.Neighbours)
	}
}

func TestFollowEndsCleanly(t *testing.T) {
	ns := newMachine(t, "")
	before := runtime.NumGoroutine()
	for range 5 {
		t.Run("", func(t *testing.T) { follow(t, ns).settles(t, ns) })
	}
	until(t, "goroutines end", func() bool { return runtime.NumGoroutine() <= before })
}

func TestFollowNeedsASubscription(t *testing.T) {
	var c Conn
	if err := c.Follow(t.Context(), host.Config{}, Handler{}); err == nil {
		t.Error("followed without a subscription")
	}
}

func TestResolve(t *testing.T) {
	ns := newMachine(t, `
ip addr add fd00::1/64 dev d0 nodad
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev d0 nud permanent
sysctl -qw net.ipv4.neigh.d0.retrans_time_ms=50 net.ipv6.neigh.d0.retrans_time_ms=50`)
	w := follow(t, ns)
	w.settles(t, ns)
	index := 0
	for _, l := range w.state().Links {
		if l.Name == "d0" {
			index = l.Index
		}
	}
	for _, a := range []string{"10.0.0.2", "10.0.0.3", "fd00::3"} {
		if err := w.conn.Resolve(index, netip.MustParseAddr(a)); err != nil {
			t.Error(err)
		}
	}
	failed := func(a string) bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return slices.Contains(w.events, NeighbourEvent{Change: NeighbourFailed, Index: index, Addr: netip.MustParseAddr(a)})
	}
	until(t, "nobody answers", func() bool { return failed("10.0.0.3") && failed("fd00::3") })
	if out := ns.Shell(t, "ip neigh show 10.0.0.2 dev d0 nud permanent"); out == "" {
		t.Error("the permanent neighbour is not permanent any more")
	}
	if err := w.conn.Resolve(9999, netip.MustParseAddr("10.0.0.4")); err == nil {
		t.Error("resolved on a link that does not exist")
	}
	if err := w.conn.Resolve(index, netip.Addr{}); err == nil {
		t.Error("resolved no address")
	}
}

// A neighbour that answers is told of with its link-layer address.
func TestResolveAnswer(t *testing.T) {
	ns := newMachine(t, "")
	far := testenv.NewNamespace(t)
	far.Shell(t, "ip link set lo up")
	pid := far.Shell(t, "sleep 300 >/dev/null 2>&1 & echo $!")
	ns.Shell(t, "ip link set p0 netns "+pid)
	far.Shell(t, "kill "+pid)
	far.Shell(t, "ip link set p0 up; ip addr add 10.0.0.2/24 dev p0")
	w := follow(t, ns)
	w.settles(t, ns)
	i := slices.IndexFunc(w.state().Addresses, func(a host.Address) bool { return a.Local == netip.MustParseAddr("10.0.0.1") })
	d0 := w.state().Addresses[i].Link
	peer := netip.MustParseAddr("10.0.0.2")
	if err := w.conn.Resolve(d0.Index, peer); err != nil {
		t.Fatal(err)
	}
	until(t, "the neighbour answers", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		mac, ok := w.neighbours[neighbourKey{d0.Index, peer}]
		return ok && mac != [6]byte{} && mac != d0.MAC
	})
}
