package netfilter

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"nfvm/host"
	"nfvm/nf"
	"nfvm/packet"
)

const etherRouterJSON = `{
 "addr": [
  {"ifindex":2,"ifname":"lan0","mtu":1500,"link_type":"ether","address":"02:00:00:00:00:02","addr_info":[{"family":"inet","local":"10.0.1.1","prefixlen":24,"scope":"global"}]},
  {"ifindex":3,"ifname":"wan0","mtu":1400,"link_type":"ether","address":"02:00:00:00:00:03","addr_info":[{"family":"inet","local":"10.0.2.1","prefixlen":24,"scope":"global"}]}
 ],
 "route": [
  {"dst":"10.0.1.0/24","dev":"lan0","scope":"link","prefsrc":"10.0.1.1"},
  {"dst":"10.0.2.0/24","dev":"wan0","scope":"link","prefsrc":"10.0.2.1"}
 ],
 "neigh": [
  {"dst":"10.0.1.2","dev":"lan0","lladdr":"02:00:00:00:01:02","state":["REACHABLE"]},
  {"dst":"10.0.2.2","dev":"wan0","lladdr":"02:00:00:00:02:02","state":["REACHABLE"]}
 ],
 "sysctl": {"net.ipv4.ip_forward":"1","net.netfilter.nf_conntrack_acct":"1"}
}`

const bypassRules = `table ip t {
	flowtable f { hook ingress priority 0; devices = { lan0, wan0 }; counter; }
	chain f { type filter hook forward priority 0; ct state established flow add @f; }
	chain p { type nat hook postrouting priority 100; oifname "wan0" masquerade; }
}
`

// A recorder is a Bypass that forwards nothing.
type recorder struct {
	said []string
	use  FlowUse // told once
	full bool
}

func (r *recorder) Put(k *FlowKey, w *FlowWay) bool {
	r.said = append(r.said, fmt.Sprintf("put %d %v:%d > %v:%d as %v:%d > %v:%d by %s to %x mtu %d", k.In,
		k.Src.Netip(k.Family), k.SrcPort, k.Dst.Netip(k.Family), k.DstPort,
		w.Src.Netip(k.Family), w.SrcPort, w.Dst.Netip(k.Family), w.DstPort, w.Out.Name, w.MAC, w.MTU))
	return !r.full
}

func (r *recorder) Use(*FlowKey) (u FlowUse) {
	u, r.use = r.use, u
	return u
}

func (r *recorder) Remove(k *FlowKey) FlowUse {
	r.said = append(r.said, fmt.Sprintf("remove %d", k.In))
	return r.Use(k)
}

func (r *recorder) Suspend() { r.said = append(r.said, "suspend") }

// heard gives what was said since it was asked last.
func (r *recorder) heard() string {
	text := fmt.Sprint(r.said)
	r.said = nil
	return text
}

// A bypassBench is an engine with a Bypass and one connection.
type bypassBench struct {
	*recorder
	t   *testing.T
	e   *Engine
	now int64
}

func newBypassBench(t *testing.T, rules string) *bypassBench {
	t.Helper()
	h, err := host.Load([]byte(etherRouterJSON))
	if err != nil {
		t.Fatal(err)
	}
	b := &bypassBench{&recorder{}, t, nil, 1e9}
	if b.e, err = New(h, Options{Seed: 1, Bypass: b.recorder}); err != nil {
		t.Fatal(err)
	}
	if err := b.e.Load(compile(t, rules)); err != nil {
		t.Fatal(err)
	}
	b.up(nf.TCPSyn)
	b.down(nf.TCPSyn | nf.TCPAck)
	b.up(nf.TCPAck) // which gives the connection to the flowtable
	return b
}

func (b *bypassBench) up(flags uint8) { b.send("lan0", "10.0.1.2", "10.0.2.2", 1111, 80, flags) }
func (b *bypassBench) down(flags uint8) {
	b.send("wan0", "10.0.2.2", "10.0.2.1", 80, 1111, flags)
}

func (b *bypassBench) send(link, src, dst string, sport, dport uint16, flags uint8) {
	l := b.e.Host().LinkByName(link)
	s := packet.Segment{Family: nf.FamilyIPv4, Src: packet.AddrFrom(netip.MustParseAddr(src)), Dst: packet.AddrFrom(netip.MustParseAddr(dst)),
		SrcPort: [2]byte{byte(sport >> 8), byte(sport)}, DstPort: [2]byte{byte(dport >> 8), byte(dport)},
		Seq: 1000, Ack: 1001, Flags: flags, Window: 1000, TTL: 64}
	frame := append(append(append([]byte(nil), l.MAC[:]...), 2, 0, 0, 0, 9, 9, 8, 0), s.Append(nil)...)
	b.now += 1e6
	b.e.Process(&Frame{Link: l, Time: b.now, Data: frame, Ether: true})
}

