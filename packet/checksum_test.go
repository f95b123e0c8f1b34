package packet

import (
	"math/rand"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"nfvm/nf"
)

// slowSum is the definition of RFC 1071, word by word.
func slowSum(b []byte) uint16 {
	var s uint32
	for i, c := range b {
		if i%2 == 0 {
			s += uint32(c) << 8
		} else {
			s += uint32(c)
		}
		s = s>>16 + s&0xffff
	}
	return uint16(s)
}

func TestSum16(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for n := 0; n < 300; n++ {
		b := make([]byte, n)
		r.Read(b)
		if n%3 == 0 {
			for i := range b {
				b[i] = 0xff
			}
		}
		if got := uint16(Sum16(b)); got != slowSum(b) {
			t.Fatalf("%d bytes: %#x, want %#x", n, got, slowSum(b))
		}
	}
}

// TestSetters changes fields and compares with a packet whose checksums were
// computed from nothing.
func TestSetters(t *testing.T) {
	for _, b := range [][]byte{udp4(t, 7), tcp4(t, 8), tcp6(t, 9), icmp6(t)} {
		p := parse(t, b)
		p.SetSrc(Addr{172, 16, 0xff, 0xff, 1, 2, 3, 4, 5, 6})
		p.SetDst(Addr{0xfd, 9, 0, 0, 1, 2, 3, 4, 5, 6})
		p.SetSrcPort(0xffff)
		p.SetDstPort(0)
		p.SetTTL(9)
		p.SetTOS(0xb8)
		p.DecTTL()
		p.SetDF()
		if p.DF() != (p.Family == nf.FamilyIPv4) {
			t.Error("DF not set")
		}
		if p.TTL() != 8 || p.TOS() != 0xb8 {
			t.Error("ttl or tos not set")
		}
		q := parse(t, append([]byte(nil), p.Data...)) // verifies the header checksum
		if !q.L4ChecksumOK() {
			t.Errorf("protocol %d: bad checksum after changes", p.Proto)
		}
	}
}

func TestUDPZeroChecksumStays(t *testing.T) {
	b := udp4(t, 4)
	b[26], b[27] = 0, 0
	p := parse(t, b)
	p.SetSrc(Addr{1, 2, 3, 4})
	p.SetSrcPort(9)
	if b[26]|b[27] != 0 || !p.L4ChecksumOK() {
		t.Error("an unused UDP checksum was touched")
	}
}

// TestUDPNeverZero finds a port whose checksum would be zero: it is sent as
// all ones.
func TestUDPNeverZero(t *testing.T) {
	p := parse(t, udp4(t, 0))
	seen := false
	for n := 0; n < 0x10000; n++ {
		p.SetSrcPort(uint16(n))
		b := p.L4()
		if b[6]|b[7] == 0 {
			t.Fatalf("port %d: checksum 0", n)
		}
		seen = seen || b[6]&b[7] == 0xff
	}
	if !seen || !p.L4ChecksumOK() {
		t.Error("no port gives the checksum 0xffff")
	}
}

func TestSCTP(t *testing.T) {
	i := ip4(layers.IPProtocolSCTP)
	s := &layers.SCTP{SrcPort: 5, DstPort: 6, VerificationTag: 7}
	p := parse(t, build(t, i, s, gopacket.Payload("chunk")))
	// gopacket stores the CRC in the wrong byte order; store our own.
	SetSCTPChecksum(p.L4())
	if !p.L4ChecksumOK() {
		t.Error("own checksum refused")
	}
	p.SetDstPort(99)
	if !p.L4ChecksumOK() {
		t.Error("checksum after port change refused")
	}
	p.L4()[0] ^= 1
	if p.L4ChecksumOK() {
		t.Error("bad checksum accepted")
	}
}

// TestSCTPVector is a well-known check value of CRC32c: 32 zero bytes.
func TestSCTPVector(t *testing.T) {
	if got := SCTPChecksum(make([]byte, 32)); got != 0x8a9136aa {
		t.Errorf("%#x", got)
	}
}

// TestUDPLite shows the kernel's quirk: only the pseudo header of UDP passes.
func TestUDPLite(t *testing.T) {
	for _, tt := range []struct {
		proto uint8
		want  bool
	}{{nf.ProtoUDP, true}, {nf.ProtoUDPLite, false}} {
		b := udp4(t, 4)
		b[9] = nf.ProtoUDPLite
		b[24], b[25], b[26], b[27] = 0, 8, 0, 0
		FixIPv4Checksum(b)
		p := parse(t, b)
		src, dst := p.Src(), p.Dst()
		sum := ^Fold(PseudoSum(nf.FamilyIPv4, &src, &dst, tt.proto, 12) + Sum16(b[20:28]))
		b[26], b[27] = byte(sum>>8), byte(sum)
		if got := p.L4ChecksumOK(); got != tt.want {
			t.Errorf("pseudo header of %d: %v", tt.proto, got)
		}
	}
}

func BenchmarkSum16(b *testing.B) {
	d := make([]byte, 1480)
	b.SetBytes(1480)
	for b.Loop() {
		Sum16(d)
	}
}

func BenchmarkParse(b *testing.B) {
	d := tcp4(b, 100)
	var p Packet
	b.ReportAllocs()
	for b.Loop() {
		p.Reset(d, false)
		p.CheckIP()
	}
}

func BenchmarkSetSrc(b *testing.B) {
	p := parse(b, tcp4(b, 100))
	b.ReportAllocs()
	for i := uint32(0); b.Loop(); i++ {
		p.SetSrc(Addr4(i))
	}
}
