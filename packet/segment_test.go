package packet

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"nfvm/nf"
)

// bulk is a packet of n payload bytes as a host hands it to a device that cuts
// and sums.
func bulk(t *testing.T, six bool, proto uint8, n, size int) *Packet {
	t.Helper()
	r := rand.New(rand.NewPCG(1, uint64(n)))
	l4 := make([]byte, UDPSize)
	if proto == nf.ProtoTCP {
		l4 = make([]byte, 32) // twelve bytes of options, all padding
		l4[12], l4[13] = 8<<4, nf.TCPAck|nf.TCPPsh|nf.TCPFin|nf.TCPCwr
		for i := TCPSize; i < 32; i++ {
			l4[i] = 1
		}
	}
	for range n {
		l4 = append(l4, byte(r.Uint32()))
	}
	ip := make([]byte, IPv4Size, IPv4Size+len(l4))
	ip[0], ip[8], ip[9] = 0x45, 64, proto
	copy(ip[12:], []byte{192, 0, 2, 1, 198, 51, 100, 7})
	etherType := uint16(nf.EtherTypeIPv4)
	if six {
		ip = make([]byte, IPv6Size, IPv6Size+len(l4))
		ip[0], ip[6], ip[7], ip[8], ip[23], ip[24], ip[39] = 0x60, proto, 64, 0x20, 1, 0x20, 2
		etherType = nf.EtherTypeIPv6
	}
	p := &Packet{}
	p.Reset(append(ip, l4...), false)
	p.EtherType = etherType
	p.ParseIP()
	p.Offload = Offload{SumPartial: true, SegSize: size}
	if !six {
		p.Data[2], p.Data[3] = byte(len(p.Data)>>8), byte(len(p.Data))
		FixIPv4Checksum(p.Data)
	} else {
		p.Data[4], p.Data[5] = byte((len(p.Data)-IPv6Size)>>8), byte(len(p.Data)-IPv6Size)
	}
	p.ParseIP()
	p.FixPartialSum()
	return p
}

// TestCut: segments carry the payload in order, each no longer than asked, with
// right lengths, numbers, flags and checksums.
func TestCut(t *testing.T) {
	for _, six := range []bool{false, true} {
		for _, proto := range []uint8{nf.ProtoTCP, nf.ProtoUDP} {
			for _, n := range []int{1, 1447, 1448, 1449, 60000} {
				p := bulk(t, six, proto, n, 1448)
				want := bytes.Clone(p.Data[p.HeaderLen():])
				var got []byte
				var g Segmenter
				count := 0
				ok := g.Cut(p, func(ip []byte) {
					var q Packet
					q.Reset(ip, false)
					q.EtherType = p.EtherType
					if why := q.CheckIP(); why != OK || q.Len() != len(ip) || q.Len() > p.WireLen() {
						t.Fatalf("segment of %d bytes: %v", len(ip), why)
					}
					q.Offload.SumPartial = false
					if !q.L4ChecksumOK() {
						t.Fatal("checksum of a segment is wrong")
					}
					if tcp, ok := q.TCP(); ok {
						last := len(got)+len(tcp.Payload()) == n
						if int(tcp.Seq()) != len(got) || tcp.Flags()&nf.TCPFin != 0 != last || tcp.Flags()&nf.TCPCwr != 0 != (count == 0) {
							t.Fatalf("segment %d: seq %d, flags %#x", count, tcp.Seq(), tcp.Flags())
						}
					}
					got = append(got, ip[q.HeaderLen():]...)
					count++
				})
				if !ok || !bytes.Equal(got, want) || count != (n+1447)/1448 {
					t.Errorf("six %v, protocol %d, %d bytes: %d segments, equal %v", six, proto, n, count, bytes.Equal(got, want))
				}
			}
		}
	}
}

// TestCompleteSum: what the device would sum is right, and is given up again.
func TestCompleteSum(t *testing.T) {
	p := bulk(t, false, nf.ProtoUDP, 777, 0)
	p.CompleteSum()
	if p.Offload.SumPartial || !p.L4ChecksumOK() {
		t.Error("checksum is wrong")
	}
}
