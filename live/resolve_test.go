//go:build linux

package live

import (
	"runtime"
	"testing"
)

// TestWaitingBounded: frames to a neighbour that does not answer take no more memory
// than about unres_qlen_bytes, also small ones, and the youngest are kept.
func TestWaitingBounded(t *testing.T) {
	for size, kept := range map[int]int{60: 257, 1514: 93} {
		var p pending
		lost := uint64(0)
		before := inUse()
		for i := range 20_000 {
			frame := make([]byte, size)
			frame[0] = byte(i)
			lost += p.add(waiter{write: write{frame: frame}})
		}
		if took := inUse() - before; took > 2*waitBytes {
			t.Errorf("%d frames of %d bytes take %d", len(p.frames), size, took)
		}
		if len(p.frames) != kept || lost != uint64(20_000-kept) || p.frames[kept-1].frame[0] != 19_999%256 {
			t.Errorf("%d frames of %d bytes wait, %d are lost; want %d to wait", len(p.frames), size, lost, kept)
		}
		runtime.KeepAlive(p)
	}
}

// inUse is how many bytes of the heap are in use.
func inUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
