package vm

import (
	"testing"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/packet"
)

// natProgram is a table inet t with a chain of type nat.
func natProgram(h nf.Hook, rule ...bytecode.Expr) *bytecode.Program {
	p := program(rule)
	p.Tables[0].Chains[0].Base = &bytecode.BaseChain{Type: nf.ChainTypeNAT, Hook: h, Policy: nf.Accept}
	return p
}

func imm(r bytecode.Reg, data ...byte) bytecode.Expr { return &bytecode.Immediate{DReg: r, Data: data} }

func TestNAT(t *testing.T) {
	const post, pre = nf.HookPostrouting, nf.HookPrerouting
	for _, c := range []struct {
		name string
		hook nf.Hook
		rule []bytecode.Expr
		dst  packet.Addr // of the reply tuple (snat), or its source (dnat)
		port uint16
	}{
		{"snat", post, []bytecode.Expr{imm(1, 9, 9, 9, 9), &bytecode.NAT{Type: bytecode.SNAT, Family: nf.FamilyIPv4, AddrMin: 1}}, packet.Addr4(0x09090909), 100},
		{"dnat with port", pre, []bytecode.Expr{imm(1, 9, 9, 9, 9), imm(2, 0, 80), &bytecode.NAT{Type: bytecode.DNAT, Family: nf.FamilyIPv4, AddrMin: 1, ProtoMin: 2}}, packet.Addr4(0x09090909), 80},
		{"prefix", pre, []bytecode.Expr{imm(1, 9, 9, 9, 0), imm(2, 9, 9, 9, 255), &bytecode.NAT{Type: bytecode.DNAT, Family: nf.FamilyIPv4, AddrMin: 1, AddrMax: 2, Flags: bytecode.NATNetmap}}, packet.Addr4(0x09090902), 53},
		{"masquerade", post, []bytecode.Expr{&bytecode.Masq{}}, packet.Addr4(0x08080808), 100},
		{"masquerade to port", post, []bytecode.Expr{imm(1, 4, 0), &bytecode.Masq{ProtoMin: 1}}, packet.Addr4(0x08080808), 1024},
		{"redirect to port", pre, []bytecode.Expr{imm(1, 4, 0), &bytecode.Redir{ProtoMin: 1}}, packet.Addr4(0x08080808), 1024},
		{"other family", pre, []bytecode.Expr{imm(1, 9, 9, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), &bytecode.NAT{Type: bytecode.DNAT, Family: nf.FamilyIPv6, AddrMin: 1}}, packet.Addr4(0x0a000202), 53},
	} {
		w := newWorld()
		w.addr = packet.Addr4(0x08080808)
		p := parsed(ipv4(nf.ProtoUDP, udp(100, 53, 0)))
		w.ct.Track(p, nf.FamilyIPv4, nf.HookPrerouting, w.now)
		r := mustLoad(t, natProgram(c.hook, c.rule...), Options{})
		if !r.HasNAT || !r.UsesConntrack(nf.FamilyIPv4) && !r.UsesConntrack(nf.FamilyIPv6) {
			t.Errorf("%s: HasNAT %v", c.name, r.HasNAT)
		}
		if v := NewMachine(w).Run(r.BaseChains(nf.FamilyIPv4, c.hook)[0], p, c.hook); v != nf.Accept {
			t.Errorf("%s: %v", c.name, v)
		}
		reply := w.ct.Entry(p.CT).Tuple[nf.DirReply]
		addr, port := reply.Dst, reply.DstID
		if c.hook == pre {
			addr, port = reply.Src, reply.SrcID
		}
		if addr != c.dst || port != c.port {
			t.Errorf("%s: %s port %d", c.name, addr.Text(nf.FamilyIPv4), port)
		}
	}
	w := newWorld() // no address to masquerade to
	p := parsed(ipv4(nf.ProtoUDP, udp(100, 53, 0)))
	w.ct.Track(p, nf.FamilyIPv4, nf.HookPrerouting, w.now)
	r := mustLoad(t, natProgram(post, &bytecode.Masq{}), Options{})
	if v := NewMachine(w).Run(r.tables[0].chains[0], p, post); v != nf.Drop {
		t.Errorf("masquerade without address: %v", v)
	}
}

func TestDupAndQueue(t *testing.T) {
	w := newWorld()
	p := program([]bytecode.Expr{imm(1, 10, 0, 3, 9), imm(2, 7, 0, 0, 0), &bytecode.Dup{Addr: 1, Dev: 2}, &bytecode.Dup{Addr: 1}})
	p.Tables[0].Family = nf.FamilyIPv4
	if v := run(t, w, p, from(1)); v != nf.Accept || len(w.copies) != 2 || w.copies[0] != "10.0.3.9 7" || w.copies[1] != "10.0.3.9 0" {
		t.Errorf("dup: %v, %q", v, w.copies)
	}
	for flags, want := range map[uint16]nf.Verdict{0: nf.Queue, bytecode.QueueBypass: nf.Accept} {
		if v := run(t, w, program([]bytecode.Expr{&bytecode.Queue{Flags: flags}, drop}), from(1)); v != want {
			t.Errorf("queue with flags %d: %v", flags, v)
		}
	}
}

