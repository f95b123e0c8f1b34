package packet

import (
	"encoding/hex"
	"slices"
	"testing"

	"nfvm/nf"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestICMPErrorBytes compares with errors that Linux 6.18 sent for `reject` in
// the forward chain, where the TTL is lowered already.
func TestICMPErrorBytes(t *testing.T) {
	tests := []struct {
		name, in, out string
		src           Addr
		e             ICMPError
	}{
		{"v4",
			"457f002100010000401163490a0001020a00020200050009000da4f068656c6c6f",
			"45de003d57ac000040010c340a0001010a0001020303141f00000000457f0021000100003f1164490a0001020a00020200050009000da4f068656c6c6f",
			Addr4(0x0a000101), ICMPError{Type: 3, Code: 3, ID: 0x57ac}},
		{"v4 with options",
			"4600002500010000401143be0a0001020a0002021e04010200050009000da4f068656c6c6f",
			"45c0004157be000040010c3c0a0001010a0001020303141f0000000046000025000100003f1144be0a0001020a0002021e04010200050009000da4f068656c6c6f",
			Addr4(0x0a000101), ICMPError{Type: 3, Code: 3, ID: 0x57be}},
		{"v6",
			"60000000000d1140fd010000000000000000000000000002fd02000000000000000000000000000200050009000dc1eb68656c6c6f",
			"60035fc5003d3a40fd010000000000000000000000000001fd0100000000000000000000000000020104934f0000000060000000000d113ffd010000000000000000000000000002fd02000000000000000000000000000200050009000dc1eb68656c6c6f",
			Addr(unhex(t, "fd010000000000000000000000000001")), ICMPError{Type: 1, Code: 4, FlowLabel: 0x35fc5}},
	}
	for _, tt := range tests {
		p := parse(t, unhex(t, tt.in))
		p.DecTTL()
		if !p.RejectOK() || !p.Answerable() {
			t.Errorf("%s: not answered", tt.name)
		}
		tt.e.Src, tt.e.TTL = tt.src, 64
		if got := hex.EncodeToString(AppendICMPError(nil, p, tt.e)); got != tt.out {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.out)
		}
	}
}

// TestResetBytes compares with resets that Linux 6.18 sent.
func TestResetBytes(t *testing.T) {
	tests := []struct{ name, in, out string }{
		{"syn with data",
			"4510002d00010000400663b70a0001020a00020200050009000003e800000000500220003112000068656c6c6f",
			"4500002800004000400623cd0a0002020a0001020009000500000000000003ee5014000094d10000"},
		{"ack",
			"4500002800010000400663cc0a0001020a00020200050009000003e80000004d50102000748e0000",
			"4500002800004000400623cd0a0002020a000102000900050000004d000000005004000098820000"},
		{"syn, fin and options",
			"4500002c00010000400663c80a0001020a00020200050009ffffffff000000006003200066ca000001010101",
			"4500002800004000400623cd0a0002020a0001020009000500000000000000015014000098be0000"},
		{"v6",
			"6000000000190640fd010000000000000000000000000002fd02000000000000000000000000000200050009000003e800000000500220004e0d000068656c6c6f",
			"6000000000140640fd020000000000000000000000000002fd0100000000000000000000000000020009000500000000000003ee50140000b1cc0000"},
	}
	for _, tt := range tests {
		p := parse(t, unhex(t, tt.in))
		p.DecTTL()
		got, ok := AppendReset([]byte{9}, p, 64)
		if !ok || hex.EncodeToString(got[1:]) != tt.out || got[0] != 9 {
			t.Errorf("%s:\n got %x\nwant %s", tt.name, got, tt.out)
		}
	}
}

func TestNoReset(t *testing.T) {
	edit := func(b []byte, at int, v byte) []byte { b[at] = v; FixIPv4Checksum(b); return b }
	rst := tcp4(t, 0)
	rst[33] = nf.TCPRst
	for name, b := range map[string][]byte{
		"udp": udp4(t, 20), "checksum": edit(tcp4(t, 4), 42, 1), "reset": rst,
		"fragment": edit(tcp4(t, 4), 7, 1), "short": edit(tcp4(t, 0), 3, 39),
	} {
		if _, ok := AppendReset(nil, parse(t, b), 64); ok {
			t.Errorf("%s: answered", name)
		}
	}
}

