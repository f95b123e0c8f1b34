package synproxy

import (
	"testing"

	"nfvm/nf"
	"nfvm/packet"
)

func flow(f nf.Family, port byte) Flow {
	return Flow{Family: f, Src: packet.Addr{10, 0, 0, 1}, Dst: packet.Addr{10, 0, 0, 2}, Ports: [4]byte{0, port, 0, 80}}
}

// A cookie is good for its flow, its sequence number and two minutes.
func TestCookies(t *testing.T) {
	c := NewCookies([16]byte{1, 2, 3})
	const minute = 60e9
	for _, family := range []nf.Family{nf.FamilyIPv4, nf.FamilyIPv6} {
		f, other := flow(family, 1), flow(family, 2)
		for _, mss := range []uint16{0, 535, 536, 1299, 1300, 1439, 1440, 1459, 1460, 9000} {
			isn := c.Make(&f, 77, mss, minute)
			want := sizes[familyIndex(family)][0]
			for _, s := range sizes[familyIndex(family)] {
				if mss >= s {
					want = s
				}
			}
			if got, ok := c.Check(&f, 77, isn, minute+minute-1); !ok || got != want {
				t.Errorf("family %v mss %d: %d %v, want %d", family, mss, got, ok, want)
			}
			if _, ok := c.Check(&f, 77, isn, 3*minute); ok {
				t.Error("a cookie of the day before yesterday is taken")
			}
			if _, ok := c.Check(&other, 77, isn, minute); ok {
				t.Error("a cookie of another flow is taken")
			}
			if _, ok := c.Check(&f, 77, isn-9, minute); ok {
				t.Error("a wrong cookie is taken")
			}
		}
	}
}

func BenchmarkCookies(b *testing.B) {
	c, f := NewCookies([16]byte{1}), flow(nf.FamilyIPv4, 1)
	b.ReportAllocs()
	for i := range b.N {
		c.Make(&f, uint32(i), 1460, 1)
	}
}

func TestCookiesDoNotAllocate(t *testing.T) {
	c, f := NewCookies([16]byte{1}), flow(nf.FamilyIPv4, 1)
	if n := testing.AllocsPerRun(100, func() { c.Check(&f, 1, c.Make(&f, 1, 2, 3), 3) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// What Append writes Parse reads, and no bytes make it panic.
func FuzzOptions(f *testing.F) {
	f.Add([]byte{2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7})
	f.Add([]byte{1, 1, 8, 10, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		b = b[:min(len(b), 40)&^3]
		head := make([]byte, packet.TCPSize)
		head[12] = byte(5+len(b)/4) << 4
		seg := packet.TCP(append(head, b...))
		o, ok := Parse(seg)
		if !ok {
			t.Fatal("a whole header is not read")
		}
		ShiftStamp(packet.TCP(append([]byte{}, seg...)), true, 5)
		out := o.Append(make([]byte, packet.TCPSize))
		out[12] = byte(len(out)/4) << 4
		o.Has &= MSS | WindowScale | SACKPermitted | Timestamp
		if again, ok := Parse(out); !ok || again != o {
			t.Errorf("%+v, then %+v", o, again)
		}
	})
}
