package vm

import (
	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/xt"
)

// xtRPFilter asks whether the source of a packet is reached by the interface that
// it came by, or may be an address of the host's own (ipt_rpfilter.c,
// ip6t_rpfilter.c).
type xtRPFilter struct {
	way, local  bytecode.Fib
	acceptLocal bool
	unicast     bool // nothing else is reached
	invert      bool
}

// Types of routes (RTN_UNICAST, RTN_LOCAL).
const (
	rtnUnicast = 1
	rtnLocal   = 2
)

func loadRPFilter(l *loader, info []byte) (xtMatch, error) {
	var c xt.RPFilter
	if err := xt.Decode(info, &c); err != nil {
		return nil, err
	}
	r := &xtRPFilter{invert: c.Flags&xt.RPFilterInvert != 0, acceptLocal: c.Flags&xt.RPFilterAcceptLocal != 0, unicast: l.decl.Family == nf.FamilyIPv4,
		way:   bytecode.Fib{Result: bytecode.FibResultOif, Flags: bytecode.FibSaddr},
		local: bytecode.Fib{Result: bytecode.FibResultType, Flags: bytecode.FibSaddr}}
	if c.Flags&xt.RPFilterLoose == 0 {
		r.way.Flags |= bytecode.FibIif
		if l.decl.Family == nf.FamilyIPv4 { // IPv6 takes an address of any interface
			r.local.Flags |= bytecode.FibIif
		}
	}
	if c.Flags&xt.RPFilterValidMark != 0 {
		r.way.Flags |= bytecode.FibMark
	}
	return r, nil
}

func (r *xtRPFilter) match(m *Machine) bool {
	return r.reached(m) != r.invert
}

func (r *xtRPFilter) reached(m *Machine) bool {
	way := m.env.Fib(m.p, m.hook, &r.way)
	if way.Link != nil && (!r.unicast || way.Type == rtnUnicast || way.Type == 0) {
		return true
	}
	return r.acceptLocal && m.env.Fib(m.p, m.hook, &r.local).Type == rtnLocal
}
