package packet

import (
	"net"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"nfvm/nf"
)

// build serialises layers with lengths and checksums filled in.
func build(t testing.TB, ls ...gopacket.SerializableLayer) []byte {
	t.Helper()
	buf := gopacket.NewSerializeBuffer()
	opt := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	if err := gopacket.SerializeLayers(buf, opt, ls...); err != nil {
		t.Fatal(err)
	}
	return append([]byte(nil), buf.Bytes()...)
}

func ip4(proto layers.IPProtocol) *layers.IPv4 {
	return &layers.IPv4{Version: 4, IHL: 5, TTL: 64, Id: 7, Protocol: proto,
		SrcIP: net.IP{10, 0, 1, 2}, DstIP: net.IP{10, 0, 2, 2}}
}

func ip6(next layers.IPProtocol) *layers.IPv6 {
	return &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: next, TrafficClass: 0x12,
		SrcIP: net.ParseIP("fd01::2"), DstIP: net.ParseIP("fd02::2")}
}

func udp4(t testing.TB, n int) []byte {
	i := ip4(layers.IPProtocolUDP)
	u := &layers.UDP{SrcPort: 1111, DstPort: 53}
	u.SetNetworkLayerForChecksum(i)
	return build(t, i, u, gopacket.Payload(make([]byte, n)))
}

func tcp4(t testing.TB, n int) []byte {
	i := ip4(layers.IPProtocolTCP)
	u := &layers.TCP{SrcPort: 1111, DstPort: 80, Seq: 1000, Ack: 2000, SYN: true, ACK: true, Window: 77}
	u.SetNetworkLayerForChecksum(i)
	return build(t, i, u, gopacket.Payload(make([]byte, n)))
}

func tcp6(t testing.TB, n int) []byte {
	i := ip6(layers.IPProtocolTCP)
	u := &layers.TCP{SrcPort: 1111, DstPort: 80, Seq: 1000, SYN: true}
	u.SetNetworkLayerForChecksum(i)
	return build(t, i, u, gopacket.Payload(make([]byte, n)))
}

func icmp6(t testing.TB) []byte {
	i := ip6(layers.IPProtocolICMPv6)
	u := &layers.ICMPv6{TypeCode: layers.CreateICMPv6TypeCode(128, 0)}
	u.SetNetworkLayerForChecksum(i)
	return build(t, i, u, gopacket.Payload{0, 9, 0, 1, 'h', 'i'})
}

// parse checks the packet and fails the test when it is refused.
func parse(t testing.TB, b []byte) *Packet {
	t.Helper()
	p := new(Packet)
	p.Reset(b, false)
	if r := p.CheckIP(); r != OK {
		t.Fatalf("refused: %v", r)
	}
	return p
}

func TestParseTCP4(t *testing.T) {
	p := parse(t, append(tcp4(t, 5), 0, 0, 0)) // padding is cut off
	tcp, ok := p.TCP()
	if !ok || p.Len() != 45 || tcp.Seq() != 1000 || tcp.Ack() != 2000 || tcp.Flags() != nf.TCPSyn|nf.TCPAck ||
		tcp.Window() != 77 || len(tcp.Payload()) != 5 || p.SrcPort() != 1111 || p.DstPort() != 80 {
		t.Errorf("wrong fields: %v %v %d", ok, tcp, p.Len())
	}
	if p.Src().Text(nf.FamilyIPv4) != "10.0.1.2" || p.Dst() != Addr4(0x0a000202) || p.TTL() != 64 {
		t.Errorf("wrong addresses: %v %v", p.Src(), p.Dst())
	}
	if !p.L4ChecksumOK() {
		t.Error("checksum is good")
	}
	tcp[4] ^= 1
	if p.L4ChecksumOK() {
		t.Error("checksum is bad")
	}
}

func TestParseVLAN(t *testing.T) {
	eth := &layers.Ethernet{SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}, EthernetType: layers.EthernetTypeDot1Q}
	tag := &layers.Dot1Q{VLANIdentifier: 5, Priority: 3, Type: layers.EthernetTypeIPv4}
	i := ip4(layers.IPProtocolUDP)
	u := &layers.UDP{SrcPort: 1, DstPort: 2}
	u.SetNetworkLayerForChecksum(i)
	var p Packet
	p.Reset(build(t, eth, tag, i, u), true)
	if r := p.ParseEther(); r != OK {
		t.Fatal(r)
	}
	if r := p.CheckIP(); r != OK {
		t.Fatal(r)
	}
	if !p.Tagged || p.TPID != nf.EtherTypeVLAN || p.TCI != 3<<13|5 || p.EtherType != nf.EtherTypeIPv4 ||
		p.EtherDst()[5] != 2 || p.EtherSrc()[5] != 1 || p.Len() != 28 || p.DstPort() != 2 {
		t.Errorf("wrong tag or header: %+v", p)
	}
	if p.EtherPktType([6]byte{2, 0, 0, 0, 0, 2}) != nf.PacketHost || p.EtherPktType([6]byte{2, 0, 0, 0, 0, 3}) != nf.PacketOtherHost {
		t.Error("wrong packet type")
	}
}

