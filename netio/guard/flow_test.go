//go:build linux

package guard

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"nfvm/internal/testenv"
	"nfvm/nf"
	"nfvm/packet"
)

// The interface of the test's flows, and what the programs below give for a frame that
// is no flow's.
const (
	flowIn = 7
	missed = 99
)

// redirected is TCX_REDIRECT.
const redirected = 7

func addrs(src, dst string) (packet.Addr, packet.Addr) {
	return packet.AddrFrom(netip.MustParseAddr(src)), packet.AddrFrom(netip.MustParseAddr(dst))
}

// A testFlow is a flow with a frame of it.
type testFlow struct {
	key   FlowKey
	way   FlowWay
	frame []byte
}

// newTestFlow is one whose packets are 60 (80) bytes long. The frame has the addresses
// of a loopback device, for which the kernel takes itself in a test run.
func newTestFlow(f nf.Family) *testFlow {
	x := &testFlow{key: FlowKey{In: flowIn, Family: f, Proto: nf.ProtoTCP, SrcPort: 40000, DstPort: 80}}
	x.way = FlowWay{SrcPort: 61234, DstPort: 8080, Out: 9, OwnMAC: [6]byte{2, 0, 0, 0, 0, 9}, MAC: [6]byte{2, 1, 2, 3, 4, 5}, MTU: 80}
	etherType := nf.EtherTypeIPv4
	if f == nf.FamilyIPv4 {
		x.key.Src, x.key.Dst = addrs("10.9.1.2", "192.0.2.255")
		x.way.Src, x.way.Dst = addrs("203.0.113.77", "10.255.0.1")
	} else {
		etherType = nf.EtherTypeIPv6
		x.key.Src, x.key.Dst = addrs("fd00:1::2", "2001:db8::ffff")
		x.way.Src, x.way.Dst = addrs("fd00:ffff::1234", "fd00:2::2")
	}
	p := ports(x.key.SrcPort, x.key.DstPort)
	s := packet.Segment{Family: f, Src: x.key.Src, Dst: x.key.Dst, SrcPort: [2]byte(p[:2]), DstPort: [2]byte(p[2:]),
		Seq: 1, Ack: 2, Flags: nf.TCPAck, Window: 77, TTL: 64, Options: make([]byte, 20)}
	x.frame = binary.BigEndian.AppendUint16(make([]byte, 12), uint16(etherType))
	x.frame = s.Append(x.frame)
	return x
}

// run has the programs see a frame, with so many bytes in each segment, or 0.
func run(t *testing.T, p *ebpf.Program, frame []byte, segment uint32) (verdict uint32, out []byte) {
	t.Helper()
	opt := ebpf.RunOptions{Data: frame, DataOut: make([]byte, len(frame)+256)}
	if p.Type() == ebpf.SchedCLS {
		context := make([]byte, 192)
		binary.NativeEndian.PutUint32(context[skbGSOSize:], segment)
		opt.Context = context
	}
	verdict, err := p.Run(&opt)
	if err != nil {
		t.Fatal(err)
	}
	return verdict, opt.DataOut
}

func newFlowPrograms(t *testing.T) (f *Flows, tc, xdp *ebpf.Program) {
	t.Helper()
	testenv.Need(t, testenv.Root)
	f, err := NewFlows(4)
	if err != nil {
		t.Fatal(err)
	}
	tc, err = load("flow_test", join(asm.Mov.Reg(asm.R6, asm.R1), f.findFlow(followHook, flowIn, "miss"), f.forwardFlow(), verdict("miss", missed)))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	xdp, err = loadXDP("flow_test", join(asm.Mov.Reg(asm.R6, asm.R1), f.findFlow(xdpHook, flowIn, "miss"), verdict("hit", redirected), verdict("miss", missed)))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	t.Cleanup(func() { tc.Close(); xdp.Close(); f.Close() })
	return f, tc, xdp
}

// TestFlowForwarded: a packet leaves as its flow says, one hop further, its checksums
// right, and is counted.
func TestFlowForwarded(t *testing.T) {
	f, tc, xdp := newFlowPrograms(t)
	for _, family := range []nf.Family{nf.FamilyIPv4, nf.FamilyIPv6} {
		x := newTestFlow(family)
		if err := f.Put(&x.key, &x.way); err != nil {
			t.Fatal(err)
		}
		if v, _ := run(t, xdp, x.frame, 0); v != redirected {
			t.Errorf("%v: XDP gives %d", family, v)
		}
		v, out := run(t, tc, x.frame, 0)
		var p packet.Packet
		p.Reset(out, true)
		if p.ParseEther() != packet.OK || p.CheckIP() != packet.OK || v != redirected {
			t.Fatalf("%v: %d, % x", family, v, out)
		}
		if [6]byte(out) != x.way.MAC || [6]byte(out[6:]) != x.way.OwnMAC {
			t.Errorf("%v: link-layer addresses % x", family, out[:12])
		}
		src, dst, _ := p.Ports()
		if p.Src() != x.way.Src || p.Dst() != x.way.Dst || src != x.way.SrcPort || dst != x.way.DstPort || p.TTL() != 63 {
			t.Errorf("%v: %v:%d > %v:%d ttl %d", family, p.Src(), src, p.Dst(), dst, p.TTL())
		}
		from, to := p.Src(), p.Dst()
		if sum := packet.Fold(packet.PseudoSum(family, &from, &to, nf.ProtoTCP, len(p.L4())) + packet.Sum16(p.L4())); sum != 0xffff {
			t.Errorf("%v: the checksum of TCP is wrong: %#x", family, sum)
		}
		if u := f.Use(&x.key); u.Packets != 1 || u.Bytes != uint64(len(x.frame)-etherSize) || MonotonicTime()-u.Last > 5e9 {
			t.Errorf("%v: used %+v", family, u)
		}
		if u := f.Remove(&x.key); u.Packets != 1 {
			t.Errorf("%v: at the end %+v", family, u)
		}
		if v, _ := run(t, tc, x.frame, 0); v != missed {
			t.Errorf("%v: passed on after its end", family)
		}
	}
}

