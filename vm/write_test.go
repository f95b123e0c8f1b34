package vm

import (
	"bytes"
	"encoding/binary"
	"testing"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/packet"
)

// withSum fills the transport checksum of an IPv4 packet.
func withSum(b []byte) []byte {
	p := parsed(b)
	at := packet.L4SumOffset(p.Family, p.Proto)
	sum := b[20+at : 20+at+2]
	copy(sum, []byte{0, 0})
	src, dst := p.Src(), p.Dst()
	n := ^packet.Fold(packet.PseudoSum(p.Family, &src, &dst, p.Proto, len(b)-20) + packet.Sum16(b[20:]))
	binary.BigEndian.PutUint16(sum, n)
	return b
}

func write(base bytecode.PayloadBase, off uint32, typ bytecode.ChecksumType, sumAt, flags uint32, data ...byte) []bytecode.Expr {
	return []bytecode.Expr{
		&bytecode.Immediate{DReg: 1, Data: data},
		&bytecode.PayloadSet{Base: base, Offset: off, Len: uint32(len(data)), SReg: 1, ChecksumType: typ, ChecksumOffset: sumAt, ChecksumFlags: flags},
	}
}

func TestPayloadSet(t *testing.T) {
	th, nh := bytecode.PayloadTransport, bytecode.PayloadNetwork
	for _, c := range []struct {
		name  string
		pkt   []byte
		rule  []bytecode.Expr
		sumOK bool
	}{
		{"ip daddr", withSum(ipv4(17, udp(1, 2, 3))), write(nh, 16, 1, 10, 1, 9, 9, 9, 9), true},
		{"ip daddr, TCP", withSum(ipv4(6, tcp(1, 2))), write(nh, 16, 1, 10, 1, 9, 9, 9, 9), true},
		{"ip ttl", withSum(ipv4(17, udp(1, 2, 3))), write(nh, 8, 1, 10, 0, 9, 17), true},
		{"udp dport", withSum(ipv4(17, udp(1, 2, 3))), write(th, 2, 1, 6, 0, 0, 99), true},
		{"raw @th leaves the checksum stale", withSum(ipv4(17, udp(1, 2, 4))), write(th, 8, 0, 0, 0, 1, 2, 3, 4), false},
		{"ip saddr of a datagram without checksum", ipv4(17, udp(1, 2, 3)), write(nh, 12, 1, 10, 1, 9, 9, 9, 9), true},
		{"udp dport of a datagram without checksum", ipv4(17, udp(1, 2, 3)), write(th, 2, 1, 6, 0, 0, 99), false},
	} {
		p := parsed(c.pkt)
		run(t, newWorld(), program(c.rule), p)
		e, want := c.rule[1].(*bytecode.PayloadSet), c.rule[0].(*bytecode.Immediate).Data
		at := int(e.Offset)
		if e.Base == th {
			at += 20
		}
		if !bytes.Equal(p.Data[at:at+len(want)], want) {
			t.Errorf("%s: not written", c.name)
		}
		if packet.Checksum(p.Data[:20]) != 0 {
			t.Errorf("%s: header checksum", c.name)
		}
		if p.L4ChecksumOK() != c.sumOK {
			t.Errorf("%s: transport checksum ok %v", c.name, !c.sumOK)
		}
	}
	short := parsed(ipv4(17, []byte{0, 1, 0, 2}))
	if v := run(t, newWorld(), program(append(write(th, 2, 1, 6, 0, 0, 99), drop)), short); v != nf.Accept {
		t.Errorf("no room for the checksum: %v", v)
	}
}

func TestPayloadSetReparses(t *testing.T) {
	p := parsed(ipv4(17, udp(1, 2, 3)))
	run(t, newWorld(), program(write(bytecode.PayloadNetwork, 8, 1, 10, 0, 64, nf.ProtoTCP)), p)
	if p.Proto != nf.ProtoTCP {
		t.Errorf("protocol %d after the chain", p.Proto)
	}
}

