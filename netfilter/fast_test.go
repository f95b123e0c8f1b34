package netfilter

import (
	"fmt"
	"strings"
	"testing"

	"nfvm/ct"
	"nfvm/host"
	"nfvm/nf"
)

// A connRecorder is a ConnBypass that forwards nothing.
type connRecorder struct {
	*recorder
	conn BypassConn // its use is told once
}

func (r *connRecorder) PutConn(id uint32, w *ct.Windows) bool {
	r.said = append(r.said, "follow")
	r.conn.Windows = *w
	return !r.full
}

func (r *connRecorder) Conn(uint32) (c BypassConn) {
	c, r.conn.Use = r.conn, c.Use
	return c
}

func (r *connRecorder) TakeConn(id uint32) BypassConn {
	r.said = append(r.said, "take")
	return r.Conn(id)
}

func (r *connRecorder) RemoveConn(uint32) { r.said = append(r.said, "forget") }

const fastRules = `table ip t {
	counter c { }
	chain f { type filter hook forward priority 0; counter name c; ct state established accept; }
	chain p { type nat hook postrouting priority 100; oifname "wan0" masquerade; }
}
`

// newFastBench is an engine with a connection of which the Bypass may forward packets.
func newFastBench(t *testing.T, rules string) (*bypassBench, *connRecorder) {
	t.Helper()
	h, err := host.Load([]byte(etherRouterJSON))
	if err != nil {
		t.Fatal(err)
	}
	b := &bypassBench{&recorder{}, t, nil, 1e9}
	r := &connRecorder{recorder: b.recorder}
	if b.e, err = New(h, Options{Seed: 1, Bypass: r, FastFlows: true}); err != nil {
		t.Fatal(err)
	}
	if err := b.e.Load(compile(t, rules)); err != nil {
		t.Fatal(err)
	}
	b.up(nf.TCPSyn)
	b.down(nf.TCPSyn | nf.TCPAck)
	b.heard()
	return b, r
}

// some packets of both directions, after which a connection is forwarded if it may be.
func (b *bypassBench) some() {
	for range fastAfter {
		b.up(nf.TCPAck)
		b.down(nf.TCPAck)
	}
}

const followed = "follow " + putUp + " " + putDown

// TestFast: a connection whose packets rules treat alike is forwarded by the Bypass, and
// what that has forwarded is counted everywhere.
func TestFast(t *testing.T) {
	b, r := newFastBench(t, fastRules)
	b.up(nf.TCPAck)
	b.down(nf.TCPAck)
	b.expect("a short connection", "[]")
	b.some()
	if got := b.heard(); !strings.HasPrefix(got, "["+followed) {
		t.Fatalf("begins with %s", got)
	}
	var before, after strings.Builder
	table := b.e.Conntrack()
	if err := table.WriteList(&before, b.now); err != nil {
		t.Fatal(err)
	}
	last := b.now + 5e9
	r.conn.Use[nf.DirReply] = FlowUse{Packets: 1000, Bytes: 5_000_000, Last: last}
	r.conn.Windows.Side[1].MaxWin = 77777
	if err := table.WriteList(&after, b.now); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(before.String(), "packets=10") || !strings.Contains(after.String(), "packets=10") {
		t.Errorf("before:\n%safter:\n%s", before.String(), after.String())
	}
	table.ForEach(func(e *ct.Entry) bool {
		if w := e.Windows(); w.Side[1].MaxWin != 77777 || e.Expires <= last+100e9 {
			t.Errorf("windows %+v, ends %d", w, e.Expires)
		}
		return true
	})
	if n := b.e.Snapshot().Tables[0].Objects[0].Counter; n.Packets < 1000 || n.Bytes < 5_000_000 {
		t.Errorf("the counter: %+v", n)
	}
	b.heard()
	b.up(nf.TCPAck)
	b.expect("one comes nevertheless", "[take follow]")
	b.up(nf.TCPAck | nf.TCPFin)
	b.expect("FIN", "[take remove 2 remove 3 forget]")
	b.some()
	b.expect("behind it", "[]")
}

// TestFastEnds: what changes ends what the Bypass forwards.
func TestFastEnds(t *testing.T) {
	const ends = "take remove 2 remove 3 forget"
	first := func(b *bypassBench) (e *ct.Entry) {
		b.e.Conntrack().ForEach(func(x *ct.Entry) bool { e = x; return false })
		return e
	}
	for _, c := range []struct {
		name string
		do   func(*bypassBench)
		want string
	}{
		{"rules", func(b *bypassBench) {
			if err := b.e.Load(compile(t, fastRules)); err != nil {
				t.Fatal(err)
			}
		}, "[suspend " + ends + "]"},
		{"host", func(b *bypassBench) { b.e.SetHost(b.e.Host()); b.up(nf.TCPAck) }, "[suspend " + ends + "]"},
		{"trace", func(b *bypassBench) { b.e.Trace(nil, true); b.up(nf.TCPAck) }, "[suspend " + ends + "]"},
		{"deletion", func(b *bypassBench) { b.e.Conntrack().Kill(first(b).ID) }, "[" + ends + "]"},
		{"a program", func(b *bypassBench) { b.e.Conntrack().Changed(first(b)); b.up(nf.TCPAck) }, "[" + ends + "]"},
		{"idle", func(b *bypassBench) {
			for range fastIdle + 2 {
				b.now += 1e9
				b.e.Advance(b.now)
			}
		}, "[" + ends + "]"},
		{"too many come", func(b *bypassBench) {
			for range fastVisits + 1 {
				b.up(nf.TCPAck)
			}
		}, fmt.Sprint("[", strings.Repeat("take follow ", fastVisits), ends, "]")},
	} {
		b, _ := newFastBench(t, fastRules)
		b.some()
		if b.up(nf.TCPAck); !strings.HasPrefix(b.heard(), "["+followed) {
			t.Fatal("not forwarded")
		}
		for range 3 { // visits count anew
			b.now += 1e9
			b.e.Advance(b.now)
		}
		b.heard()
		c.do(b)
		b.expect(c.name, c.want)
		if c.name == "rules" || c.name == "host" || c.name == "idle" {
			b.some()
			if got := b.heard(); !strings.HasPrefix(got, "["+followed) {
				t.Errorf("%s: not forwarded again: %s", c.name, got)
			}
		}
	}
}

// TestNotFast: what rules do not treat alike is not forwarded, nor where there is no room.
func TestNotFast(t *testing.T) {
	for name, rules := range map[string]string{
		"limit":         strings.Replace(fastRules, "counter name c;", "limit rate over 1000/second drop;", 1),
		"before tracks": fastRules + "table ip raw { chain c { type filter hook prerouting priority raw; ip ttl 3 drop; }; }\n",
		"postrouting":   fastRules + "table ip post { chain c { type filter hook postrouting priority 0; ip ttl 3 drop; }; }\n",
		"ingress":       fastRules + "table netdev n { chain c { type filter hook ingress device lan0 priority 0; }; }\n",
		"egress":        fastRules + "table netdev n { chain c { type filter hook egress device wan0 priority 0; }; }\n",
	} {
		b, _ := newFastBench(t, rules)
		b.some()
		b.some()
		b.expect(name, "[]")
	}
	b, _ := newFastBench(t, fastRules)
	b.full = true
	b.some()
	b.expect("full", "[follow]")
}