// TestFlowMissed: what is not as packets of a flow are comes as it is.
func TestFlowMissed(t *testing.T) {
	f, tc, xdp := newFlowPrograms(t)
	const ip, tcp4, tcp6 = etherSize, etherSize + ipv4Size, etherSize + ipv6Size
	for _, c := range []struct {
		name    string
		family  nf.Family
		change  func(b []byte) []byte
		segment uint32
	}{
		{"hop limit", nf.FamilyIPv4, func(b []byte) []byte { b[ip+8] = 1; return b }, 0},
		{"hop limit", nf.FamilyIPv6, func(b []byte) []byte { b[ip+7] = 1; return b }, 0},
		{"options", nf.FamilyIPv4, func(b []byte) []byte { b[ip] = 0x46; return b }, 0},
		{"first fragment", nf.FamilyIPv4, func(b []byte) []byte { b[ip+6] |= 0x20; return b }, 0},
		{"later fragment", nf.FamilyIPv4, func(b []byte) []byte { b[ip+7] = 1; return b }, 0},
		{"extension header", nf.FamilyIPv6, func(b []byte) []byte { b[ip+6] = 0; return b }, 0},
		{"FIN", nf.FamilyIPv4, func(b []byte) []byte { b[tcp4+13] |= nf.TCPFin; return b }, 0},
		{"SYN", nf.FamilyIPv6, func(b []byte) []byte { b[tcp6+13] |= nf.TCPSyn; return b }, 0},
		{"RST", nf.FamilyIPv4, func(b []byte) []byte { b[tcp4+13] |= nf.TCPRst; return b }, 0},
		{"another port", nf.FamilyIPv4, func(b []byte) []byte { b[tcp4+1]++; return b }, 0},
		{"another address", nf.FamilyIPv6, func(b []byte) []byte { b[ip+8+15]++; return b }, 0},
		{"UDP", nf.FamilyIPv4, func(b []byte) []byte { b[ip+9] = nf.ProtoUDP; return b }, 0},
		{"longer than the frame", nf.FamilyIPv4, func(b []byte) []byte { b[ip+3]++; return b }, 0},
		{"shorter than its headers", nf.FamilyIPv4, func(b []byte) []byte { b[ip+3] = 59; return b }, 0},
		{"larger than the MTU", nf.FamilyIPv4, func(b []byte) []byte { b[ip+3] = 81; return append(b, make([]byte, 21)...) }, 0},
		{"larger segments", nf.FamilyIPv4, func(b []byte) []byte { return append(b, make([]byte, 100)...) }, 21},
		{"cut off", nf.FamilyIPv6, func(b []byte) []byte { return b[:etherSize+ipv6Size+8] }, 0},
		{"another protocol", nf.FamilyIPv4, func(b []byte) []byte { b[12], b[13] = 8, 6; return b }, 0},
	} {
		x := newTestFlow(c.family)
		if err := f.Put(&x.key, &x.way); err != nil {
			t.Fatal(err)
		}
		frame := c.change(append([]byte(nil), x.frame...))
		if v, out := run(t, tc, frame, c.segment); v != missed || string(out) != string(frame) {
			t.Errorf("%s, %v: %d", c.name, c.family, v)
		}
		if v, _ := run(t, xdp, frame, 0); c.segment == 0 && v != missed {
			t.Errorf("%s, %v: XDP gives %d", c.name, c.family, v)
		}
	}
	x := newTestFlow(nf.FamilyIPv4)
	if v, _ := run(t, tc, append(append([]byte(nil), x.frame...), make([]byte, 100)...), 20); v != redirected {
		t.Errorf("segments that just fit: %d", v)
	}
}

// TestFlowsSuspended: nothing is passed on until it is put again; what is too much is
// refused.
func TestFlowsSuspended(t *testing.T) {
	f, tc, _ := newFlowPrograms(t)
	a, b := newTestFlow(nf.FamilyIPv4), newTestFlow(nf.FamilyIPv6)
	for _, x := range []*testFlow{a, b} {
		if err := f.Put(&x.key, &x.way); err != nil {
			t.Fatal(err)
		}
	}
	run(t, tc, b.frame, 0)
	if err := f.Suspend(); err != nil {
		t.Fatal(err)
	}
	if v, _ := run(t, tc, a.frame, 0); v != missed {
		t.Error("passed on while it is suspended")
	}
	if err := f.Put(&a.key, &a.way); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		x    *testFlow
		want uint32
	}{{a, redirected}, {b, missed}} {
		if v, _ := run(t, tc, c.x.frame, 0); v != c.want {
			t.Errorf("%v: %d, want %d", c.x.key.Family, v, c.want)
		}
	}
	if u := f.Use(&b.key); u.Packets != 1 {
		t.Errorf("the use of what is suspended: %+v", u)
	}
	k, refused := a.key, 0
	for range 8 {
		k.SrcPort++
		if f.Put(&k, &a.way) != nil {
			refused++
		}
	}
	if refused != 6 {
		t.Errorf("%d of 8 refused, there is room for 2", refused)
	}
}
