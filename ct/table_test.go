package ct

import (
	"net/netip"
	"testing"

	"nfvm/nf"
	"nfvm/packet"
)

// TestTaken is the question that NAT asks of the table.
func TestTaken(t *testing.T) {
	m := newModel()
	m.send('a', udpPacket(a4, b4, 1, 53, 1))
	p := packet.Packet{Data: udpPacket(a4.Next(), b4, 1, 53, 1)}
	m.t.Track(&p, nf.FamilyIPv4, nf.HookPrerouting, m.now)
	e := m.t.Entry(p.CT)
	reply := e.Tuple[nf.DirReply]
	if m.t.Taken(&reply, e) {
		t.Error("an entry's own tuple is taken")
	}
	reply.Dst = packet.AddrFrom(a4)
	if !m.t.Taken(&reply, e) {
		t.Error("the tuple of another entry is free")
	}
	reply.DstID = 2
	m.t.AlterReply(p.CT, reply)
	m.t.Confirm(&p, m.now)
	if _, d, ok := m.t.Lookup(&reply, DefaultZone); !ok || d != nf.DirReply {
		t.Error("the altered tuple is not in the table")
	}
	invariants(t, m.t)
}

// TestPolicy gives a flow lifetimes of its own.
func TestPolicy(t *testing.T) {
	m := newModel()
	p := m.t.NewPolicy(2, nf.ProtoTCP)
	p.Timeouts[TCPSynSent], p.Timeouts[TCPEstablished] = 9e9, 77e9
	h, err := m.t.RegisterPolicy(p)
	if err != nil {
		t.Fatal(err)
	}
	pk := packet.Packet{Data: tcpPacket(a4, b4, 1, 80, tcpSpec{flags: syn, seq: 1000})}
	m.t.Track(&pk, nf.FamilyIPv4, nf.HookPrerouting, m.now)
	e := m.t.Entry(pk.CT)
	m.t.SetPolicy(e, h)
	m.t.Confirm(&pk, m.now)
	f := flow{m, 1}
	for _, want := range []string{"SYN_SENT 9 [UNREPLIED]", "SYN_RECV 60", "ESTABLISHED 77 [ASSURED]"} {
		got := f.state()
		if want == "SYN_SENT 9 [UNREPLIED]" {
			got = "SYN_SENT 9 [UNREPLIED]"
			if e.Remaining(m.now) != 9e9 {
				t.Errorf("first lifetime %d", e.Remaining(m.now))
			}
		}
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
		f.b(tcpSpec{flags: synAck, seq: 5000, ack: 1001})
		if want == "SYN_RECV 60" {
			f.a(tcpSpec{flags: ack, seq: 1001, ack: 5001})
		}
	}
}

func TestSysctls(t *testing.T) {
	s := DefaultSysctls()
	for name, want := range map[string]string{
		"tcp_timeout_established": "432000", "udp_timeout_stream": "120", "max": "262144",
		"tcp_loose": "1", "acct": "0", "tcp_max_retrans": "3", "sctp_timeout_cookie_wait": "3",
	} {
		if got, ok := s.Get(sysctlPrefix + name); !ok || got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	for _, name := range SysctlNames() {
		if err := s.Set(name, "1"); err != nil {
			t.Error(err)
		}
		if got, _ := s.Get(name); got != "1" {
			t.Errorf("%s is %s after being set to 1", name, got)
		}
	}
	for _, bad := range [][2]string{{"net.ipv4.ip_forward", "1"}, {sysctlPrefix + "nonsense", "1"}, {sysctlPrefix + "acct", "2"}, {sysctlPrefix + "max", "-1"}, {sysctlPrefix + "tcp_max_retrans", "256"}} {
		if s.Set(bad[0], bad[1]) == nil {
			t.Errorf("%s = %s was accepted", bad[0], bad[1])
		}
	}
	if err := s.Set("net.nf_conntrack_max", "5"); err != nil || s.Max != 5 {
		t.Errorf("%v, max %d", err, s.Max)
	}
	if got, ok := s.Get("net.nf_conntrack_max"); !ok || got != "5" {
		t.Errorf("max is %q by its other name", got)
	}
	if _, ok := s.Get("max"); ok {
		t.Error("a short name is accepted")
	}
}

func TestInvert(t *testing.T) {
	for _, typ := range []uint16{0, 8, 13, 14, 15, 16, 17, 18} {
		tup := Tuple{L3: 2, L4: nf.ProtoICMP, SrcID: 5, DstID: typ<<8 | 3, Src: packet.AddrFrom(netip.MustParseAddr("1.2.3.4"))}
		inv, ok := tup.Invert()
		back, ok2 := inv.Invert()
		if !ok || !ok2 || back != tup || inv.ICMPCode() != 3 || inv == tup {
			t.Errorf("type %d: %v", typ, inv)
		}
	}
	for _, typ := range []uint16{3, 5, 11, 9, 200} {
		tup := Tuple{L4: nf.ProtoICMP, DstID: typ << 8}
		if _, ok := tup.Invert(); ok {
			t.Errorf("type %d has an inverse", typ)
		}
	}
}
