package ct

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"nfvm/nf"
	"nfvm/packet"
)

// promising gives a table whose helpers expect as these policies say, and an
// entry with the helper.
func promising(t testing.TB, policies ...ExpectPolicy) (*model, *Entry) {
	m := newModel()
	m.t.Helpers = func(name string) *Helper { return &Helper{Name: name, Policies: policies} }
	return m, master(t, m, 1)
}

// master opens the n-th flow and gives it a helper.
func master(t testing.TB, m *model, n uint16) *Entry {
	t.Helper()
	m.send('a', udpPacket(a4, b4, n, 53, 10))
	e := m.t.at(m.t.newest)
	var err error
	if e.Helper, err = m.t.RegisterHelper("h"); err != nil {
		t.Fatal(err)
	}
	return e
}

// toPort expects a UDP flow from the server to a port of the client.
func toPort(e *Entry, class uint8, port uint16) *Expectation {
	back := &e.Tuple[nf.DirReply]
	return NewExpectation(e, class, nf.ProtoUDP, &back.Src, back.Dst, nil, port)
}

// expectSome adds two expectations of the first flow, as saved tables may hold.
func expectSome(t testing.TB, m *model) {
	e := m.t.at(m.t.oldest)
	x := toPort(e, 0, 7000)
	x.Lifetime, x.SavedID, x.SavedAddr, x.Dir, x.Fn = 60e9, 9, packet.Addr{1, 2}, 1, ExpectFollowMaster
	y := toPort(e, 0, 7001)
	y.Lifetime, y.Flags = 1e9, ExpectPermanent
	if m.t.Expect(x) != Expected || m.t.Expect(y) != Expected {
		t.Fatal("not expected")
	}
	m.t.HelpData(e)[5] = 7
}

func pending(t *Table) string {
	var ports []string
	for _, x := range t.Expectations() {
		ports = append(ports, fmt.Sprint(x.Tuple.DstID))
	}
	return strings.Join(ports, " ")
}

// TestExpect: what the table does with a new expectation beside others.
func TestExpect(t *testing.T) {
	m, e := promising(t, ExpectPolicy{Max: 2, Timeout: 5e9}, ExpectPolicy{Max: 1, Timeout: 9e9})
	other := master(t, m, 2)
	for _, step := range []struct {
		x    *Expectation
		want ExpectResult
		left string
	}{
		{toPort(e, 0, 1), Expected, "1"},
		{toPort(e, 0, 2), Expected, "1 2"},
		{toPort(e, 0, 1), Expected, "2 1"},      // made anew
		{toPort(e, 1, 1), ExpectAlready, "2 1"}, // in another class
		{toPort(e, 0, 3), Expected, "1 3"},      // the oldest gives way
		{toPort(e, 1, 4), Expected, "1 3 4"},    // a class of its own
		{toPort(other, 0, 3), ExpectBusy, "1 3 4"},
		{toPort(e, 1, 5), Expected, "1 3 5"},
		{toPort(e, 2, 6), ExpectRefused, "1 3 5"}, // no such class
	} {
		if got := m.t.Expect(step.x); got != step.want || pending(m.t) != step.left {
			t.Errorf("%v: %v and %s are left, want %v and %s", step.x.Tuple, got, pending(m.t), step.want, step.left)
		}
	}
	if got := m.t.ExpectForAny(toPort(other, 0, 3)); got != ExpectAlready {
		t.Errorf("another master's expectation: %v", got)
	}
	m.t.Sysctl.ExpectMax = 3
	if got := m.t.Expect(toPort(other, 0, 9)); got != ExpectFull {
		t.Errorf("beyond nf_conntrack_expect_max: %v", got)
	}
	m.t.Sweep(m.now + 6e9)
	if got := pending(m.t); got != "5" {
		t.Errorf("after the timeout of class 0: %s", got)
	}
	m.t.Kill(e.ID)
	if got := pending(m.t); got != "" {
		t.Errorf("after the master's end: %s", got)
	}
}

// TestExpectRestore: what is expected in a saved table is expected in another,
// with the time that has passed counted.
func TestExpectRestore(t *testing.T) {
	before, s := saved(t)
	after := newModel()
	after.now = before.now + 2e9
	after.t.Restore(s.through(t), after.now, onEth8)
	if got := pending(after.t); got != "7000" {
		t.Fatalf("expected are %q", got)
	}
	x, was := after.t.Expectations()[0], before.t.Expectations()[0]
	if x.SavedID != 9 || x.SavedAddr != was.SavedAddr || x.Fn != ExpectFollowMaster || x.Dir != 1 || x.Expires != was.Expires {
		t.Errorf("before %+v, after %+v", was, x)
	}
	if got := after.t.HelpData(after.t.Entry(x.Master))[5]; got != 7 {
		t.Errorf("the helper remembers %d", got)
	}
	var text bytes.Buffer
	if err := after.t.WriteExpectations(&text, after.now); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(text.String(), "58 proto=17 ") {
		t.Errorf("listed as %s", &text)
	}
}

// TestExpectHeap: expectations end in the order of their expiry, whatever comes
// and goes between them.
func TestExpectHeap(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var h expectHeap
	var all []*Expectation
	for i := range 2000 {
		switch n := r.IntN(4); {
		case n == 0 && len(all) > 0:
			j := r.IntN(len(all))
			h.remove(all[j])
			all[j] = all[len(all)-1]
			all = all[:len(all)-1]
		case n == 1 && len(all) > 0:
			x := all[r.IntN(len(all))]
			x.Expires = r.Int64N(100)
			h.fix(x)
		default:
			x := &Expectation{Expires: r.Int64N(100)}
			x.seq = uint64(i)
			h.push(x)
			all = append(all, x)
		}
	}
	for last := int64(0); len(h) > 0; h.remove(h[0]) {
		if h[0].Expires < last {
			t.Fatalf("%d after %d", h[0].Expires, last)
		}
		last = h[0].Expires
	}
}

// TestExpectFlood: clients that announce more than nf_conntrack_expect_max flows get
// no more, whatever each of them may expect, and nothing remains when they are gone.
func TestExpectFlood(t *testing.T) {
	m, first := promising(t, ExpectPolicy{Timeout: 300e9}) // any number
	limit := int(m.t.Sysctl.ExpectMax)
	refused := 0
	for n := range 1500 {
		e := first
		if n > 0 {
			e = master(t, m, uint16(n+1))
		}
		m.t.HelpData(e)[0] = 1
		for i := range 4 {
			if m.t.Expect(toPort(e, 0, uint16(4*n+i+1))) == ExpectFull {
				refused++
			}
		}
		if got := len(m.t.Expectations()); got > limit {
			t.Fatalf("%d are expected, the limit is %d", got, limit)
		}
	}
	if want := 4*1500 - limit; limit != 4096 || refused != want {
		t.Errorf("%d of 6000 were refused, want %d", refused, want)
	}
	m.t.Flush()
	s := &m.t.expects
	if len(s.byDst)+len(s.byMaster)+len(s.timers)+len(m.t.helpData) > 0 {
		t.Errorf("left are %d destinations, %d masters, %d expectations, memories of %d helpers",
			len(s.byDst), len(s.byMaster), len(s.timers), len(m.t.helpData))
	}
}
