package netfilter

import (
	"net/netip"

	"nfvm/bytecode"
	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// A Kind is what became of a packet.
type Kind uint8

const (
	// Dropped is the zero Kind.
	Dropped Kind = iota
	// Sent means that the host put the frame on a link.
	Sent
	// Delivered means that the host itself took the packet, at the end of the
	// input hook.
	Delivered
	// Held means that the packet is a fragment waiting for the rest.
	Held
	// Proxied means that the SYN proxy took the packet in place of the host that it
	// was for.
	Proxied
)

var kindNames = [...]string{"dropped", "sent", "delivered", "held", "proxied"}

// String names the kind in one word.
func (k Kind) String() string {
	return kindNames[min(k, Proxied)]
}

// A Decision names what gave a packet its verdict: a rule, or with Rule nil the
// policy of a base chain, or with Chain nil the path itself.
type Decision struct {
	Table   *bytecode.Table
	Chain   *bytecode.Chain
	Rule    *bytecode.Rule
	Hook    nf.Hook
	Verdict nf.Verdict
}

// Rejected reports whether a rule answered the packet that it dropped.
func (d *Decision) Rejected() bool {
	if d.Rule == nil {
		return false
	}
	for _, e := range d.Rule.Exprs {
		if _, ok := e.(*bytecode.Reject); ok {
			return true
		}
	}
	return false
}

// An Outcome tells what became of one packet. It is valid during the call that
// passes it only.
type Outcome struct {
	Kind   Kind
	Number int // of the frame that arrived, or that caused this one
	// Generated tells that the host made this packet because of that frame.
	Generated bool
	// Link is where the frame leaves (Sent), or where it came by.
	Link *nf.Link
	// In is where the packet came by, nil if the host sent it.
	In   *nf.Link
	Time int64 // nanoseconds since the epoch
	// Frame is the frame as sent or delivered, with its link-layer header if
	// Ether; for a dropped packet it is the packet as it was when dropped.
	Frame []byte
	Ether bool
	// EtherType is the type of what the frame holds.
	EtherType uint16
	// Offload is what of the packet in Frame is left to devices, Transport and
	// Payload where its transport header and what follows it begin, in bytes from
	// the network header, for who has to tell a device.
	Offload            packet.Offload
	Proto              uint8
	Transport, Payload int
	// NoNeighbour tells that the next hop's link-layer address is unknown, so
	// that the frame has destination zero.
	NoNeighbour bool
	// NextHop is the neighbour that a Sent packet goes to on an Ethernet link.
	NextHop netip.Addr
	// Hook is the last hook that the packet reached; Reached is false if none.
	Hook    nf.Hook
	Reached bool
	// Decision is what gave the verdict. Reason says in words why the path
	// itself dropped a packet, empty otherwise.
	Decision Decision
	Reason   string
	// Entry is the packet's connection, nil if it has none.
	Entry  *ct.Entry
	CTInfo nf.CTInfo
}

// A Sink is told what becomes of packets.
type Sink interface {
	Packet(*Outcome)
}

// A SinkFunc is a function as a Sink.
type SinkFunc func(*Outcome)

// Packet calls f.
func (f SinkFunc) Packet(o *Outcome) { f(o) }
