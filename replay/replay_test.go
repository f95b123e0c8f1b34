package replay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"nfvm/bytecode"
	"nfvm/host"
	"nfvm/netio"
	"nfvm/nf"
)

var (
	inside  = net.HardwareAddr{2, 0, 0, 0, 0, 1}
	outside = net.HardwareAddr{2, 0, 0, 0, 0, 2}
)

// udp builds a frame with a UDP datagram.
func udp(t testing.TB, from, to string, mac net.HardwareAddr, ttl uint8) []byte {
	t.Helper()
	src, dst := netip.MustParseAddrPort(from), netip.MustParseAddrPort(to)
	ip := &layers.IPv4{Version: 4, TTL: ttl, Protocol: layers.IPProtocolUDP, SrcIP: src.Addr().AsSlice(), DstIP: dst.Addr().AsSlice()}
	l4 := &layers.UDP{SrcPort: layers.UDPPort(src.Port()), DstPort: layers.UDPPort(dst.Port())}
	if err := l4.SetNetworkLayerForChecksum(ip); err != nil {
		t.Fatal(err)
	}
	b := gopacket.NewSerializeBuffer()
	err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true},
		&layers.Ethernet{SrcMAC: mac, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 9}, EthernetType: layers.EthernetTypeIPv4},
		ip, l4, gopacket.Payload("hello"))
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// testCapture is a capture of lan0 and wan0, on which frames arrive.
func testCapture(t *testing.T) []byte {
	t.Helper()
	var buf bytes.Buffer
	w, err := netio.NewWriter(&buf)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"lan0", "wan0"} {
		if _, err := w.AddInterface(netio.Interface{Name: name, Link: netio.LinkEthernet}); err != nil {
			t.Fatal(err)
		}
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).UnixNano()
	for i, f := range []netio.Frame{
		{Interface: 0, Data: udp(t, "10.0.0.1:1000", "192.0.2.1:53", inside, 64)},
		{Interface: 1, Data: udp(t, "192.0.2.1:53", "10.0.0.1:1000", outside, 64)},
		{Interface: 0, Data: udp(t, "10.0.0.1:1001", "192.0.2.1:25", inside, 64)},
		{Interface: 0, Data: udp(t, "10.0.0.1:1002", "192.0.2.1:25", inside, 64)},
		{Interface: 0, Data: udp(t, "10.0.0.1:1003", "192.0.2.1:53", inside, 1)},
		{Interface: 0, Data: udp(t, "10.0.0.1:1004", "192.0.2.7:53", inside, 64)},
		{Interface: 1, Data: udp(t, "192.0.2.9:53", "10.0.0.1:53", outside, 64)},
	} {
		f.Time = at + int64(i)*int64(time.Second)
		if err := w.WriteFrame(&f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// testProgram is `udp dport 53 ct state new,established accept; ip daddr … reject`
// in short: what goes to port 53 passes, what goes to port 25 is rejected, and the
// policy is drop.
func testProgram() *bytecode.Program {
	port := func(n byte) []bytecode.Expr {
		return []bytecode.Expr{
			&bytecode.Payload{Base: bytecode.PayloadTransport, Offset: 2, Len: 2, DReg: bytecode.Reg1},
			&bytecode.Cmp{SReg: bytecode.Reg1, Op: bytecode.CmpEq, Data: []byte{0, n}},
		}
	}
	accept := &bytecode.Immediate{DReg: bytecode.RegVerdict, Verdict: nf.Accept}
	chain := &bytecode.Chain{
		Name: "forward", Handle: 2, Pos: bytecode.Pos{Line: 2},
		Base: &bytecode.BaseChain{Type: nf.ChainTypeFilter, Hook: nf.HookForward, Policy: nf.Drop},
		Rules: []*bytecode.Rule{
			{Handle: 3, Order: 2, Pos: bytecode.Pos{Line: 3}, Text: "reply accept", Exprs: []bytecode.Expr{
				&bytecode.CT{Key: bytecode.CTState, Dir: bytecode.DirNone, DReg: bytecode.Reg1},
				&bytecode.Bitwise{SReg: bytecode.Reg1, DReg: bytecode.Reg1, Len: 4, Mask: []byte{2, 0, 0, 0}, Xor: []byte{0, 0, 0, 0}},
				&bytecode.Cmp{SReg: bytecode.Reg1, Op: bytecode.CmpNeq, Data: []byte{0, 0, 0, 0}},
				accept,
			}},
			{Handle: 4, Order: 3, Pos: bytecode.Pos{Line: 4}, Text: "udp dport 53 accept", Exprs: append(append(port(53), lan()...), accept)},
			{Handle: 5, Order: 4, Pos: bytecode.Pos{Line: 5}, Text: "udp dport 25 reject", Exprs: append(port(25),
				&bytecode.Reject{Type: bytecode.RejectICMPUnreach, Code: 3})},
		},
	}
	return &bytecode.Program{Files: []string{"t.nft"}, Tables: []*bytecode.Table{
		{Family: nf.FamilyIPv4, Name: "t", Handle: 1, Chains: []*bytecode.Chain{chain}},
	}}
}

// lan is `iifname "lan0"`.
func lan() []bytecode.Expr {
	name := make([]byte, 16)
	copy(name, "lan0")
	return []bytecode.Expr{
		&bytecode.Meta{Key: bytecode.MetaIifName, DReg: bytecode.Reg1},
		&bytecode.Cmp{SReg: bytecode.Reg1, Op: bytecode.CmpEq, Data: name},
	}
}

var testNamer = &Namer{Files: []string{"t.nft"}, Rule: func(_ *bytecode.Table, _ *bytecode.Chain, r *bytecode.Rule) string { return r.Text }}

// replayTest replays the test's capture with observers.
func replayTest(t *testing.T, capture []byte, watch ...Observer) *Result {
	t.Helper()
	h := host.Implicit()
	if err := Survey(bytes.NewReader(capture), nil, h); err != nil {
		t.Fatal(err)
	}
	res, err := Run(Options{Capture: bytes.NewReader(capture), Host: h, Program: testProgram(), Observers: watch})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestSummary(t *testing.T) {
	s := NewSummary(testNamer)
	res := replayTest(t, testCapture(t), s)
	var b strings.Builder
	if err := s.Write(&b, res, Style{Width: 80}); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != wantSummary {
		t.Errorf("got:\n%s", got)
	}
}

const wantSummary = `7 packets in 6s, from 2026-01-02 03:04:05 UTC
        3  forwarded
        3  generated         ICMP errors, resets and other answers
        2  dropped
        2  rejected          dropped and answered

Rules that decided
  chain ip t forward
        1  accept    t.nft:3  reply accept
        2  accept    t.nft:4  udp dport 53 accept
        2  reject    t.nft:5  udp dport 25 reject
        1  drop      t.nft:2  policy drop

Dropped and rejected
        2  rejected  t.nft:5  udp dport 25 reject
               2  udp    10.0.0.1 → 192.0.2.1:25
        1  dropped   t.nft:2  policy drop of chain ip t forward
               1  udp    192.0.2.9 → 10.0.0.1:53
        1  dropped            TTL exceeded
               1  udp    10.0.0.1 → 192.0.2.1:53

Connections: 2
       1× udp    10.0.0.1 → 192.0.2.1:53  1/1
       1× udp    10.0.0.1 → 192.0.2.7:53  1/0
          packets that passed from the asking side / in reply

Remarks
  1 packet to 192.0.2.7 on wan0: link-layer address unknown, written as
  00:00:00:00:00:00
`

// What the summary says of connections and rules is what the verdicts say.
func TestVerdicts(t *testing.T) {
	var b bytes.Buffer
	replayTest(t, testCapture(t), NewVerdictWriter(&b, testNamer))
	var got []string
	for d := json.NewDecoder(&b); d.More(); {
		var v Verdict
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.Join([]string{v.Action, v.Verdict, v.Hook, v.Position, v.CTState, v.Reason}, "|"))
	}
	want := []string{
		"sent|accept|postrouting|t.nft:4|new|",
		"sent|accept|postrouting|t.nft:3|established|",
		"sent|accept|postrouting||related|",
		"rejected|drop|forward|t.nft:5|new|",
		"sent|accept|postrouting||related|",
		"rejected|drop|forward|t.nft:5|new|",
		"sent|accept|postrouting||related|",
		"dropped|drop|prerouting||new|TTL exceeded",
		"sent|accept|postrouting|t.nft:4|new|",
		"dropped|drop|forward|t.nft:2|new|",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %s", strings.Join(got, "\n"))
	}
}

// The capture that is written says of each packet what decided.
func TestComments(t *testing.T) {
	var b bytes.Buffer
	w, err := NewPacketWriter(&b, true, testNamer.Line)
	if err != nil {
		t.Fatal(err)
	}
	replayTest(t, testCapture(t), w)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	in, err := netio.NewReader(&b, "")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for f := (netio.Frame{}); in.Next(&f) == nil; {
		got = append(got, fmt.Sprintf("%s %d %s", in.Interfaces()[f.Interface].Name, f.Direction, f.Comment))
	}
	want := []string{
		"wan0 2 accept, sent: ip t forward, handle 4: udp dport 53 accept (t.nft:4)",
		"lan0 2 accept, sent: ip t forward, handle 3: reply accept (t.nft:3)",
		"lan0 2 accept, generated; answers packet 3, dropped by ip t forward, handle 5: udp dport 25 reject (t.nft:5)",
		"lan0 1 drop, rejected: ip t forward, handle 5: udp dport 25 reject (t.nft:5)",
		"lan0 2 accept, generated; answers packet 4, dropped by ip t forward, handle 5: udp dport 25 reject (t.nft:5)",
		"lan0 1 drop, rejected: ip t forward, handle 5: udp dport 25 reject (t.nft:5)",
		"lan0 2 accept, generated; answers packet 5, dropped by TTL exceeded",
		"lan0 1 drop: TTL exceeded",
		"wan0 2 accept, sent: ip t forward, handle 4: udp dport 53 accept (t.nft:4)",
		"wan0 1 drop: ip t forward, policy drop (t.nft:2)",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Whatever a capture holds, a replay ends, and without a panic.
func FuzzReplay(f *testing.F) {
	for i, frame := range [][]byte{
		udp(f, "10.0.0.1:1000", "192.0.2.1:53", inside, 64), udp(f, "10.0.0.1:1", "192.0.2.1:25", inside, 1),
	} {
		f.Add(append([]byte{byte(len(frame) - 1), byte(i)}, frame...), true)
		f.Add(append([]byte{byte(len(frame) - 15), 2}, frame[14:]...), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, ether bool) {
		link := netio.LinkRaw
		if ether {
			link = netio.LinkEthernet
		}
		var buf bytes.Buffer
		w, _ := netio.NewWriter(&buf)
		_, _ = w.AddInterface(netio.Interface{Name: "lan0", Link: link})
		_, _ = w.AddInterface(netio.Interface{Name: "wan0", Link: link})
		// Each byte of length is followed by so many bytes of a frame.
		for n := 0; len(data) > 2; n++ {
			size := min(int(data[0])+1, len(data)-2)
			frame := netio.Frame{Interface: int(data[1] & 1), Time: int64(n) * int64(data[1]) * 1e9, Data: data[2 : 2+size]}
			if data[1]&2 != 0 {
				frame.Direction = netio.DirectionOutbound
			}
			_ = w.WriteFrame(&frame)
			data = data[2+size:]
		}
		_ = w.Flush()
		s := NewSummary(testNamer)
		out, _ := NewPacketWriter(io.Discard, true, testNamer.Line)
		res := replayTest(t, buf.Bytes(), s, out, NewVerdictWriter(io.Discard, testNamer))
		if err := s.Write(io.Discard, res, Style{Width: 80, Colour: true}); err != nil {
			t.Error(err)
		}
	})
}

// A cut capture is replayed up to the cut, wherever that is.
func TestDamage(t *testing.T) {
	whole := testCapture(t)
	for n := 300; n < len(whole); n += 7 {
		res := replayTest(t, whole[:n])
		if res.Frames == 7 || res.Damage == nil && res.Frames > 0 && n%4 != 0 {
			t.Errorf("cut at %d: %d frames, %v", n, res.Frames, res.Damage)
		}
	}
}
