package vm

import (
	"encoding/binary"

	"nfvm/bytecode"
	"nfvm/nat"
	"nfvm/nf"
	"nfvm/packet"
)

// A natOp is a nat, masq or redir expression; absent registers are -1.
type natOp struct {
	kind               bytecode.NATType
	family             nf.Family
	flags              uint32
	addrMin, addrMax   int
	protoMin, protoMax int
}

// ports fills the ports of a range from their registers.
func (m *Machine) ports(o *natOp, r *nat.Range) {
	if o.protoMin < 0 {
		return
	}
	r.MinPort = binary.BigEndian.Uint16(m.regs[o.protoMin:])
	r.MaxPort = r.MinPort
	if o.protoMax >= 0 {
		r.MaxPort = binary.BigEndian.Uint16(m.regs[o.protoMax:])
	}
	r.Flags |= nat.FlagPorts
}

func (m *Machine) addr(at int, f nf.Family) (a packet.Addr) {
	copy(a[:packet.Size(f)], m.regs[at:])
	return a
}

// nat binds the packet's connection (nft_nat_eval). In inet tables a rule for
// the other family does nothing.
func (m *Machine) nat(o *natOp) nf.Verdict {
	p := m.p
	if o.family != p.Family && o.family != nf.FamilyInet {
		return nf.Continue
	}
	e := m.entry()
	if e == nil {
		return nf.Accept
	}
	r := nat.Range{Flags: o.flags}
	if o.addrMin >= 0 {
		r.MinAddr = m.addr(o.addrMin, o.family)
		r.MaxAddr = r.MinAddr
		if o.addrMax >= 0 {
			r.MaxAddr = m.addr(o.addrMax, o.family)
		}
		r.Flags |= nat.FlagMapIPs
	}
	m.ports(o, &r)
	manip := nat.Dst
	if o.kind == bytecode.SNAT {
		manip = nat.Src
	}
	if r.Flags&nat.FlagNetmap != 0 {
		if manip == nat.Src {
			r.Netmap(p.Src())
		} else {
			r.Netmap(p.Dst())
		}
	}
	return m.env.NAT().Setup(p.CT, &r, manip)
}

func (m *Machine) masquerade(o *natOp) nf.Verdict {
	if m.entry() == nil {
		return nf.Accept
	}
	r := nat.Range{Flags: o.flags}
	m.ports(o, &r)
	addr, _ := m.env.MasqueradeAddr(m.p)
	index := 0
	if m.p.Out != nil {
		index = m.p.Out.Index
	}
	return m.env.NAT().Masquerade(m.p.CT, &r, addr, index)
}

func (m *Machine) redirect(o *natOp) nf.Verdict {
	if m.entry() == nil {
		return nf.Accept
	}
	r := nat.Range{Flags: o.flags}
	m.ports(o, &r)
	addr, _ := m.env.RedirectAddr(m.p)
	return m.env.NAT().Redirect(m.p.CT, &r, addr)
}