func TestCheckIPReasons(t *testing.T) {
	edit := func(b []byte, at int, v byte, fix bool) []byte {
		b[at] = v
		if fix {
			FixIPv4Checksum(b)
		}
		return b
	}
	tests := []struct {
		name string
		b    []byte
		want Reason
	}{
		{"empty", nil, NotIP},
		{"v4 cut", udp4(t, 0)[:19], TooShort},
		{"v4 ihl 4", edit(udp4(t, 0), 0, 0x44, false), BadHeaderLength},
		{"v4 ihl beyond packet", edit(udp4(t, 0), 0, 0x4f, false), TooShort},
		{"v4 checksum", edit(udp4(t, 0), 8, 1, false), BadChecksum},
		{"v4 total beyond frame", edit(udp4(t, 0), 3, 29, true), TooShort},
		{"v4 total below ihl", edit(udp4(t, 0), 3, 19, true), BadHeaderLength},
		{"v6 cut", tcp6(t, 0)[:39], TooShort},
		{"v6 payload beyond frame", edit(tcp6(t, 0), 5, 21, false), TooShort},
		{"v6 multicast source", edit(tcp6(t, 0), 8, 0xff, false), BadAddress},
		{"v6 hop-by-hop of nothing", edit(tcp6(t, 0), 6, 0, false), BadHopOption},
		{"v6 good", tcp6(t, 3), OK},
	}
	for _, tt := range tests {
		var p Packet
		p.Reset(tt.b, false)
		if got := p.CheckIP(); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestExtensionHeaders(t *testing.T) {
	hdr := func(next byte) []byte { return []byte{next, 0, 1, 4, 0, 0, 0, 0} }
	base := func(next byte, ext ...[]byte) []byte {
		b := append([]byte(nil), tcp6(t, 0)[:40]...)
		b[6] = next
		for _, e := range ext {
			b = append(b, e...)
		}
		b = append(b, tcp6(t, 0)[40:]...)
		b[4], b[5] = 0, byte(len(b)-40)
		return b
	}
	frag := func(next byte, off int) []byte { return []byte{next, 0, byte(off >> 8), byte(off), 0, 0, 0, 1} }
	ah := []byte{6, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1}
	tests := []struct {
		name  string
		b     []byte
		known bool
		proto uint8
		off   int
		frag  int
	}{
		{"plain", base(6), true, 6, 40, 0},
		{"hop, dst, routing", base(0, hdr(60), hdr(43), hdr(6)), true, 6, 64, 0},
		{"first fragment", base(44, frag(6, 1)), true, 6, 48, 0},
		{"later fragment", base(44, frag(6, 8)), true, 6, 0, 8},
		{"later fragment of extension header", base(44, frag(60, 8)), false, 0, 0, 0},
		{"no next header", base(59), true, 59, 40, 0},
		{"authentication stops the walk", base(51, ah), true, 51, 40, 0},
		{"chain past the end", base(60, []byte{6, 255, 0, 0, 0, 0, 0, 0}), true, 6, 40 + 2048, 0},
	}
	for _, tt := range tests {
		p := parse(t, tt.b)
		if p.L4Known != tt.known || p.Proto != tt.proto || p.Transport != tt.off || p.FragOffset != tt.frag {
			t.Errorf("%s: known %v proto %d offset %d frag %d", tt.name, p.L4Known, p.Proto, p.Transport, p.FragOffset)
		}
	}
	if h, ok := SkipExtHeaders6(base(51, ah), 40, 51); !ok || h.Proto != 6 || h.Offset != 52 {
		t.Errorf("conntrack's walk: %+v %v", h, ok)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(tcp4(f, 3), false)
	f.Add(tcp6(f, 3), false)
	f.Add(append(make([]byte, 12), append([]byte{0x81, 0, 0, 5, 8, 0}, udp4(f, 1)...)...), true)
	f.Fuzz(func(t *testing.T, b []byte, link bool) {
		var p Packet
		p.Reset(b, link)
		p.ParseEther()
		p.ParseIPChecked()
		exercise(&p)
		p.ParseIP()
		exercise(&p)
		p.CheckIP()
		exercise(&p)
	})
}

// exercise calls everything that reads or writes the packet.
func exercise(p *Packet) {
	p.L4ChecksumOK()
	p.RejectChecksumOK()
	if t, ok := p.TCP(); ok {
		t.Options()
		t.Payload()
	}
	p.SetSrc(p.Dst())
	p.SetDst(Addr{1, 2, 3, 4})
	p.SetSrcPort(5)
	p.SetDstPort(6)
	p.DecTTL()
	p.SetTOS(p.TOS() ^ 3)
	p.EtherDst()
	p.DF()
	FixIPv4Checksum(p.IP())
}