func TestQuoteLengths(t *testing.T) {
	e := ICMPError{Type: 3, TTL: 64}
	for _, tt := range []struct {
		b          []byte
		icmp, link int
	}{
		{udp4(t, 0), 56, 56}, {udp4(t, 520), 576, 564}, {udp4(t, 521), 576, 564}, {udp4(t, 519), 575, 564},
		{tcp6(t, 1171), 1279, 1268}, {tcp6(t, 1172), 1280, 1268}, {tcp6(t, 1400), 1280, 1268},
	} {
		p := parse(t, tt.b)
		for _, x := range []struct {
			got  []byte
			want int
		}{{AppendICMPError(nil, p, e), tt.icmp}, {AppendLinkReject(nil, p, e), tt.link}} {
			if len(x.got) != x.want {
				t.Errorf("%d bytes quoted in %d, want %d", p.Len(), len(x.got), x.want)
			}
			if q := parse(t, x.got); !q.L4ChecksumOK() {
				t.Error("bad checksum")
			}
		}
	}
}

func TestAnswerable(t *testing.T) {
	with := func(b []byte, at int, v ...byte) []byte {
		b = slices.Clone(b)
		copy(b[at:], v)
		FixIPv4Checksum(b)
		return b
	}
	icmp := func(typ byte) []byte {
		return with(with(udp4(t, 4), 9, nf.ProtoICMP), 20, typ)
	}
	tests := []struct {
		name string
		b    []byte
		want bool
	}{
		{"udp", udp4(t, 1), true},
		{"echo request", icmp(8), true},
		{"echo reply", icmp(0), true},
		{"unreachable", icmp(3), false},
		{"unknown type", icmp(19), false},
		{"from nobody", with(udp4(t, 1), 12, 0, 0, 0, 0), false},
		{"to a group", with(udp4(t, 1), 16, 224), true},
		{"later fragment", with(udp4(t, 1), 7, 1), false},
		{"v6", tcp6(t, 0), true},
		{"v6 echo", icmp6(t), true},
		{"v6 error", with(icmp6(t), 40, 1), false},
		{"v6 to a group", with(tcp6(t, 0), 24, 0xff, 2), false},
	}
	for _, tt := range tests {
		if got := parse(t, tt.b).Answerable(); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
	p := parse(t, udp4(t, 1))
	p.PktType = nf.PacketBroadcast
	if p.Answerable() {
		t.Error("a broadcast frame is answered")
	}
}

// TestRejectChecksum: protocols that no checksum covers are summed as well.
func TestRejectChecksum(t *testing.T) {
	b := udp4(t, 5)
	b[9] = 99
	FixIPv4Checksum(b)
	if parse(t, slices.Clone(b)).RejectOK() {
		t.Error("an unknown protocol has a good sum by chance only")
	}
	b[9] = nf.ProtoGRE
	FixIPv4Checksum(b)
	if !parse(t, b).RejectOK() {
		t.Error("GRE is not looked at")
	}
	b = udp4(t, 5)
	b[27] ^= 1
	if parse(t, b).RejectOK() {
		t.Error("bad UDP checksum")
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(tcp4(f, 3))
	f.Add(tcp6(f, 3))
	f.Add(icmp6(f))
	f.Fuzz(func(t *testing.T, b []byte) {
		var p Packet
		p.Reset(b, false)
		p.ParseIP()
		p.Answerable()
		p.RejectOK()
		for _, d := range [][]byte{AppendICMPError(nil, &p, ICMPError{}), AppendLinkReject(nil, &p, ICMPError{})} {
			var q Packet
			q.Reset(d, false)
			if len(d) > 0 && (q.CheckIP() == BadChecksum || !q.L4ChecksumOK()) {
				t.Errorf("%x", d)
			}
		}
		AppendReset(nil, &p, 1)
	})
}