func (b *bypassBench) expect(what, want string) {
	b.t.Helper()
	if got := b.heard(); got != want {
		b.t.Errorf("%s: %s, want %s", what, got, want)
	}
}

const (
	putUp   = "put 2 10.0.1.2:1111 > 10.0.2.2:80 as 10.0.2.1:1111 > 10.0.2.2:80 by wan0 to 020000000202 mtu 1400"
	putDown = "put 3 10.0.2.2:80 > 10.0.2.1:1111 as 10.0.2.2:80 > 10.0.1.2:1111 by lan0 to 020000000102 mtu 1500"
)

// TestBypass: each direction is given to the Bypass with its first packet, again when
// that was suspended, and taken when the flow ends.
func TestBypass(t *testing.T) {
	b := newBypassBench(t, bypassRules)
	b.heard()
	b.up(nf.TCPAck)
	b.up(nf.TCPAck)
	b.expect("up", "["+putUp+"]")
	b.down(nf.TCPAck)
	b.expect("down", "["+putDown+"]")
	b.e.SuspendBypass()
	b.up(nf.TCPAck)
	b.expect("suspended", "[suspend "+putUp+"]")

	b.use = FlowUse{Packets: 10, Bytes: 5000, Last: b.now + 20e9}
	b.now += 21e9
	b.e.Advance(b.now)
	b.now += 20e9 // 21 s after the last packet that the Bypass has seen
	b.e.Advance(b.now)
	b.expect("in use", "[]")
	var list strings.Builder
	if err := b.e.Conntrack().WriteList(&list, b.now); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"packets=15 bytes=5200 ", "[OFFLOAD]"} {
		if !strings.Contains(list.String(), want) {
			t.Errorf("no %q in %s", want, list.String())
		}
	}
	b.now += 10e9
	b.e.Advance(b.now)
	b.expect("idle", "[remove 2 remove 3]")
}

// TestBypassEnds: what ends flows ends them for the Bypass.
func TestBypassEnds(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*bypassBench)
		want string
	}{
		{"another host", func(b *bypassBench) {
			h, err := host.Load([]byte(etherRouterJSON))
			if err != nil {
				t.Fatal(err)
			}
			b.e.SetHost(h)
			b.up(nf.TCPAck)
		}, "[suspend remove 2]"},
		{"other rules", func(b *bypassBench) {
			if err := b.e.Load(compile(t, "table ip other {\n}\n")); err != nil {
				t.Fatal(err)
			}
		}, "[suspend remove 2]"},
		{"FIN", func(b *bypassBench) { b.up(nf.TCPAck | nf.TCPFin); b.down(nf.TCPAck) }, "[]"},
		{"a new connection", func(b *bypassBench) { b.up(nf.TCPAck | nf.TCPFin); b.up(nf.TCPSyn) }, "[remove 2]"},
	} {
		b := newBypassBench(t, bypassRules)
		b.up(nf.TCPAck)
		b.heard()
		c.do(b)
		b.expect(c.name, c.want)
	}
}

// TestNoBypass: where a chain would see the packets, or there is no room, they come to
// the engine.
func TestNoBypass(t *testing.T) {
	for name, rules := range map[string]string{
		"ingress before": "table netdev n { chain c { type filter hook ingress device lan0 priority -1; }; }\n",
		"egress":         "table netdev n { chain c { type filter hook egress device wan0 priority 0; }; }\n",
	} {
		b := newBypassBench(t, bypassRules+rules)
		b.heard()
		b.up(nf.TCPAck)
		b.expect(name, "[]")
		b.down(nf.TCPAck)
		b.expect(name+", down", "["+putDown+"]")
	}
	b := newBypassBench(t, bypassRules+"table netdev n { chain c { type filter hook ingress device lan0 priority 1; }; }\n")
	b.heard()
	b.full = true
	b.up(nf.TCPAck)
	b.up(nf.TCPAck)
	b.expect("full", "["+putUp+"]")
	b.full = false
	b.now += 1e9
	b.up(nf.TCPAck)
	b.expect("a second later", "["+putUp+"]")
	b = newBypassBench(t, bypassRules)
	b.heard()
	b.e.Host().RemoveNeighbour(3, netip.MustParseAddr("10.0.2.2"))
	b.up(nf.TCPAck)
	b.expect("unknown neighbour", "[]")
}
