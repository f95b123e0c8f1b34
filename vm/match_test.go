package vm

import (
	"testing"

	"nfvm/bytecode"
	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

func load(base bytecode.PayloadBase, off, n uint32) bytecode.Expr {
	return &bytecode.Payload{Base: base, Offset: off, Len: n, DReg: 1}
}

func eq(b ...byte) bytecode.Expr  { return &bytecode.Cmp{Op: bytecode.CmpEq, SReg: 1, Data: b} }
func neq(b ...byte) bytecode.Expr { return &bytecode.Cmp{Op: bytecode.CmpNeq, SReg: 1, Data: b} }

func meta(k bytecode.MetaKey) bytecode.Expr { return &bytecode.Meta{Key: k, DReg: 1} }
func ctLoad(k bytecode.CTKey) bytecode.Expr {
	return &bytecode.CT{Key: k, Dir: bytecode.DirNone, DReg: 1}
}

// later makes an IPv4 packet a later fragment.
func later(b []byte) []byte {
	b[7] = 20
	packet.FixIPv4Checksum(b)
	return b
}

func TestPayload(t *testing.T) {
	th, nh := bytecode.PayloadTransport, bytecode.PayloadNetwork
	dns := ipv4(nf.ProtoUDP, udp(100, 53, 4))
	fragment6 := ipv6(nf.ProtoFragment, append([]byte{nf.ProtoUDP, 0, 0, 8, 0, 0, 0, 1}, udp(1, 2, 0)...))
	for _, c := range []struct {
		name  string
		pkt   []byte
		exprs []bytecode.Expr
		want  bool
	}{
		{"udp dport 53", dns, []bytecode.Expr{load(th, 2, 2), eq(0, 53)}, true},
		{"udp dport 54", dns, []bytecode.Expr{load(th, 2, 2), eq(0, 54)}, false},
		{"udp dport != 54", dns, []bytecode.Expr{load(th, 2, 2), neq(0, 54)}, true},
		{"ip daddr", dns, []bytecode.Expr{load(nh, 16, 4), eq(10, 0, 2, 2)}, true},
		{"no socket", dns, []bytecode.Expr{&bytecode.Socket{Key: bytecode.SocketMark, DReg: 1}, eq(0, 0, 0, 0)}, false},
		{"no socket, negated", dns, []bytecode.Expr{&bytecode.Socket{Key: bytecode.SocketTransparent, DReg: 1}, neq(1)}, false},
		{"not encrypted", dns, []bytecode.Expr{&bytecode.Xfrm{Key: 5, DReg: 1}, neq(0, 0, 0, 1)}, false},
		{"beyond the header", dns, []bytecode.Expr{load(nh, 20, 2), eq(0, 100)}, true},
		{"beyond the packet", dns, []bytecode.Expr{load(th, 12, 1), neq(1)}, false},
		{"short: sport", ipv4(nf.ProtoUDP, []byte{0, 1, 0}), []bytecode.Expr{load(th, 0, 2), eq(0, 1)}, true},
		{"short: dport != 53", ipv4(nf.ProtoUDP, []byte{0, 1, 0}), []bytecode.Expr{load(th, 2, 2), neq(0, 53)}, false},
		{"later fragment, fast path", later(ipv4(nf.ProtoUDP, []byte{0, 1, 0, 53})), []bytecode.Expr{load(th, 2, 2), eq(0, 53)}, true},
		{"later fragment, slow path", later(ipv4(nf.ProtoUDP, make([]byte, 8))), []bytecode.Expr{load(th, 0, 8), eq(make([]byte, 8)...)}, false},
		{"later fragment, unaligned", later(ipv4(nf.ProtoUDP, make([]byte, 8))), []bytecode.Expr{load(th, 1, 2), eq(0, 0)}, false},
		{"later IPv6 fragment reads the IPv6 header", fragment6, []bytecode.Expr{load(th, 2, 2), eq(0, 0)}, true},
		{"link header of a bare packet", dns, []bytecode.Expr{load(bytecode.PayloadLink, 0, 1), neq(1)}, false},
		{"inner of UDP", ipv4(nf.ProtoUDP, append(udp(1, 2, 0), 7, 8)), []bytecode.Expr{load(bytecode.PayloadInner, 1, 1), eq(8)}, true},
		{"mask", dns, []bytecode.Expr{load(nh, 12, 4), &bytecode.Bitwise{SReg: 1, DReg: 1, Len: 4, Mask: []byte{255, 0, 0, 0}, Xor: make([]byte, 4)}, eq(10, 0, 0, 0)}, true},
		{"16 bytes", ipv6(nf.ProtoNone, nil), []bytecode.Expr{load(nh, 24, 16), eq(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2)}, true},
		{"3 bytes zero the word", dns, []bytecode.Expr{load(nh, 12, 3), eq(10, 0, 1, 0)}, true},
		{"order", dns, []bytecode.Expr{load(th, 2, 2), &bytecode.Cmp{Op: bytecode.CmpGt, SReg: 1, Data: []byte{0, 52}}}, true},
		{"range", dns, []bytecode.Expr{load(th, 2, 2), &bytecode.Range{SReg: 1, From: []byte{0, 53}, To: []byte{0, 60}}}, true},
		{"range neq", dns, []bytecode.Expr{load(th, 2, 2), &bytecode.Range{Op: bytecode.CmpNeq, SReg: 1, From: []byte{0, 53}, To: []byte{0, 60}}}, false},
	} {
		if got := matches(t, newWorld(), parsed(c.pkt), c.exprs...); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestVLAN(t *testing.T) {
	frame := append([]byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0, 0x20, 5, 8, 0}, ipv4(nf.ProtoUDP, udp(1, 2, 0))...)
	p := new(packet.Packet)
	p.Reset(frame, true)
	p.ParseEther()
	p.ParseIP()
	ll := bytecode.PayloadLink
	for _, c := range []struct {
		name  string
		exprs []bytecode.Expr
		want  bool
	}{
		{"ether type vlan", []bytecode.Expr{load(ll, 12, 2), eq(0x81, 0)}, true},
		{"vlan id 5", []bytecode.Expr{load(ll, 14, 2), &bytecode.Bitwise{SReg: 1, DReg: 1, Len: 2, Mask: []byte{0x0f, 0xff}, Xor: []byte{0, 0}}, eq(0, 5)}, true},
		{"inner type", []bytecode.Expr{load(ll, 16, 2), eq(8, 0)}, true},
		{"ether saddr", []bytecode.Expr{load(ll, 6, 6), eq(2, 0, 0, 0, 0, 2)}, true},
		{"across", []bytecode.Expr{load(ll, 10, 6), eq(0, 2, 0x81, 0, 0x20, 5)}, true},
		{"meta protocol", []bytecode.Expr{meta(bytecode.MetaProtocol), eq(8, 0)}, true},
		{"meta length", []bytecode.Expr{meta(bytecode.MetaLen), eq(28, 0, 0, 0)}, true},
	} {
		if got := matches(t, newWorld(), p, c.exprs...); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestMeta(t *testing.T) {
	p := parsed(ipv4(nf.ProtoTCP, tcp(1, 80)))
	p.In = nf.NewLink(3, "eth0")
	p.In.Kind, p.In.Group = "veth", 7
	p.Mark, p.Priority, p.PktType = 0x1234, 5, nf.PacketMulticast
	eth0 := append([]byte("eth0"), make([]byte, 12)...)
	for _, c := range []struct {
		name  string
		exprs []bytecode.Expr
		want  bool
	}{
		{"l4proto", []bytecode.Expr{meta(bytecode.MetaL4Proto), eq(6)}, true},
		{"nfproto", []bytecode.Expr{meta(bytecode.MetaNFProto), eq(2)}, true},
		{"mark", []bytecode.Expr{meta(bytecode.MetaMark), eq(0x34, 0x12, 0, 0)}, true},
		{"iif", []bytecode.Expr{meta(bytecode.MetaIif), eq(3, 0, 0, 0)}, true},
		{"oif 0", []bytecode.Expr{meta(bytecode.MetaOif), eq(0, 0, 0, 0)}, true},
		{"iifname", []bytecode.Expr{meta(bytecode.MetaIifName), eq(eth0...)}, true},
		{"iifname prefix", []bytecode.Expr{meta(bytecode.MetaIifName), eq([]byte("eth")...)}, true},
		{"iifname !=", []bytecode.Expr{meta(bytecode.MetaIifName), neq(eth0...)}, false},
		{"oifname is empty", []bytecode.Expr{meta(bytecode.MetaOifName), eq(make([]byte, 16)...)}, true},
		{"oifname != eth0", []bytecode.Expr{meta(bytecode.MetaOifName), neq(eth0...)}, true},
		{"iifkind", []bytecode.Expr{meta(bytecode.MetaIifKind), eq(append([]byte("veth"), make([]byte, 12)...)...)}, true},
		{"oifkind breaks", []bytecode.Expr{meta(bytecode.MetaOifKind), neq(1)}, false},
		{"iifgroup", []bytecode.Expr{meta(bytecode.MetaIifGroup), eq(7, 0, 0, 0)}, true},
		{"iiftype without device", []bytecode.Expr{meta(bytecode.MetaIifType), neq(9, 9)}, false},
		{"pkttype", []bytecode.Expr{meta(bytecode.MetaPktType), eq(2)}, true},
		{"skuid breaks", []bytecode.Expr{meta(bytecode.MetaSkuid), neq(1, 2, 3, 4)}, false},
		{"day: 14 November 2023 is a Tuesday", []bytecode.Expr{meta(bytecode.MetaTimeDay), eq(2)}, true},
		{"hour 22:13:20", []bytecode.Expr{meta(bytecode.MetaTimeHour), eq(0x80, 0x38, 1, 0)}, true},
		{"mark set", []bytecode.Expr{&bytecode.Immediate{DReg: 2, Data: []byte{9, 0, 0, 0}}, &bytecode.MetaSet{Key: bytecode.MetaMark, SReg: 2}, meta(bytecode.MetaMark), eq(9, 0, 0, 0)}, true},
	} {
		if got := matches(t, newWorld(), p, c.exprs...); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestConntrackKeys(t *testing.T) {
	w := newWorld()
	p := parsed(ipv4(nf.ProtoUDP, udp(100, 53, 0)))
	state := func(bits byte) []bytecode.Expr {
		return []bytecode.Expr{ctLoad(bytecode.CTState), eq(bits, 0, 0, 0)}
	}
	if !matches(t, w, p, state(1)...) {
		t.Error("no entry: state is not invalid")
	}
	if matches(t, w, p, ctLoad(bytecode.CTMark), eq(0, 0, 0, 0)) {
		t.Error("no entry: mark does not break")
	}
	p.CTInfo = nf.CTUntracked
	if !matches(t, w, p, state(64)...) {
		t.Error("untracked packet")
	}
	p.CTInfo = 0
	zoned := *p
	zoned.Zone, zoned.ZoneDir, zoned.CTInfo = 5, ct.ZoneBoth, nf.CTNew
	if matches(t, w, &zoned, ctLoad(bytecode.CTZone), eq(5, 0)) || !matches(t, w, &zoned, state(8)...) {
		t.Error("template")
	}
	w.ct.Track(p, nf.FamilyIPv4, nf.HookPrerouting, w.now)
	w.ct.Entry(p.CT).Mark = 7
	original := func(k bytecode.CTKey) bytecode.Expr { return &bytecode.CT{Key: k, Dir: 0, DReg: 1} }
	for _, c := range []struct {
		name string
		load bytecode.Expr
		want []byte
	}{
		{"state", ctLoad(bytecode.CTState), []byte{8, 0, 0, 0}},
		{"mark", ctLoad(bytecode.CTMark), []byte{7, 0, 0, 0}},
		{"direction", ctLoad(bytecode.CTDirection), []byte{0}},
		{"protocol", original(bytecode.CTProtocol), []byte{17}},
		{"l3proto", original(bytecode.CTL3Proto), []byte{2}},
		{"proto-dst", original(bytecode.CTProtoDst), []byte{0, 53}},
		{"ip saddr", original(bytecode.CTSrcIP), []byte{10, 0, 1, 2}},
		{"zone", ctLoad(bytecode.CTZone), []byte{0, 0}},
		{"expiration of a new entry", ctLoad(bytecode.CTExpiration), []byte{0, 0, 0, 0}},
	} {
		if !matches(t, w, p, c.load, eq(c.want...)) {
			t.Errorf("ct %s is not %v", c.name, c.want)
		}
	}
	if matches(t, w, p, original(bytecode.CTSrcIP6), neq(make([]byte, 16)...)) {
		t.Error("ct ip6 saddr of an IPv4 flow does not break")
	}
	if matches(t, w, p, ctLoad(bytecode.CTHelper), neq(make([]byte, 16)...)) {
		t.Error("ct helper without master does not break")
	}
	set := []bytecode.Expr{&bytecode.Immediate{DReg: 1, Data: []byte{9, 0, 0, 0}}, &bytecode.CTSet{Key: bytecode.CTMark, Dir: bytecode.DirNone, SReg: 1}}
	if !matches(t, w, p, set...) || w.ct.Entry(p.CT).Mark != 9 {
		t.Error("ct mark set")
	}
}

func TestNotrackAndZone(t *testing.T) {
	w := newWorld()
	zone := []bytecode.Expr{&bytecode.Immediate{DReg: 1, Data: []byte{5, 0}}, &bytecode.CTSet{Key: bytecode.CTZone, Dir: 1, SReg: 1}}
	p := parsed(ipv4(nf.ProtoUDP, udp(100, 53, 0)))
	run(t, w, program([]bytecode.Expr{&bytecode.Notrack{}}), p)
	if p.CTInfo != nf.CTUntracked {
		t.Error("notrack")
	}
	run(t, w, program(zone), p)
	if p.Zone != 5 || p.ZoneDir != ct.ZoneReply || p.CTInfo == nf.CTUntracked {
		t.Error("ct reply zone set")
	}
	run(t, w, program([]bytecode.Expr{&bytecode.Notrack{}}), p)
	if p.CTInfo == nf.CTUntracked {
		t.Error("notrack after a zone was set")
	}
}

func TestComputations(t *testing.T) {
	imm := func(b ...byte) bytecode.Expr { return &bytecode.Immediate{DReg: 1, Data: b} }
	bit := func(e bytecode.Bitwise) bytecode.Expr { e.SReg, e.DReg = 1, 1; return &e }
	for _, c := range []struct {
		name  string
		exprs []bytecode.Expr
	}{
		{"lshift", []bytecode.Expr{imm(1, 0, 0, 0x80, 2, 0, 0, 0x80), bit(bytecode.Bitwise{Op: bytecode.BitwiseLshift, Len: 8, Shift: 1}), eq(3, 0, 0, 0, 4, 0, 0, 0)}},
		{"rshift", []bytecode.Expr{imm(1, 0, 0, 0x80, 2, 0, 0, 0x80), bit(bytecode.Bitwise{Op: bytecode.BitwiseRshift, Len: 8, Shift: 1}), eq(0, 0, 0, 0x40, 1, 0, 0, 0xc0)}},
		{"shift by 0", []bytecode.Expr{imm(1, 2, 3, 4), bit(bytecode.Bitwise{Op: bytecode.BitwiseRshift, Len: 4}), eq(1, 2, 3, 4)}},
		{"or", []bytecode.Expr{imm(1, 0, 0, 0), bit(bytecode.Bitwise{Op: bytecode.BitwiseOr, Len: 4, Data: []byte{6, 0, 0, 1}}), eq(7, 0, 0, 1)}},
		{"and register", []bytecode.Expr{imm(7, 0, 0, 0), &bytecode.Immediate{DReg: 2, Data: []byte{3, 0, 0, 0}}, bit(bytecode.Bitwise{Op: bytecode.BitwiseAnd, Len: 4, SReg2: 2}), eq(3, 0, 0, 0)}},
		{"mask of 16 bytes", []bytecode.Expr{imm(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16), bit(bytecode.Bitwise{Len: 16, Mask: []byte{15: 0xf0}, Xor: []byte{15: 1}}), eq(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 17)}},
		{"hton 4", []bytecode.Expr{imm(1, 2, 3, 4), &bytecode.Byteorder{Op: bytecode.HtoN, SReg: 1, DReg: 1, Len: 4, Size: 4}, eq(4, 3, 2, 1)}},
		{"hton 2", []bytecode.Expr{imm(1, 2), &bytecode.Byteorder{Op: bytecode.HtoN, SReg: 1, DReg: 1, Len: 2, Size: 2}, eq(2, 1)}},
		{"hton 8", []bytecode.Expr{imm(1, 2, 3, 4, 5, 6, 7, 8), &bytecode.Byteorder{Op: bytecode.HtoN, SReg: 1, DReg: 1, Len: 8, Size: 8}, eq(8, 7, 6, 5, 4, 3, 2, 1)}},
	} {
		if !matches(t, newWorld(), parsed(ipv4(17, nil)), c.exprs...) {
			t.Errorf("%s does not match", c.name)
		}
	}
}

// TestNumbers holds the vectors recorded from the kernel (packet
// 10.0.1.2:100 → 10.0.2.2:53, UDP).
func TestNumbers(t *testing.T) {
	p := parsed(ipv4(nf.ProtoUDP, udp(100, 53, 0)))
	field := func(base bytecode.PayloadBase, off, n uint32, reg bytecode.Reg) bytecode.Expr {
		return &bytecode.Payload{Base: base, Offset: off, Len: n, DReg: reg}
	}
	saddr, daddr := field(bytecode.PayloadNetwork, 12, 4, 2), field(bytecode.PayloadNetwork, 16, 4, 13)
	sport, dport := field(bytecode.PayloadTransport, 0, 2, 14), field(bytecode.PayloadTransport, 2, 2, 15)
	le := func(v uint32) bytecode.Expr { return eq(byte(v), byte(v>>8), byte(v>>16), byte(v>>24)) }
	for _, c := range []struct {
		hash  bytecode.Hash
		loads []bytecode.Expr
		want  uint32
	}{
		{bytecode.Hash{SReg: 2, Len: 4, Modulus: 65536, Seed: 0xdeadbeef}, []bytecode.Expr{saddr}, 46716},
		{bytecode.Hash{SReg: 2, Len: 8, Modulus: 1000, Seed: 1, Offset: 5}, []bytecode.Expr{saddr, daddr}, 510},
		{bytecode.Hash{SReg: 14, Len: 2, Modulus: 65536, Seed: 2}, []bytecode.Expr{sport}, 18647},
		{bytecode.Hash{SReg: 2, Len: 16, Modulus: 100000, Seed: 5}, []bytecode.Expr{saddr, daddr, sport, dport}, 22059},
	} {
		h := c.hash
		h.HasSeed, h.DReg = true, 1
		if !matches(t, newWorld(), p, append(c.loads, &h, le(c.want))...) {
			t.Errorf("%s is not %d", &h, c.want)
		}
	}
	r := mustLoad(t, program([]bytecode.Expr{&bytecode.Numgen{Modulus: 3, Offset: 10, DReg: 1}, &bytecode.MetaSet{Key: bytecode.MetaMark, SReg: 1}}), Options{})
	m := NewMachine(newWorld())
	for i, want := range []uint32{10, 11, 12, 10} {
		if m.Run(r.tables[0].chains[0], p, 0); p.Mark != want {
			t.Errorf("numgen %d: %d, want %d", i, p.Mark, want)
		}
	}
	w := newWorld()
	w.rand = 0x80000000
	if !matches(t, w, p, &bytecode.Numgen{Random: true, Modulus: 10, Offset: 1, DReg: 1}, le(6)) {
		t.Error("numgen random")
	}
	both := parsed(ipv4(nf.ProtoUDP, udp(53, 100, 0)))
	copy(both.Data[12:], []byte{10, 0, 2, 2, 10, 0, 1, 2})
	sym := &bytecode.Hash{Symmetric: true, Modulus: 1 << 31, DReg: 1}
	marks := program([]bytecode.Expr{sym, &bytecode.MetaSet{Key: bytecode.MetaMark, SReg: 1}})
	run(t, w, marks, p)
	run(t, w, marks, both)
	if p.Mark != both.Mark || p.Mark == 0 {
		t.Errorf("symhash %d and %d", p.Mark, both.Mark)
	}
}

// DCCP options are of one byte below 32, else have a length; the kernel takes
// acknowledgment numbers to be long.
func TestDCCPOption(t *testing.T) {
	header := func(typ byte, doff int, rest ...byte) []byte {
		b := make([]byte, 12, 12+len(rest))
		b[4], b[8] = byte(doff), typ<<1
		return append(b, rest...)
	}
	request := header(0, 7, 0, 0, 0, 0, 1, 2, 33, 4, 9, 9, 41, 2)
	for _, c := range []struct {
		name    string
		segment []byte
		option  uint8
		want    bool
	}{
		{"single", request, 1, true},
		{"second single", request, 2, true},
		{"with length", request, 33, true},
		{"behind it", request, 41, true},
		{"inside another", request, 9, false},
		{"behind the header", header(0, 4, 0, 0, 0, 0, 41, 2), 41, false},
		{"bad length", header(0, 5, 0, 0, 0, 0, 33, 1, 2, 2), 2, false},
		{"cut", header(0, 6, 0, 0, 0, 0, 1), 1, false},
		{"data has none before", header(2, 4, 7, 0, 0, 0), 7, true},
		{"acknowledgment of 8", header(3, 6, 7, 7, 7, 7, 0, 0, 0, 0, 8, 0, 0, 0), 7, false},
	} {
		e := &bytecode.Exthdr{Op: bytecode.ExthdrDCCP, Type: c.option, Flags: bytecode.ExthdrPresent, DReg: 1, Len: 1}
		cmp := &bytecode.Cmp{SReg: 1, Op: bytecode.CmpEq, Data: []byte{1}}
		if got := matches(t, newWorld(), parsed(ipv4(nf.ProtoDCCP, c.segment)), e, cmp); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// A security mark of an object goes with the packet, to the connection and back.
func TestSecmark(t *testing.T) {
	w := newWorld()
	p := program([]bytecode.Expr{
		&bytecode.Objref{Type: bytecode.ObjectSecmark, Object: "s"},
		meta(bytecode.MetaSecmark),
		&bytecode.CTSet{Key: bytecode.CTSecmark, SReg: 1, Dir: -1},
		ctLoad(bytecode.CTSecmark),
		neq(0, 0, 0, 0),
		drop,
	})
	p.Tables[0].Objects = []*bytecode.Object{{Name: "s", Type: bytecode.ObjectSecmark, Secmark: "system_u:object_r:ssh_t:s0"}}
	pkt := parsed(ipv4(nf.ProtoUDP, udp(1, 2, 0)))
	w.ct.Track(pkt, nf.FamilyIPv4, nf.HookPrerouting, w.now)
	if v := run(t, w, p, pkt); v != nf.Drop || pkt.Secmark == 0 || w.ct.Secmark(w.ct.Entry(pkt.CT)) != pkt.Secmark {
		t.Errorf("%v, mark %d", v, pkt.Secmark)
	}
}
