package compiler

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/diag"
	"nfvm/lang"
	"nfvm/nf"
	"nfvm/proto"
)

// natStmt is snat, dnat, masquerade or redirect.
type natStmt struct {
	at         span
	kind       string
	family     nf.Family
	addr, port expr
	flags      uint32
	// joined: addr is a map whose value is address . port.
	joined bool
}

var natFlags = map[string]uint32{
	"random": bytecode.NATProtoRandom, "fully-random": bytecode.NATProtoRandomFully, "persistent": bytecode.NATPersistent,
}

func (r *rule) nat(s *lang.NAT) {
	n := &natStmt{at: s.Span, kind: s.Kind}
	for _, f := range s.Flags {
		bit, ok := natFlags[f.Text]
		if !ok {
			r.errorf(f.Span, "unknown nat flag %s%s", f.Text, orKnown(f.Text, keys(natFlags)))
			return
		}
		n.flags |= bit
	}
	switch r.ctx.family {
	case nf.FamilyIPv4, nf.FamilyIPv6, nf.FamilyInet:
	default:
		r.errorf(s.Span, "NAT is only supported for IPv4/IPv6")
		return
	}
	if s.Addr != nil && !r.natAddr(s, n) {
		return
	}
	if s.Port != nil && !r.natPort(s, n) {
		return
	}
	if s.Addr == nil && s.Port == nil && (s.Kind == "snat" || s.Kind == "dnat") {
		r.errorf(s.Span, "%s needs an address or a port", s.Kind)
		return
	}
	if n.family == nf.FamilyUnspec && (s.Kind == "snat" || s.Kind == "dnat") {
		if n.family, _ = r.familyFor("nat", s.Family, s.Span); n.family == nf.FamilyUnspec {
			// A port alone: both families; the kernel takes that of the packet.
			n.family = nf.FamilyInet
		}
	}
	r.stmts = append(r.stmts, n)
}

func addrInfo(f nf.Family) info {
	if f == nf.FamilyIPv6 {
		return typeInfo(datatype.IPv6Addr)
	}
	return typeInfo(datatype.IPv4Addr)
}

// natAddr evaluates the address: constant, range, prefix, map, or a map whose
// values are address . port.
func (r *rule) natAddr(s *lang.NAT, n *natStmt) bool {
	f, ok := r.familyFor("nat", s.Family, s.Span)
	if !ok {
		return false
	}
	if f == nf.FamilyUnspec {
		hint := "ip or ip6"
		if f = familyOfLiteral(resolve(s.Addr)); f != nf.FamilyUnspec {
			hint = f.String()
		}
		at := span{Start: s.Span.Start, End: s.Span.Start + uint32(len(s.Kind))}
		r.errorf(at, "ip or ip6 must be specified with address for inet tables: write `%s %s to`", s.Kind, hint)
		return false
	}
	n.family = f
	want := addrInfo(f)
	if m, isMap := resolve(s.Addr).(*lang.Map); isMap && (s.Concat || r.mapGivesPort(m)) {
		want = joinParts([]info{want, typeInfo(datatype.InetService)}, s.Span)
		n.joined = true
	}
	x := r.argument(s.Addr, want, s.Span)
	if x == nil {
		return false
	}
	if c, isConcat := x.(*concat); isConcat {
		n.addr, n.port = c.parts[0], c.parts[1]
		n.joined = false
		return true
	}
	if m, isMap := x.(*mapping); isMap && len(m.parts) == 2 {
		n.joined = true
	} else if s.Concat {
		r.errorf(x.inf().at, "invalid data type, expected concatenation of (%s, %s)", addrInfo(f).typ.Desc, datatype.InetService.Desc)
		return false
	}
	if s.Prefix {
		n.flags |= bytecode.NATNetmap
	}
	if n.joined && !r.failed && !r.ctx.hasTransport() && !transportInKey(x) {
		r.withoutTransport(s, s.Addr)
		return false
	}
	n.addr = x
	switch resolve(s.Addr).(type) {
	case *lang.JHash, *lang.SymHash: // as nft, which converts no hashes
	default:
		n.addr = r.inOrder(x, datatype.BigEndian)
	}
	return true
}

// familyOfLiteral tells the family of an address by its looks.
func familyOfLiteral(e lang.Expr) nf.Family {
	switch e := e.(type) {
	case *lang.Symbol:
		switch e.Kind {
		case lang.SymIPv4:
			return nf.FamilyIPv4
		case lang.SymIPv6:
			return nf.FamilyIPv6
		}
	case *lang.Range:
		return familyOfLiteral(e.From)
	case *lang.Prefix:
		return familyOfLiteral(e.Addr)
	}
	return nf.FamilyUnspec
}

