package trace

import (
	"bytes"
	"hash/fnv"

	"nfvm/bytecode"
	"nfvm/nf"
)

// Kind tells what an event is about.
type Kind uint8

const (
	Rule Kind = iota
	Policy
)

// A Packet is what the kernel sends of a traced packet. The slices may be
// longer than that; printing cuts them.
type Packet struct {
	In, Out string // interface names, "" for none
	// Link is the link-layer header, empty where there is none (at output, or
	// on a device without one). Ether tells that the input device is Ethernet.
	Link  []byte
	Ether bool
	// Family is that of the packet: nf.FamilyIPv4, nf.FamilyIPv6 or nf.FamilyARP.
	Family nf.Family
	// Network starts with the network header; Transport with the transport
	// header, nil where it is not known. Proto is the latter's protocol.
	Network, Transport []byte
	Proto              uint8
}

// An Event is a step of a traced packet.
type Event struct {
	Kind    Kind
	ID      uint32 // of the packet, constant over all hooks
	Table   *bytecode.Table
	Chain   *bytecode.Chain
	Rule    *bytecode.Rule // nil for Policy
	Verdict nf.Verdict
	Target  string // chain of Jump and Goto
	Queue   uint16 // queue number of Queue
	Mark    uint32 // the packet's mark
	Packet  *Packet
}

// Limits of what the kernel sends of each header, in bytes (NFT_TRACETYPE_).
const (
	linkSize      = 20
	networkSize   = 40
	transportSize = 20
)

// NewID makes a packet's trace id from its number in the input and its bytes.
func NewID(number uint64, data []byte) uint32 {
	h := fnv.New32a()
	var n [8]byte
	for i := range n {
		n[i] = byte(number >> (8 * i))
	}
	_, _ = h.Write(n[:])
	_, _ = h.Write(data[:min(len(data), networkSize)])
	return h.Sum32()
}

// ends reports whether the chain traversal of a base chain is over with this
// event.
func (e *Event) ends() bool {
	if e.Kind == Policy {
		return true
	}
	switch e.Verdict {
	case nf.Accept, nf.Drop, nf.Stolen, nf.Queue:
		return true
	}
	return false
}

// Clone gives a copy that lasts: with its own bytes, as many as are printed.
func (e *Event) Clone() *Event {
	c := *e
	if e.Packet != nil {
		p := *e.Packet
		p.Link = clip(p.Link, linkSize)
		p.Network = clip(p.Network, networkSize)
		p.Transport = clip(p.Transport, transportSize)
		c.Packet = &p
	}
	return &c
}

func clip(b []byte, n int) []byte { return bytes.Clone(b[:min(len(b), n)]) }
