package vm

import (
	"nfvm/bytecode"
	"nfvm/ct"
	"nfvm/nat"
	"nfvm/nf"
	"nfvm/osf"
	"nfvm/packet"
)

// An Env is the world around the rules. The packet it is given is the one that
// the machine evaluates, at the given hook.
type Env interface {
	// Now is the time in nanoseconds since the epoch.
	Now() int64
	// Rand gives 32 random bits.
	Rand() uint32
	// Conntrack is the connection table, nil if there is none.
	Conntrack() *ct.Table

	// NAT translates connections; it is asked only for packets that have one.
	NAT() *nat.Engine
	// MasqueradeAddr is the address of the host on the packet's output
	// interface that it would use towards the packet's destination.
	MasqueradeAddr(p *packet.Packet) (packet.Addr, bool)
	// RedirectAddr is the address of the host to which redirect leads: the
	// first one of the input interface, or the loopback address at output.
	RedirectAddr(p *packet.Packet) (packet.Addr, bool)

	// Reject answers a packet; the rule drops it whether or not it does.
	Reject(p *packet.Packet, hook nf.Hook, r *bytecode.Reject)
	// HeaderProblem tells the sender of an IPv6 packet that the field at an offset
	// of its header is wrong (ICMPv6 parameter problem).
	HeaderProblem(p *packet.Packet, hook nf.Hook, offset uint32)
	// SendARP sends an ARP packet, a whole frame, by the link that a frame came by.
	SendARP(p *packet.Packet, frame []byte)
	// Synproxy answers the first segment of a TCP connection in the server's
	// place, or begins one there for a client that has answered back: Stolen
	// then, Drop for a segment that is wrong, Break where it is not TCP, and
	// Continue for others.
	Synproxy(p *packet.Packet, s *bytecode.Synproxy) nf.Verdict
	// Dup sends a copy of a packet by way of a gateway, on the interface with an
	// index; 0: on the one that the gateway's route names.
	Dup(p *packet.Packet, hook nf.Hook, gateway packet.Addr, ifindex int)
	// DupFrame sends a copy of a frame on a link.
	DupFrame(p *packet.Packet, ifindex int)
	// Fwd notes where a frame goes that rules have taken off its way, which they
	// do by the verdict Stolen: out of a link as it is, or as a packet to a
	// neighbour there.
	Fwd(p *packet.Packet, ifindex int, neighbour *packet.Addr)
	// Offload gives the connection of a packet that is forwarded into the keeping
	// of a flowtable, which then passes its packets on without the rules, and
	// reports whether both ways are known.
	Offload(p *packet.Packet, f *bytecode.Flowtable) bool
	// Log takes a packet to be logged; LogText gives the line.
	Log(p *packet.Packet, hook nf.Hook, c *Chain, l *bytecode.Log)

	// Fib looks up an address of the packet: the link, nil for none, or the route
	// type (RTN_), which is that of the route to the link, 0 where none was looked up.
	Fib(p *packet.Packet, hook nf.Hook, f *bytecode.Fib) FibResult
	// Systems are the fingerprints of operating systems, nil for none.
	Systems() *osf.Database
	// Route gives the packet's route, false before routing.
	Route(p *packet.Packet, hook nf.Hook) (Route, bool)
}

// A FibResult is what a fib lookup finds.
type FibResult struct {
	Link *nf.Link
	Type uint32
}

// A Route is what `rt` expressions read.
type Route struct {
	NextHop packet.Addr // the gateway, or the destination on a connected network
	MTU     int         // of the way there or the way back, whichever is less
	Realm   uint32
}

// A Tracer is told what happens to a packet whose trace flag is set.
type Tracer interface {
	// Rule is called for each rule that ran to its end or gave a verdict.
	// Target is the chain of a jump or goto.
	Rule(p *packet.Packet, c *Chain, r *bytecode.Rule, v nf.Verdict, target *Chain)
	// Policy is called when a base chain's policy decides.
	Policy(p *packet.Packet, c *Chain, v nf.Verdict)
}
