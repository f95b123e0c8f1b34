package host

import (
	"net/netip"
	"sync"
	"testing"

	"nfvm/nf"
)

func liveHost(t *testing.T) *Host {
	t.Helper()
	h, err := New(Config{Links: []*nf.Link{nf.NewLink(7, "eth0")}, NoLearning: true})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestNeighboursOfALiveHost(t *testing.T) {
	h, a := liveHost(t), netip.MustParseAddr("10.0.0.9")
	l := h.LinkByIndex(7)
	h.Learn(l, a, [6]byte{1})
	if mac, ok := h.Neighbour(l, a); ok {
		t.Errorf("learned %x from a frame", mac)
	}
	h.SetNeighbour(7, a, [6]byte{2})
	h.SetNeighbour(7, a, [6]byte{3})
	h.SetNeighbour(8, a, [6]byte{4})
	if mac, ok := h.Neighbour(l, a); !ok || mac != [6]byte{3} {
		t.Errorf("neighbour %x, %v; want 3", mac, ok)
	}
	h.RemoveNeighbour(8, a)
	h.RemoveNeighbour(7, netip.MustParseAddr("fe80::1"))
	h.RemoveNeighbour(7, a)
	if mac, ok := h.Neighbour(l, a); ok {
		t.Errorf("neighbour %x is still there", mac)
	}
}

// Workers look neighbours up while the kernel's events change the table.
func TestNeighboursConcurrently(t *testing.T) {
	h := liveHost(t)
	l, fixed := h.LinkByIndex(7), netip.MustParseAddr("fd00::1")
	h.SetNeighbour(7, fixed, [6]byte{9})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			a := netip.MustParseAddr("fd00::2")
			for i := range 2000 {
				h.SetNeighbour(7, a, [6]byte{byte(i)})
				if _, ok := h.Neighbour(l, fixed); !ok {
					t.Error("a neighbour that nobody touched was gone")
				}
				h.RemoveNeighbour(7, a)
				a = a.Next()
			}
		})
	}
	wg.Wait()
}

func TestNeighbourLookupAllocatesNothing(t *testing.T) {
	h, a := liveHost(t), netip.MustParseAddr("10.0.0.9")
	h.SetNeighbour(7, a, [6]byte{2})
	l := h.LinkByIndex(7)
	if n := testing.AllocsPerRun(100, func() { h.Neighbour(l, a) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
