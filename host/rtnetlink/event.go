package rtnetlink

import (
	"net/netip"

	"nfvm/host"
)

// A Handler is told of changes, by one goroutine, one after the other. While it
// is busy the kernel keeps what comes next; when that is too much, a fresh
// Config makes up for it.
type Handler struct {
	// Config is called with the machine as it is after a change of anything but
	// a neighbour. Neighbours are those of that moment.
	Config func(host.Config)
	// Neighbour is called for each change of a neighbour.
	Neighbour func(NeighbourEvent)
	// Gone, if it is set, is called with the index of a link that was taken away,
	// or moved to another namespace, and before the next Config, in which the index
	// may be another link's.
	Gone func(index int)
}

// A NeighbourChange says what became of a neighbour.
type NeighbourChange uint8

const (
	NeighbourAdded   NeighbourChange = iota + 1 // its link-layer address is known now
	NeighbourChanged                            // it has another link-layer address
	NeighbourFailed                             // it does not answer, and is not known any more
	NeighbourRemoved                            // the kernel forgot it; it may answer
)

var neighbourChanges = map[NeighbourChange]string{
	NeighbourAdded: "added", NeighbourChanged: "changed", NeighbourFailed: "failed", NeighbourRemoved: "removed",
}

func (c NeighbourChange) String() string { return neighbourChanges[c] }

// A NeighbourEvent is a change of one neighbour.
type NeighbourEvent struct {
	Change NeighbourChange
	Index  int // of the link
	Addr   netip.Addr
	MAC    [6]byte // of Added and Changed
}

// Apply enters the change in the host's neighbour table.
func (e *NeighbourEvent) Apply(h *host.Host) {
	switch e.Change {
	case NeighbourAdded, NeighbourChanged:
		h.SetNeighbour(e.Index, e.Addr, e.MAC)
	case NeighbourFailed, NeighbourRemoved:
		h.RemoveNeighbour(e.Index, e.Addr)
	}
}
