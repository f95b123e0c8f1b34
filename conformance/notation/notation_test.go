package notation

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

var lines = []string{
	`ip 10.0.1.2 > 10.0.2.2 tcp 1111 > 80 [S] seq 1000 opts mss=1460,sackok,ts=1:2,nop,ws=7`,
	`ip 10.0.1.2 > 10.0.2.2 ttl 63 id 7 tos 0xb8 df tcp 1 > 2 [PA] seq 5 ack 6 win 100 data "hello"`,
	`ip 10.0.1.2 > 10.0.2.2 tcp 1 > 2 [A] seq 5 ack 6 opts nop,nop,sack=1-2/3-4,254=beef`,
	`ip 10.0.1.2 > 10.0.2.2 udp 5 > 53 sum 0x0 data x*100 0x00ff`,
	`ip 10.0.1.2 > 10.0.2.2 udp 5 > 53 sum bad data 0x00*40 "tail"`,
	`ip 10.0.1.2 > 10.0.2.2 opts 0x94040000 icmp echo-request id 7 seq 1 data "x"`,
	`ip 10.0.2.1 > 10.0.1.2 tos 0xc0 icmp destination-unreachable/4 mtu 600 { ip 10.0.1.2 > 10.0.2.2 df udp 1 > 2 data a*30 }`,
	`ip 10.0.2.1 > 10.0.1.2 icmp time-exceeded { ip 10.0.1.2 > 10.0.2.2 len 100 udp 1 > 2 len 80 sum +0x1875 data 0x0102 }`,
	`ip 10.0.1.2 > 10.0.2.2 mf off 8 proto 17 data "abcdefgh"`,
	`ip 10.0.1.2 > 10.0.2.2 proto 47 data 0x00000800`,
	`ip 10.0.1.2 > 10.0.2.2 sum bad proto 99 pad 0x00`,
	`ip6 fd01::2 > fd02::2 hl 63 tc 0x20 flow 0x12345 icmp6 echo-request id 7 seq 1`,
	`ip6 fd01::2 > fd02::2 hbh 0x050200000100 dstopts 0x010400000000 udp 1 > 2 data "x"`,
	`ip6 fd01::2 > fd02::2 frag id 9 off 8 mf proto 17 data "12345678"`,
	`ip6 fd01::1 > fd01::2 icmp6 packet-too-big mtu 1280 { ip6 fd01::2 > fd02::2 tcp 1 > 2 [S] seq 1 }`,
	`ip 10.0.1.2 > 10.0.2.2 sctp 1 > 2 vtag 0 data 0x01000014`,
	`ip 10.0.1.2 > 10.0.2.2 sctp 1 > 2 vtag 3 sum bad data 0x01000014`,
	`ether 02:00:00:00:00:02 > 02:00:00:00:00:01 vlan 5 ip 10.0.1.2 > 10.0.2.2 udp 1 > 2`,
	`ether 02:00:00:00:00:02 > ff:ff:ff:ff:ff:ff type 0x0806 data 0x0001`,
	`hex 0x45`,
}

func TestTextAndBytesAgree(t *testing.T) {
	for _, text := range lines {
		b, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		format := Format
		if strings.HasPrefix(text, "ether") {
			format = FormatEther
		}
		if got := format(b); got != text {
			t.Errorf("read    %s\nwritten %s", text, got)
		}
	}
}

// gopacket is a second opinion on lengths and checksums.
func TestBuiltPacketsAreWellFormed(t *testing.T) {
	for _, text := range []string{lines[0], lines[1], lines[5], lines[11]} {
		b, _ := Parse(text)
		first := gopacket.LayerType(layers.LayerTypeIPv4)
		if b[0]>>4 == 6 {
			first = layers.LayerTypeIPv6
		}
		p := gopacket.NewPacket(b, first, gopacket.Default)
		if e := p.ErrorLayer(); e != nil {
			t.Errorf("%s: %v", text, e.Error())
		}
		if tcp, ok := p.TransportLayer().(*layers.TCP); ok {
			if err := tcp.SetNetworkLayerForChecksum(p.NetworkLayer()); err != nil {
				t.Fatal(err)
			}
			// the sum over a segment that carries its right checksum is zero
			if got, err := tcp.ComputeChecksum(); err != nil || got != 0 {
				t.Errorf("%s: the checksum is off by %#x (%v)", text, got, err)
			}
		}
	}
}

func TestCut(t *testing.T) {
	whole, err := Parse(`ip 10.0.1.2 > 10.0.2.2 id 5 udp 1 > 2 data x*100`)
	if err != nil {
		t.Fatal(err)
	}
	var joined []byte
	for _, c := range []string{"0+48", "48+48", "96+48"} {
		b, err := Parse(`ip 10.0.1.2 > 10.0.2.2 id 5 cut ` + c + ` udp 1 > 2 data x*100`)
		if err != nil {
			t.Fatal(err)
		}
		joined = append(joined, b[20:]...)
		if more := b[6]&0x20 != 0; more != (c != "96+48") {
			t.Errorf("cut %s: more fragments is %v", c, more)
		}
	}
	if !bytes.Equal(joined, whole[20:]) {
		t.Error("the pieces do not make the whole")
	}
}

func TestBadLines(t *testing.T) {
	for _, text := range []string{
		"", "ip", "ip 10.0.1.2", "ip 10.0.1.2 > 10.0.2 udp 1 > 2", "ip 1.1.1.1 > 2.2.2.2 udp 1 > 70000",
		`ip 1.1.1.1 > 2.2.2.2 udp 1 > 2 data "x`, `ip 1.1.1.1 > 2.2.2.2 tcp 1 > 2 [X] seq 1`, "hex 4", "hex zz",
		"ip 1.1.1.1 > 2.2.2.2 cut 3+4 udp 1 > 2", "ip 1.1.1.1 > 2.2.2.2 udp 1 > 2 extra", "ip 1.1.1.1 > 2.2.2.2 icmp 3 { ip",
		"ip 1.1.1.1 > 2.2.2.2 udp 1 > 2 data x*99999999",
	} {
		if b, err := Parse(text); err == nil {
			t.Errorf("%q was read as %x", text, b)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range lines {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, err := Parse(text)
		if err != nil || len(b) > 65535 {
			return
		}
		if again, err := Parse(Format(b)); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%x comes back as %x (%v)", b, again, err)
		}
	})
}

func FuzzFormat(f *testing.F) {
	for _, text := range lines {
		b, _ := Parse(text)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, format := range []func([]byte) string{Format, FormatEther} {
			if again, err := Parse(format(b)); err != nil || !bytes.Equal(again, b) {
				t.Errorf("%x comes back as %x (%v)", b, again, err)
			}
		}
	})
}
