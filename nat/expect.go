package nat

import (
	"math"

	"nfvm/ct"
	"nfvm/packet"
)

// ReplaceTCP is MangleTCP but for the sequence numbers, which Resized brings up
// to date once the packet is as it shall be (nf_nat_mangle_tcp_packet with
// adjust false).
func (e *Engine) ReplaceTCP(p *packet.Packet, at, size int, text []byte) bool {
	return mangleTCP(p, at, size, text)
}

// Resized notes that the payload of a TCP packet grew by delta bytes in all
// (nf_ct_seqadj_set).
func (e *Engine) Resized(p *packet.Packet, en *ct.Entry, delta int) {
	if t, ok := p.TCP(); ok {
		e.noteResize(en, p.CTInfo.Dir(), t.Seq(), int32(delta))
	}
}

// MangleUDP is the function of this name.
func (e *Engine) MangleUDP(p *packet.Packet, at, size int, text []byte) bool {
	return MangleUDP(p, at, size, text)
}

// ExpectPort makes the table wait for a flow to a port, or where others wait for
// that one, to one drawn from those above it, and gives the port
// (nf_nat_exp_find_port).
func (e *Engine) ExpectPort(x *ct.Expectation, port uint16) (got uint16, ok bool) {
	span := uint32(math.MaxUint16 - port)
	left := int(min(span, maxAttempts))
	for got = port; ; {
		x.Tuple.DstID = got
		switch e.table.Expect(x) {
		case ct.Expected:
			return got, true
		case ct.ExpectBusy:
		default:
			return 0, false
		}
		if left--; left < 0 {
			return 0, false
		}
		got = port + uint16(uint64(e.rand())*uint64(span)>>32)
	}
}

// followMaster translates a flow the way its master is, to the address and port
// that were announced before mangling (nf_nat_follow_master).
func (e *Engine) followMaster(en *ct.Entry, x *ct.Expectation) {
	e.FollowMaster(en.ID, en.Master, 1-x.Dir, x.SavedID)
}

// BindSource binds the source of a new flow to an address, and to a port unless
// it is 0, for expectations that have their own idea of it.
func (e *Engine) BindSource(en *ct.Entry, addr packet.Addr, port uint16) {
	e.bindTo(en, Src, addr, port)
}

// BindDestination is BindSource for the other side.
func (e *Engine) BindDestination(en *ct.Entry, addr packet.Addr, port uint16) {
	e.bindTo(en, Dst, addr, port)
}

func (e *Engine) bindTo(en *ct.Entry, m Manip, addr packet.Addr, port uint16) {
	var none Range
	r := none.toAddr(addr)
	if port != 0 {
		r.Flags |= FlagPorts
		r.MinPort, r.MaxPort = port, port
	}
	e.Setup(en.ID, &r, m)
}
