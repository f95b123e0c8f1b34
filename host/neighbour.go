package host

import (
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/gaissmai/bart"

	"nfvm/nf"
)

// neighbours is the neighbour table of one link. On a live machine the kernel's
// events change it while packets are on their way, so a change makes a new
// table that shares what stayed the same, and readers never wait.
type neighbours struct {
	writers sync.Mutex
	table   atomic.Pointer[bart.Table[[6]byte]]
}

func newNeighbours() *neighbours {
	n := &neighbours{}
	n.table.Store(&bart.Table[[6]byte]{})
	return n
}

func hostPrefix(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }

func (n *neighbours) get(a netip.Addr) ([6]byte, bool) {
	return n.table.Load().Get(hostPrefix(a))
}

func (n *neighbours) set(a netip.Addr, mac [6]byte) {
	n.writers.Lock()
	defer n.writers.Unlock()
	n.table.Store(n.table.Load().InsertPersist(hostPrefix(a), mac))
}

func (n *neighbours) remove(a netip.Addr) {
	n.writers.Lock()
	defer n.writers.Unlock()
	n.table.Store(n.table.Load().DeletePersist(hostPrefix(a)))
}

// Neighbour gives the link-layer address of a neighbour, if it is known.
func (h *Host) Neighbour(l *nf.Link, a netip.Addr) ([6]byte, bool) {
	n := h.neighbours[l]
	if n == nil {
		return [6]byte{}, false
	}
	return n.get(a)
}

// Learn remembers a neighbour's address from a frame, unless it is known or
// the host was made not to learn.
func (h *Host) Learn(l *nf.Link, a netip.Addr, mac [6]byte) {
	n := h.neighbours[l]
	if n == nil || h.noLearning {
		return
	}
	if _, known := n.get(a); !known {
		n.set(a, mac)
	}
}

// SetNeighbour enters a neighbour of the link with that ifindex, or gives it
// another link-layer address. An unknown ifindex is without effect. It may be
// called while the host routes packets.
func (h *Host) SetNeighbour(index int, addr netip.Addr, mac [6]byte) {
	if n := h.neighbours[h.byIndex[index]]; n != nil {
		n.set(addr, mac)
	}
}

// RemoveNeighbour forgets a neighbour, under the same terms as SetNeighbour.
func (h *Host) RemoveNeighbour(index int, addr netip.Addr) {
	if n := h.neighbours[h.byIndex[index]]; n != nil {
		n.remove(addr)
	}
}
