package netfilter

import (
	"encoding/binary"
	"slices"

	"nfvm/bytecode"
	"nfvm/host"
	"nfvm/nf"
	"nfvm/packet"
	"nfvm/vm"
)

// An skb is one packet on its way, with what the path needs to remember about
// it. The engine reuses them.
type skb struct {
	packet.Packet
	buf       []byte // storage behind Data
	room      []byte // the frame that Data was, with what is before it
	number    int
	generated bool
	arrived   *nf.Link // where it came by, nil if sent by the host
	sentBy    *nf.Link // the interface that the capture names

	// partialSum tells that the kernel would have left the transport checksum to
	// the device, with the sum of the pseudo header in its place.
	partialSum bool

	// proxied tells that the packet begins a connection for a client of the SYN
	// proxy.
	proxied bool
	// taken tells that the SYN proxy has taken the packet.
	taken bool

	route  host.Result
	routed bool
	// many tells that the route is that of an IPv4 broadcast or multicast.
	many bool
	// wrapped tells that lo has given the packet its link-layer header.
	wrapped bool
	// own tells that it is the host's copy of what it sends to all (PACKET_LOOPBACK).
	own bool
	// fixedHop tells that the packet goes to the next hop of route whatever its header
	// says by then (FLOWI_FLAG_KNOWN_NH), as those of raw sockets do.
	fixedHop bool
	// toNeighbour tells that rules have sent the packet to the next hop of route.
	toNeighbour bool
	// unknownHop tells that nobody knows the link-layer address of the next hop.
	unknownHop bool
	// vlanFiltered tells that the frame is inside a bridge that has it in a VLAN.
	vlanFiltered bool
	// byRoute tells that a chain of an inet table sees the frame at ingress,
	// whose answers are routed.
	byRoute bool
	options packet.IPOptions // of a received IPv4 packet

	// at is the family of the hook that the packet is at, where that is bridge or
	// ARP. bridged is what br_netfilter notes of it.
	at      nf.Family
	bridged bridged

	// fast tells that all that the packet has met so far would be the same for other
	// plain packets of its flow, as of an epoch of the Bypass; counters are those that
	// counted it.
	fast      bool
	fastEpoch uint32
	counters  []*vm.State

	hook     nf.Hook
	reached  bool
	decision Decision
	weight   uint8 // how telling the decision is, see decide
}

// wrap puts the packet behind an Ethernet header without addresses.
func (s *skb) wrap() {
	const header = 14
	ip := s.IP()
	s.buf = slices.Grow(s.buf[:0], header+len(ip))[:header+len(ip)]
	copy(s.buf[header:], ip)
	clear(s.buf[:header])
	binary.BigEndian.PutUint16(s.buf[header-2:], s.EtherType)
	s.Data, s.room, s.Network, s.Link, s.wrapped = s.buf, s.buf, header, true, true
}

// get takes a clean skb from the pool.
func (e *Engine) get(number int) *skb {
	var s *skb
	if n := len(e.pool); n > 0 {
		s, e.pool = e.pool[n-1], e.pool[:n-1]
		*s = skb{buf: s.buf}
	} else {
		s = &skb{buf: make([]byte, 0, 2048)}
	}
	s.number = number
	s.decision.Verdict = nf.Accept
	return s
}

// put gives an skb back, and with it a connection that was never confirmed.
func (e *Engine) put(s *skb) {
	e.ct.Release(&s.Packet)
	e.pool = append(e.pool, s)
}

// clone gives a copy of a packet. Its connection is the packet's own to release.
func (e *Engine) clone(s *skb) *skb {
	c := e.get(s.number)
	buf := append(c.buf[:0], s.Data...)
	*c = *s
	c.buf, c.Data, c.room = buf, buf, nil
	return c
}

// How telling a decision is about the fate of an accepted packet: what a filter
// rule said explains more than a policy, and that more than a nat rule.
const (
	weightNone uint8 = iota
	weightPolicy
	weightNAT
	weightFilterPolicy
	weightRule
)

// decide remembers a base chain's verdict if it explains the packet's fate
// better than the one before.
func (s *skb) decide(d Decision, base *bytecode.BaseChain) {
	w := weightRule
	switch {
	case d.Verdict == nf.Drop:
		w = weightRule + 1
	case base.Type == nf.ChainTypeNAT && d.Rule != nil:
		w = weightNAT
	case base.Type == nf.ChainTypeNAT:
		w = weightNone
	case d.Rule == nil && d.Hook >= nf.HookInput && d.Hook <= nf.HookOutput:
		w = weightFilterPolicy
	case d.Rule == nil:
		w = weightPolicy
	}
	if w >= s.weight {
		s.decision, s.weight = d, w
	}
}
