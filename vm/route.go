package vm

import (
	"nfvm/bytecode"
	"nfvm/nf"
)

// fib stores what a lookup of the routing tables finds; nothing found is 0 or
// the empty name.
func (m *Machine) fib(in *instr) {
	e := in.ref.(*bytecode.Fib)
	r := m.env.Fib(m.p, m.hook, e)
	var v uint64
	switch {
	case e.Result == bytecode.FibResultType:
		v = uint64(r.Type)
		if e.Flags&bytecode.FibPresent != 0 {
			v = boolBit(v != 0)
		}
	case e.Flags&bytecode.FibPresent != 0:
		v = boolBit(r.Link != nil)
	case e.Result == bytecode.FibResultOifName:
		name := &noName
		if r.Link != nil {
			name = &r.Link.Key
		}
		m.store(in.dst, name[:])
		return
	case r.Link != nil:
		v = uint64(uint32(r.Link.Index))
	}
	m.put(in.dst, 4, v)
}

// rt stores a property of the packet's route; it breaks before routing.
func (m *Machine) rt(in *instr) bool {
	r, ok := m.env.Route(m.p, m.hook)
	if !ok {
		return false
	}
	switch bytecode.RtKey(in.key) {
	case bytecode.RtClassID:
		m.put(in.dst, 4, uint64(r.Realm))
	case bytecode.RtNextHop4:
		if m.p.Family != nf.FamilyIPv4 {
			return false
		}
		m.store(in.dst, r.NextHop[:4])
	case bytecode.RtNextHop6:
		if m.p.Family != nf.FamilyIPv6 {
			return false
		}
		m.store(in.dst, r.NextHop[:])
	case bytecode.RtTCPMSS:
		m.put(in.dst, 2, uint64(segmentSize(r.MTU, m.p.Family)))
	case bytecode.RtXfrm:
		m.put(in.dst, 1, 0)
	}
	return true
}

// segmentSize is what of a packet of a given size is left for TCP's payload.
func segmentSize(mtu int, f nf.Family) int {
	const unknown = 536
	headers := 40
	if f == nf.FamilyIPv6 {
		headers = 60
	}
	if mtu <= headers || mtu > 0xffff {
		return unknown
	}
	return mtu - headers
}

// dup has a copy of the packet or frame sent.
func (m *Machine) dup(e *bytecode.Dup) {
	ifindex := 0
	if e.Dev != 0 {
		ifindex = int(m.word(at(e.Dev), 4))
	}
	if e.Addr == 0 {
		m.env.DupFrame(m.p, ifindex)
		return
	}
	m.env.Dup(m.p, m.hook, m.addr(int(at(e.Addr)), m.p.Family), ifindex)
}

// fwd sends a frame out of another link. To a neighbour it sends the packet,
// with its time to live lowered (nft_fwd_neigh_eval).
func (m *Machine) fwd(e *bytecode.Fwd) nf.Verdict {
	ifindex := int(m.word(at(e.Dev), 4))
	if e.Addr == 0 {
		m.env.Fwd(m.p, ifindex, nil)
		return nf.Stolen
	}
	switch {
	case m.p.Family != e.Family:
		return nf.Break
	case m.p.TTL() <= 1:
		return nf.Drop
	}
	m.p.DecTTL()
	addr := m.addr(int(at(e.Addr)), e.Family)
	m.env.Fwd(m.p, ifindex, &addr)
	return nf.Stolen
}
