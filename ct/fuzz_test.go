package ct

import (
	"io"
	"testing"

	"nfvm/nf"
	"nfvm/packet"
)

// FuzzTrack lets any bytes arrive, cut into packets, in a table with a few
// flows: nothing may panic and the invariants must hold.
func FuzzTrack(f *testing.F) {
	f.Add(udpPacket(a4, b4, 1, 53, 10), uint8(40))
	f.Add(tcpPacket(a4, b4, 1, 80, tcpSpec{flags: synAck, options: []byte{1, 1, 5, 10, 0, 0, 0, 0, 0, 0, 0, 0}}), uint8(20))
	f.Add(icmpPacket(b4, a4, 3, 3, 0, udpPacket(a4, b4, 1, 53, 1)), uint8(255))
	f.Add(icmpPacket(b6, a6, 137, 0, 0, udpPacket(a6, b6, 1, 53, 1)), uint8(99))
	f.Add(sctpPacket(a4, b4, 1, 2, 0, append(initChunk(1, 2), chunk(0, 0, 1)...)), uint8(48))
	f.Add(ip(a6, b6, 60, []byte{60, 0, 1, 4, 0, 0, 0, 0, 17, 0, 1, 4}), uint8(50))
	f.Fuzz(func(t *testing.T, data []byte, size uint8) {
		m := newModel()
		m.t.Sysctl.Checksum = false
		m.send('a', udpPacket(a4, b4, 1, 53, 1))
		flow{m, 1}.open()
		step := int(size) + 1
		for len(data) > 0 {
			n := min(step, len(data))
			p := packet.Packet{Data: data[:n:n]}
			data = data[n:]
			family := nf.FamilyIPv4
			if p.Data[0]>>4 == 6 {
				family = nf.FamilyIPv6
			}
			m.now += int64(size) * 1e9
			m.t.Track(&p, family, nf.HookPrerouting, m.now)
			m.t.Confirm(&p, m.now)
			m.t.Release(&p)
			invariants(t, m.t)
		}
		if err := m.t.WriteList(io.Discard, m.now); err != nil {
			t.Fatal(err)
		}
	})
}