// mapGivesPort reports whether the values of a map are address . port.
func (r *rule) mapGivesPort(m *lang.Map) bool {
	switch t := resolve(m.Map).(type) {
	case *lang.SetRef:
		s := r.table.set(t.Name)
		return s != nil && len(s.data.parts) == 2
	case *lang.SetLit:
		for e := range t.All() { // the first
			c, ok := resolve(e.Value).(*lang.Concat)
			return ok && len(c.Parts) == 2
		}
	}
	return false
}

// transportInKey reports whether an address is looked up by a key that holds
// the transport protocol, or a field of its header.
func transportInKey(addr expr) bool {
	m, ok := addr.(*mapping)
	if !ok {
		return false
	}
	key, ok := m.key.(*concat)
	if !ok {
		return false
	}
	for _, part := range key.parts {
		switch p := part.(type) {
		case *payload:
			if p.base == proto.Transport && p.desc != nil && p.desc != proto.TH || p.base == proto.Network && isKey(p) {
				return true
			}
		case *metaExpr:
			if p.key == metaL4Proto {
				return true
			}
		case *swap:
			if q, ok := p.arg.(*metaExpr); ok && q.key == metaL4Proto {
				return true
			}
		}
	}
	return false
}

// withoutTransport reports a port, or a map to ports, in a rule that does not say of
// which protocol; like nft it also marks the statement's first word.
func (r *rule) withoutTransport(s *lang.NAT, at lang.Expr) {
	verb := diag.Span{Start: s.Span.Start, End: s.Span.Start + uint32(len(s.Kind))}
	r.errorf(at.At(), "transport protocol mapping is only valid after transport protocol match").Note(verb, "")
}

func (r *rule) natPort(s *lang.NAT, n *natStmt) bool {
	x := r.argument(s.Port, typeInfo(datatype.InetService), s.Span)
	if x == nil {
		return false
	}
	if !r.failed && !r.ctx.hasTransport() && !transportInKey(n.addr) { // else that may follow from what failed
		r.withoutTransport(s, s.Port)
		return false
	}
	n.port = r.inOrder(x, datatype.BigEndian)
	n.flags |= bytecode.NATProtoSpecified
	return true
}

func (n *natStmt) write(l *lin) {
	l.begin(n.at)
	start := l.regs
	amin, amax := l.natValue(n.addr, n.joined)
	var pmin, pmax bytecode.Reg
	if n.joined {
		amin, amax, pmin, pmax = n.joinedRegs(amin)
	}
	if n.port != nil {
		pmin, pmax = l.natValue(n.port, false)
	}
	l.regs.next = start.next
	switch n.kind {
	case "masquerade":
		l.emit(&bytecode.Masq{Flags: n.flags, ProtoMin: pmin, ProtoMax: pmax})
	case "redirect":
		l.emit(&bytecode.Redir{Flags: n.flags, ProtoMin: pmin, ProtoMax: pmax})
	default:
		typ := bytecode.SNAT
		if n.kind == "dnat" {
			typ = bytecode.DNAT
		}
		l.emit(&bytecode.NAT{Type: typ, Family: n.family, AddrMin: amin, AddrMax: amax, ProtoMin: pmin, ProtoMax: pmax, Flags: n.flags})
	}
}

// joinedRegs places the parts of a map's value address . port, or of the range
// of such values, which the lookup stored at amin.
func (n *natStmt) joinedRegs(amin bytecode.Reg) (a, b, c, d bytecode.Reg) {
	m := n.addr.(*mapping)
	step := slot(words(m.parts[0].width))
	base := slotOf(amin)
	a, c = amin, (base + step).reg()
	if m.set.DataInterval {
		b, d = (base + step + 1).reg(), (base + 2*step + 1).reg()
	}
	return a, b, c, d
}

// slotOf is the slot that a register name stands for.
func slotOf(r bytecode.Reg) slot {
	if r < bytecode.Reg32First {
		return slot(r-bytecode.Reg1) * 4
	}
	return slot(r - bytecode.Reg32First)
}

// natValue loads an address or port, or both ends of a range.
func (l *lin) natValue(e expr, joined bool) (lo, hi bytecode.Reg) {
	if e == nil {
		return 0, 0
	}
	if g, ok := e.(*rangeVal); ok {
		a, b := l.regs.takeSteps(4), l.regs.takeSteps(4)
		l.load(g.from, a)
		l.load(g.to, b)
		return a.reg(), b.reg()
	}
	a := l.regs.takeSteps(4)
	if m, ok := e.(*mapping); ok {
		if need := words(m.key.inf().width); need > 4 {
			l.regs.takeSteps(need - 4)
		}
		l.load(e, a)
		if m.set.DataInterval && !joined {
			return a.reg(), (a + slot(words(m.width))).reg()
		}
		return a.reg(), 0
	}
	l.load(e, a)
	return a.reg(), 0
}
