package packet

import (
	"encoding/binary"
	"runtime"
	"testing"
)

// TestReassemblyMemory: whatever is sent, fragments that never become datagrams take
// no more memory than about what the limit says (ipfrag_high_thresh).
func TestReassemblyMemory(t *testing.T) {
	from := func(b []byte, n int) []byte {
		binary.BigEndian.PutUint32(b[12:], uint32(n))
		FixIPv4Checksum(b)
		return b
	}
	for name, nth := range map[string]func(n int) []byte{
		"small IPv4":              func(n int) []byte { return from(frag4(n, 0, 8, true, nil), n) },
		"small IPv4, not first":   func(n int) []byte { return from(frag4(n, 80, 8, true, nil), n) },
		"large IPv4":              func(n int) []byte { return from(frag4(n, 0, 1480, true, nil), n) },
		"one IPv4 datagram":       func(n int) []byte { return frag4(1, n%4000*16, 8, true, nil) },
		"small IPv6":              func(n int) []byte { return frag6(n, 0, 24, true) },
		"small IPv6, not first":   func(n int) []byte { return frag6(n, 80, 8, true) },
		"IPv6 without data":       func(n int) []byte { return frag6(n, 80, 0, true) },
		"IPv6 beyond the longest": func(n int) []byte { return frag6(n, 65528, 16, true) },
	} {
		r := NewReassembler(DefaultFragConfig())
		var p Packet
		before := heap()
		for n := range 60_000 {
			p.Reset(nth(n), false)
			if p.CheckIP() != OK {
				t.Fatalf("%s: packet %d is broken", name, n)
			}
			r.Add(&p, FragUser{}, 1)
		}
		p = Packet{}
		took := heap() - before
		t.Logf("%s: %d datagrams, %d KiB", name, r.Pending(), took>>10)
		if limit := r.cfg.IPv4.High; took > int64(limit)*3/2 {
			t.Errorf("%s: %d bytes are held, the limit is %d", name, took, limit)
		}
		runtime.KeepAlive(r)
	}
}

// heap is how many bytes are in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