func TestRejectFibRoute(t *testing.T) {
	w := newWorld()
	p := parsed(ipv4(nf.ProtoUDP, udp(100, 53, 0)))
	if v := run(t, w, program([]bytecode.Expr{&bytecode.Reject{Type: bytecode.RejectICMPX, Code: 1}}), p); v != nf.Drop || len(w.rejected) != 1 {
		t.Errorf("reject: %v, %d answers", v, len(w.rejected))
	}
	fib := func(result, flags uint32) bytecode.Expr {
		return &bytecode.Fib{Result: result, Flags: flags | bytecode.FibSaddr, DReg: 1}
	}
	w.fib = FibResult{Link: nf.NewLink(3, "eth0"), Type: 2}
	for _, c := range [][]bytecode.Expr{
		{fib(bytecode.FibResultOif, 0), eq(3, 0, 0, 0)},
		{fib(bytecode.FibResultOif, bytecode.FibPresent), eq(1)},
		{fib(bytecode.FibResultOifName, 0), eq(append([]byte("eth0"), make([]byte, 12)...)...)},
		{fib(bytecode.FibResultType, 0), eq(2, 0, 0, 0)},
	} {
		if !matches(t, w, p, c...) {
			t.Errorf("%s does not give %s", c[0], c[1])
		}
	}
	w.fib = FibResult{}
	if !matches(t, w, p, fib(bytecode.FibResultOif, bytecode.FibPresent), eq(0)) {
		t.Error("fib without result")
	}
	rt := &bytecode.Rt{Key: bytecode.RtNextHop4, DReg: 1}
	if matches(t, w, p, rt, neq(1, 1, 1, 1)) {
		t.Error("rt before routing does not break")
	}
	w.route = &Route{NextHop: packet.Addr4(0x01020304), MTU: 1500, Realm: 4}
	if !matches(t, w, p, rt, eq(1, 2, 3, 4)) || !matches(t, w, p, &bytecode.Rt{DReg: 1}, eq(4, 0, 0, 0)) {
		t.Error("rt nexthop, classid")
	}
	if segmentSize(1500, nf.FamilyIPv4) != 1460 || segmentSize(1500, nf.FamilyIPv6) != 1440 || segmentSize(30, nf.FamilyIPv4) != 536 {
		t.Error("segment sizes")
	}
}

// TestLogText holds lines as the kernel writes them.
func TestLogText(t *testing.T) {
	w := newWorld()
	out := nf.NewLink(4, "ta1")
	for _, c := range []struct {
		pkt  []byte
		log  bytecode.Log
		want string
	}{
		{ipv4(6, tcp(1000, 80, 2, 4, 5, 180)), bytecode.Log{Prefix: "P1 ", Flags: bytecode.LogFlagsAll},
			"P1 IN=ta0 OUT=ta1 MAC= SRC=10.0.1.2 DST=10.0.2.2 LEN=44 TOS=0x00 PREC=0x00 TTL=64 ID=0 PROTO=TCP SPT=1000 DPT=80 SEQ=0 ACK=0 WINDOW=0 RES=0x00 SYN URGP=0 OPT (020405B4) MARK=0x5 "},
		{ipv4(17, udp(1, 53, 4)), bytecode.Log{}, "IN=ta0 OUT=ta1 MAC= SRC=10.0.1.2 DST=10.0.2.2 LEN=32 TOS=0x00 PREC=0x00 TTL=64 ID=0 PROTO=UDP SPT=1 DPT=53 LEN=12 MARK=0x5 "},
		{ipv4(6, []byte{0, 1, 0}), bytecode.Log{}, "IN=ta0 OUT=ta1 MAC= SRC=10.0.1.2 DST=10.0.2.2 LEN=23 TOS=0x00 PREC=0x00 TTL=64 ID=0 PROTO=TCP INCOMPLETE [3 bytes] MARK=0x5 "},
		{later(ipv4(17, make([]byte, 9))), bytecode.Log{}, "IN=ta0 OUT=ta1 MAC= SRC=10.0.1.2 DST=10.0.2.2 LEN=29 TOS=0x00 PREC=0x00 TTL=64 ID=0 FRAG:20 PROTO=UDP MARK=0x5 "},
		{ipv4(132, make([]byte, 12)), bytecode.Log{}, "IN=ta0 OUT=ta1 MAC= SRC=10.0.1.2 DST=10.0.2.2 LEN=32 TOS=0x00 PREC=0x00 TTL=64 ID=0 PROTO=132 MARK=0x5 "},
		{ipv4(50, []byte{0, 0, 0x12, 0x34, 0, 0, 0, 0}), bytecode.Log{}, "IN=ta0 OUT=ta1 MAC= SRC=10.0.1.2 DST=10.0.2.2 LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=0 PROTO=ESP SPI=0x1234 MARK=0x5 "},
		{ipv4(1, append([]byte{3, 4, 0, 0, 0, 0, 5, 0}, ipv4(17, udp(5, 6, 0))...)), bytecode.Log{},
			"IN=ta0 OUT=ta1 MAC= SRC=10.0.1.2 DST=10.0.2.2 LEN=56 TOS=0x00 PREC=0x00 TTL=64 ID=0 PROTO=ICMP TYPE=3 CODE=4 [SRC=10.0.1.2 DST=10.0.2.2 LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=0 PROTO=UDP SPT=5 DPT=6 LEN=8 ] MTU=1280 MARK=0x5 "},
		{ipv6(58, []byte{128, 0, 0, 0, 0, 7, 0, 1}), bytecode.Log{Prefix: "V6 "},
			"V6 IN=ta0 OUT=ta1 MAC= SRC=fd00:0000:0000:0000:0000:0000:0000:0001 DST=fd00:0000:0000:0000:0000:0000:0000:0002 LEN=48 TC=0 HOPLIMIT=64 FLOWLBL=0 PROTO=ICMPv6 TYPE=128 CODE=0 ID=7 SEQ=1 MARK=0x5 "},
	} {
		p := parsed(c.pkt)
		p.In, p.Out, p.Mark = nf.NewLink(3, "ta0"), out, 5
		run(t, w, program([]bytecode.Expr{&c.log}), p)
		if got := w.logged[len(w.logged)-1]; got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}