func TestTCPOptions(t *testing.T) {
	const mss, sack, wscale = 2, 4, 3
	opt := func(typ uint8, off, n, flags uint32) *bytecode.Exthdr {
		return &bytecode.Exthdr{Op: bytecode.ExthdrTCPOpt, Type: typ, Offset: off, Len: n, Flags: flags, DReg: 1}
	}
	syn := ipv4(6, tcp(1, 2, mss, 4, 0x05, 0xb4, 0, 0, sack, 2))
	for _, c := range []struct {
		name  string
		pkt   []byte
		exprs []bytecode.Expr
		want  bool
	}{
		{"mss", syn, []bytecode.Expr{opt(mss, 2, 2, 0), eq(0x05, 0xb4)}, true},
		{"exists", syn, []bytecode.Expr{opt(mss, 0, 1, 1), eq(1)}, true},
		{"behind the end of the list", syn, []bytecode.Expr{opt(sack, 0, 1, 1), eq(1)}, true},
		{"missing", syn, []bytecode.Expr{opt(wscale, 0, 1, 1), eq(0)}, true},
		{"field of a missing one breaks", syn, []bytecode.Expr{opt(wscale, 2, 1, 0), neq(9)}, false},
		{"field beyond the option", syn, []bytecode.Expr{opt(mss, 3, 2, 0), neq(9, 9)}, false},
		{"missing in UDP", ipv4(17, udp(1, 2, 0)), []bytecode.Expr{opt(mss, 0, 1, 1), eq(0)}, true},
		{"overruns the header", ipv4(6, tcp(1, 2, 0, 0, mss, 9)), []bytecode.Expr{opt(mss, 0, 1, 1), eq(0)}, true},
		{"in the last byte", ipv4(6, tcp(1, 2, 1, 1, 1, mss)), []bytecode.Expr{opt(mss, 0, 1, 1), eq(0)}, true},
	} {
		if got := matches(t, newWorld(), parsed(c.pkt), c.exprs...); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	option := func(v ...byte) []bytecode.Expr {
		return []bytecode.Expr{&bytecode.Immediate{DReg: 1, Data: v}, &bytecode.Exthdr{Op: bytecode.ExthdrTCPOpt, Type: mss, Offset: 2, Len: 2, SReg: 1}, drop}
	}
	reset := []bytecode.Expr{&bytecode.Exthdr{Op: bytecode.ExthdrTCPOpt, Type: mss, Reset: true}}
	for _, c := range []struct {
		name string
		pkt  []byte
		rule []bytecode.Expr
		want nf.Verdict
		opts []byte
	}{
		{"lower", ipv4(6, tcp(1, 2, mss, 4, 5, 180)), option(5, 0), nf.Drop, []byte{mss, 4, 5, 0}},
		{"never raise", ipv4(6, tcp(1, 2, mss, 4, 5, 180)), option(6, 0), nf.Drop, []byte{mss, 4, 5, 180}},
		{"absent", ipv4(6, tcp(1, 2, sack, 2, 1, 1)), option(5, 0), nf.Drop, []byte{sack, 2, 1, 1}},
		{"not TCP", ipv4(17, udp(1, 2, 16)), option(5, 0), nf.Accept, nil},
		{"reset", ipv4(6, tcp(1, 2, 1, mss, 4, 5, 180, 1, 1, 1)), reset, nf.Accept, []byte{1, 1, 1, 1, 1, 1, 1, 1}},
		{"reset overrun", ipv4(6, tcp(1, 2, 1, 1, mss, 4)), reset, nf.Drop, []byte{1, 1, mss, 4}},
	} {
		b := c.pkt
		if c.opts != nil {
			withSum(b)
		}
		p := parsed(b)
		if v := run(t, newWorld(), program(c.rule), p); v != c.want {
			t.Errorf("%s: %v", c.name, v)
		}
		if c.opts != nil && (!bytes.Equal(p.Data[40:], c.opts) || !p.L4ChecksumOK()) {
			t.Errorf("%s: options %v, checksum ok %v", c.name, p.Data[40:], p.L4ChecksumOK())
		}
	}
}

func TestExtensionHeaders(t *testing.T) {
	hbh := append([]byte{nf.ProtoUDP, 0, 5, 2, 0, 0, 1, 0}, udp(1, 2, 0)...)
	atomic := append([]byte{nf.ProtoUDP, 0, 0, 0, 0, 0, 0, 1}, udp(1, 2, 0)...)
	options := ipv4(17, udp(1, 2, 0))
	options = append(options[:20:20], append([]byte{148, 4, 0, 0}, options[20:]...)...)
	options[0], options[3] = 0x46, options[3]+4
	present := func(op bytecode.ExthdrOp, typ uint8) bytecode.Expr {
		return &bytecode.Exthdr{Op: op, Type: typ, Len: 1, Flags: bytecode.ExthdrPresent, DReg: 1}
	}
	sctp := ipv4(nf.ProtoSCTP, append(make([]byte, 12), 3, 0, 0, 4, 1, 0, 0, 8, 0, 0, 0, 7))
	cut := ipv4(nf.ProtoSCTP, append(make([]byte, 12), 1, 0, 0, 20, 0, 0, 0, 7))
	for _, c := range []struct {
		name  string
		pkt   []byte
		exprs []bytecode.Expr
		want  bool
	}{
		{"hbh exists", ipv6(nf.ProtoHopByHop, hbh), []bytecode.Expr{present(0, nf.ProtoHopByHop), eq(1)}, true},
		{"hbh missing", ipv6(17, udp(1, 2, 0)), []bytecode.Expr{present(0, nf.ProtoHopByHop), eq(0)}, true},
		{"hbh nexthdr", ipv6(nf.ProtoHopByHop, hbh), []bytecode.Expr{&bytecode.Exthdr{Len: 1, DReg: 1}, eq(17)}, true},
		{"IPv4 packet breaks", options, []bytecode.Expr{present(0, nf.ProtoHopByHop), neq(9)}, false},
		{"atomic fragment", ipv6(nf.ProtoFragment, atomic), []bytecode.Expr{present(0, nf.ProtoFragment), eq(1)}, true},
		{"ip option ra", options, []bytecode.Expr{present(bytecode.ExthdrIPv4, 148), eq(1)}, true},
		{"ip option rr", options, []bytecode.Expr{present(bytecode.ExthdrIPv4, 7), eq(0)}, true},
		{"no options", ipv4(17, nil), []bytecode.Expr{present(bytecode.ExthdrIPv4, 148), eq(0)}, true},
		{"sctp chunk", sctp, []bytecode.Expr{present(bytecode.ExthdrSCTP, 1), eq(1)}, true},
		{"sctp chunk missing", sctp, []bytecode.Expr{present(bytecode.ExthdrSCTP, 6), eq(0)}, true},
		{"sctp chunk cut off", cut, []bytecode.Expr{present(bytecode.ExthdrSCTP, 1), eq(1)}, true},
		{"field of a chunk cut off", cut, []bytecode.Expr{&bytecode.Exthdr{Op: bytecode.ExthdrSCTP, Type: 1, Offset: 4, Len: 4, DReg: 1}, eq(0, 0, 0, 7)}, false},
		{"sctp chunk field", sctp, []bytecode.Expr{&bytecode.Exthdr{Op: bytecode.ExthdrSCTP, Type: 1, Offset: 4, Len: 4, DReg: 1}, eq(0, 0, 0, 7)}, true},
	} {
		if got := matches(t, newWorld(), parsed(c.pkt), c.exprs...); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
