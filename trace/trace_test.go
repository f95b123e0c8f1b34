package trace

import (
	"encoding/hex"
	"strings"
	"testing"

	"nfvm/bytecode"
	"nfvm/nf"
)

func packet(t testing.TB, network string, transport int) *Packet {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(network, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	p := &Packet{Network: b, Transport: b[transport:], Family: nf.FamilyIPv4, Proto: b[9]}
	if b[0]>>4 == 6 {
		p.Family, p.Proto = nf.FamilyIPv6, b[6]
	}
	return p
}

// The packets and lines are a kernel's own, recorded with nft 1.0.6.
func TestPacketLine(t *testing.T) {
	ping := packet(t, "45000054 0ae60000 4001 0000 7f000001 7f000001 0800 b1a9 784c 0001 c627016b 00000000 02a80000 0000", 20)
	udp := packet(t, "45000022 fa110000 4011 0000 7f000001 7f000001 913e 0063 000e fe21 68656c6c6f0a", 20)
	syn := packet(t, "4500003c 81ae0000 4006 0000 7f000001 7f000001 acdc0062 00000000 00000000 a002ffd7 fe300000 020405b4", 20)
	solicit := packet(t, "60000000 0010 3aff fe80000000000000 5c46dbfffeb589a2 ff020000000000000000000000000002 85000000 00000000 01015e46dbb589a2", 40)
	loop := *ping
	loop.In, loop.Link = "lo", append(make([]byte, 12), 8, 0)
	eth := *ping
	eth.In, eth.Out, eth.Ether = "c0", "s0", true
	eth.Link = []byte{2, 0, 0, 0, 1, 1, 2, 0, 0, 0, 1, 2, 8, 0}
	tests := []struct {
		p     *Packet
		table nf.Family
		want  string
	}{
		{ping, nf.FamilyIPv4, "ip saddr 127.0.0.1 ip daddr 127.0.0.1 ip dscp cs0 ip ecn not-ect ip ttl 64 ip id 2790 ip length 84 icmp type echo-request icmp code net-unreachable icmp id 30796 icmp sequence 1 @th,64,96 0xc627016b0000000002a80000 "},
		{ping, nf.FamilyInet, "ip saddr 127.0.0.1 ip daddr 127.0.0.1 ip dscp cs0 ip ecn not-ect ip ttl 64 ip id 2790 ip protocol icmp ip length 84 icmp type echo-request icmp code net-unreachable icmp id 30796 icmp sequence 1 @th,64,96 0xc627016b0000000002a80000 "},
		{&loop, nf.FamilyIPv4, "iif \"lo\" @ll,0,112 0x800 ip saddr 127.0.0.1 ip daddr 127.0.0.1 ip dscp cs0 ip ecn not-ect ip ttl 64 ip id 2790 ip length 84 icmp type echo-request icmp code net-unreachable icmp id 30796 icmp sequence 1 @th,64,96 0xc627016b0000000002a80000 "},
		{&eth, nf.FamilyIPv4, "iif \"c0\" oif \"s0\" ether saddr 02:00:00:00:01:02 ether daddr 02:00:00:00:01:01 ip saddr 127.0.0.1 ip daddr 127.0.0.1 ip dscp cs0 ip ecn not-ect ip ttl 64 ip id 2790 ip length 84 icmp type echo-request icmp code net-unreachable icmp id 30796 icmp sequence 1 @th,64,96 0xc627016b0000000002a80000 "},
		{udp, nf.FamilyIPv4, "ip saddr 127.0.0.1 ip daddr 127.0.0.1 ip dscp cs0 ip ecn not-ect ip ttl 64 ip id 64017 ip length 34 udp sport 37182 udp dport 99 udp length 14 @th,64,48 0x68656c6c6f0a "},
		{syn, nf.FamilyIPv4, "ip saddr 127.0.0.1 ip daddr 127.0.0.1 ip dscp cs0 ip ecn not-ect ip ttl 64 ip id 33198 ip length 60 tcp sport 44252 tcp dport 98 tcp flags == syn tcp window 65495 "},
		{solicit, nf.FamilyIPv6, "ip6 saddr fe80::5c46:dbff:feb5:89a2 ip6 daddr ff02::2 ip6 dscp cs0 ip6 ecn not-ect ip6 hoplimit 255 ip6 flowlabel 0 ip6 length 16 icmpv6 type nd-router-solicit icmpv6 code no-route icmpv6 parameter-problem 0 @th,64,64 0x1015e46dbb589a2 "},
	}
	for _, tt := range tests {
		w := NewWriter(nil, nil)
		e := &Event{Table: &bytecode.Table{Family: tt.table}, Packet: tt.p}
		if got := string(w.packet(e)); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

func events(p *Packet) []*Event {
	table := &bytecode.Table{Family: nf.FamilyIPv4, Name: "a"}
	x := &bytecode.Chain{Name: "x"}
	o := &bytecode.Chain{Name: "o", Base: &bytecode.BaseChain{Hook: nf.HookOutput}}
	jump := &bytecode.Rule{Handle: 7, Exprs: []bytecode.Expr{&bytecode.Immediate{Verdict: nf.Jump, Chain: "x"}}}
	count := &bytecode.Rule{Handle: 8, Exprs: []bytecode.Expr{&bytecode.Counter{}}, Comment: "hm"}
	ev := func(e Event) *Event {
		e.ID, e.Table, e.Packet, e.Mark = 0x46df6dd8, table, p, 5
		return &e
	}
	return []*Event{
		ev(Event{Chain: o, Rule: jump, Verdict: nf.Jump, Target: "x"}),
		ev(Event{Chain: x, Rule: count, Verdict: nf.Continue}),
		ev(Event{Kind: Policy, Chain: o, Verdict: nf.Accept}),
	}
}

func TestWriter(t *testing.T) {
	p := packet(t, "45000022 fa110000 4011 0000 7f000001 7f000001 913e 0063 000e fe21", 20)
	p.Out = "lo"
	var text, js, ex strings.Builder
	for _, w := range []interface{ Event(*Event) error }{NewWriter(&text, nil), NewJSONWriter(&js, nil), NewExplainer(&ex, nil)} {
		for _, e := range events(p) {
			if err := w.Event(e); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := "trace id 46df6dd8 ip a o packet: oif \"lo\" ip saddr 127.0.0.1 ip daddr 127.0.0.1 ip dscp cs0 ip ecn not-ect " +
		"ip ttl 64 ip id 64017 ip length 34 udp sport 37182 udp dport 99 udp length 14 \n" +
		"trace id 46df6dd8 ip a o rule jump x (verdict jump x)\n" +
		"trace id 46df6dd8 ip a x rule counter packets 0 bytes 0 comment \"hm\" (verdict continue)\n" +
		"trace id 46df6dd8 ip a o policy accept meta mark 0x00000005 \n"
	if text.String() != want {
		t.Errorf("got\n%swant\n%s", text.String(), want)
	}
	if n := strings.Count(js.String(), "\n"); n != 3 || !strings.Contains(js.String(), `"verdict":"jump","target":"x"`) {
		t.Errorf("JSON:\n%s", js.String())
	}
	if !strings.Contains(ex.String(), "its policy is accept") {
		t.Errorf("explanation:\n%s", ex.String())
	}
}

func FuzzFields(f *testing.F) {
	f.Add([]byte{0x45, 0, 0, 20}, uint8(2), uint8(6), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, family, proto, at uint8) {
		p := &Packet{Network: data, Family: nf.Family(family), Proto: proto, Link: data, Ether: at%2 == 0}
		if int(at) <= len(data) {
			p.Transport = data[at:]
		}
		for _, x := range p.Fields(nf.FamilyInet, nil) {
			_ = x.String()
		}
	})
}
