package main

import "net/netip"

// Who made a packet that left the host? Three cases, told apart by what the
// recorder's table logged:
//
//	forwarded  the output hook never saw it
//	host       the output hook saw it: a program's packet, or one of the end host's
//	           stack (echo replies, RST from a closed port, port unreachable,
//	           neighbour discovery)
//	router     the output hook saw it too, but it is an error about a packet that
//	           was never delivered: TTL exceeded, fragmentation needed, or made by
//	           a reject rule; or a segment in the name of somebody else, which the
//	           SYN proxy sends
type origin int

const (
	forwarded origin = iota
	host
	router
)

func (o origin) String() string { return [...]string{"forwarded", "host", "router"}[o] }

// origins answers the question for the frames of one recording.
type origins struct {
	output    map[string]int      // identities that passed the output hook and have not left yet
	pieces    map[fragmentOf]bool // datagrams of the host that are too large for one frame
	delivered map[flow]bool
	own       map[netip.Addr]bool // addresses of the host
}

type fragmentOf struct {
	flow flow
	id   uint32
}

func newOrigins(rec *recording) *origins {
	o := &origins{output: map[string]int{}, pieces: map[fragmentOf]bool{}, delivered: map[flow]bool{}, own: rec.own}
	for _, l := range rec.output {
		if p, ok := parseIP(l.data); ok {
			o.output[o.identity(p)]++
			f := p.flow()
			f.sport, f.dport = 0, 0 // absent in later fragments
			o.pieces[fragmentOf{f, p.id}] = true
		}
	}
	for _, l := range rec.delivered {
		if p, ok := parseIP(l.data); ok {
			o.delivered[p.flow()] = true
		}
	}
	return o
}

// of tells who made p; each packet of the output hook accounts for one frame.
func (o *origins) of(p ipPacket) origin {
	if p.fragment {
		f := p.flow()
		f.sport, f.dport = 0, 0
		if o.pieces[fragmentOf{f, p.id}] && p.id != 0 {
			return host
		}
		return forwarded
	}
	id := o.identity(p)
	if o.output[id] == 0 {
		return forwarded
	}
	if o.output[id]--; o.output[id] == 0 {
		delete(o.output, id)
	}
	if q, ok := p.quoted(); ok && !o.delivered[q.flow()] {
		return router
	}
	if inAnothersName(p, o.own) {
		return router
	}
	if p.isReset() && !o.delivered[p.flow().reversed()] {
		return router
	}
	return host
}

// identity is what a packet that passed the output hook is found by when it leaves.
func (o *origins) identity(p ipPacket) string {
	if inAnothersName(p, o.own) {
		return p.proxiedIdentity()
	}
	return p.identity()
}
