package ct

import (
	"fmt"
	"testing"

	"nfvm/nf"
	"nfvm/packet"
)

// established gives a table with n assured TCP flows.
func established(n int) *model {
	m := newModel()
	m.t.OnEvent = nil
	for i := range n {
		addr := a4
		for range i / 60000 {
			addr = addr.Next()
		}
		sp := uint16(i%60000 + 1)
		m.send('a', tcpPacket(addr, b4, sp, 80, tcpSpec{flags: syn, seq: 1000}))
		m.send('b', tcpPacket(b4, addr, 80, sp, tcpSpec{flags: synAck, seq: 5000, ack: 1001}))
		m.send('a', tcpPacket(addr, b4, sp, 80, tcpSpec{flags: ack, seq: 1001, ack: 5001}))
	}
	return m
}

func (m *model) hit(p *packet.Packet, data []byte) {
	*p = packet.Packet{Data: data}
	m.t.Track(p, nf.FamilyIPv4, nf.HookPrerouting, m.now)
	m.t.Confirm(p, m.now)
	m.t.Release(p)
}

// TestNoAllocation sends a packet of a known flow without allocating.
func TestNoAllocation(t *testing.T) {
	m := established(10)
	m.send('a', udpPacket(a4, b4, 1, 53, 1))
	m.send('b', udpPacket(b4, a4, 53, 1, 1))
	m.send('a', icmpPacket(a6, b6, 128, 0, 1, nil))
	for name, data := range map[string][]byte{
		"tcp":        tcpPacket(a4, b4, 1, 80, tcpSpec{flags: ack, seq: 1001, ack: 5001, size: 100}),
		"udp":        udpPacket(a4, b4, 1, 53, 1),
		"icmp error": icmpPacket(b4, a4, 3, 3, 0, udpPacket(a4, b4, 1, 53, 1)),
		"invalid":    tcpPacket(a4, b4, 1, 80, tcpSpec{flags: syn | fin}),
	} {
		var p packet.Packet
		if n := testing.AllocsPerRun(1000, func() { m.now++; m.hit(&p, data) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// Benchmark measures a packet of a known flow, and one that makes and ends a
// flow, in tables of different sizes.
func Benchmark(b *testing.B) {
	for _, n := range []int{1000, 100000} {
		m := established(n)
		hits := make([][]byte, 256)
		misses := make([][]byte, 256)
		for i := range hits {
			sp := uint16(i*(n/1000)*3%60000 + 1)
			hits[i] = tcpPacket(a4, b4, sp%uint16(min(n, 60000))+1, 80, tcpSpec{flags: ack, seq: 1001, ack: 5001})
			misses[i] = udpPacket(a4, b4, uint16(i), 53, 1)
		}
		var p packet.Packet
		b.Run(fmt.Sprintf("hit/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				m.hit(&p, hits[i&255])
			}
		})
		b.Run(fmt.Sprintf("miss/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				p = packet.Packet{Data: misses[i&255]}
				m.t.Track(&p, nf.FamilyIPv4, nf.HookPrerouting, m.now)
				id := p.CT
				m.t.Confirm(&p, m.now)
				m.t.Release(&p)
				m.t.Kill(id)
			}
		})
	}
}
