package compiler

import (
	"fmt"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/lang"
	"nfvm/proto"
)

// argument evaluates a value of a wanted type that a statement takes.
func (r *rule) argument(e lang.Expr, want info, at span) expr {
	switch resolve(e).(type) {
	case *lang.SetLit:
		r.errorf(e.At(), "you cannot use a set here, unknown value to use")
		return nil
	case *lang.SetRef:
		r.errorf(e.At(), "you cannot reference a set here, unknown value to use")
		return nil
	}
	old := r.keyed
	r.keyed = true
	x := r.eval(e, want)
	r.keyed = old
	if x == nil {
		return nil
	}
	got := x.inf().typ
	if got == nil || want.typ == nil {
		return x
	}
	length := ""
	if p, ok := x.(*payload); ok && got == datatype.Integer && (want.typ.Parent() != got || p.width != want.width) {
		length = fmt.Sprintf(" with length %d", p.width)
	}
	if length != "" || !storable(want.typ, got) {
		r.errorf(e.At(), "datatype mismatch: expected %s, expression has type %s%s", want.typ.Desc, got.Desc, length).Note(at, "")
		return nil
	}
	if p, ok := x.(*prefixVal); ok {
		return prefixRange(p)
	}
	return x
}

// prefixRange is a prefix as what a statement stores: a range, or one value.
func prefixRange(p *prefixVal) expr {
	lo, hi := bounds(p, p.width)
	from, to := *p.addr, *p.addr
	from.val, to.val = lo, hi
	if lo == hi {
		return &from
	}
	return &rangeVal{info: p.info, from: &from, to: &to}
}

// value evaluates an argument that goes into a register as it is.
func (r *rule) value(e lang.Expr, want info, at span) expr {
	x := r.argument(e, want, at)
	if x == nil || r.isRange(x) {
		return nil
	}
	if _, ok := x.(*constant); !ok && x.inf().typ == datatype.Integer && want.typ != datatype.Mark && want.order == datatype.HostEnd {
		// Of what takes host byte order, nft converts plain numbers only for marks.
		return x
	}
	return r.inOrder(x, want.order)
}

// isRange refuses a range as a value that is stored.
func (r *rule) isRange(x expr) bool {
	switch x.(type) {
	case *rangeVal, *prefixVal:
		r.errorf(x.inf().at, "a range can't be assigned")
		return true
	}
	return false
}

// stored evaluates what a meta or ct statement stores, in which numbers may be
// as wide as that.
func (r *rule) stored(s *lang.Assign, want info) expr {
	r.stmtWidth = want.width
	v := r.value(s.Value, want, s.Span)
	r.stmtWidth = 0
	return v
}

// setStmt stores a value; make gives the expression for its register.
type setStmt struct {
	at   span
	val  expr
	make func(s bytecode.Reg) bytecode.Expr
}

func (s *setStmt) write(l *lin) {
	l.begin(s.at)
	d := l.regs.take(s.val)
	l.load(s.val, d)
	l.emit(s.make(d.reg()))
	l.regs.drop(d)
}

func (r *rule) assign(s *lang.Assign) {
	switch t := s.Target.(type) {
	case *lang.Meta:
		r.assignMeta(s, t)
	case *lang.CT:
		r.assignCT(s, t)
	case *lang.Inner:
		r.errorf(t.Span, "payload statement for this expression is not supported")
	case *lang.Payload:
		if proto.FindTunnel(t.Proto.Text) != nil && proto.Find(t.Proto.Text) == nil {
			r.errorf(t.Span, "payload statement for this expression is not supported")
			return
		}
		if d, f := r.headerField(t); f != nil {
			p := r.fieldExpr(d, f, t.Span)
			p.raw = d == proto.TH
			if r.require(p) {
				r.assignPayload(s, p)
			}
		}
	case *lang.RawPayload:
		if p := r.rawField(t); p != nil {
			r.assignPayload(s, p)
		}
	case *lang.TCPOption, *lang.Exthdr:
		r.assignOption(s)
	default:
		r.errorf(s.Target.At(), "this can't be set")
	}
}

// metaWritable are the meta keys that can be set.
var metaWritable = map[bytecode.MetaKey]bool{
	bytecode.MetaMark: true, bytecode.MetaPriority: true, bytecode.MetaPktType: true, bytecode.MetaNFTrace: true,
	bytecode.MetaBroute: true, bytecode.MetaSecmark: true,
}

func (r *rule) assignMeta(s *lang.Assign, t *lang.Meta) {
	m, ok := r.metaKey(t).(*metaExpr)
	if !ok {
		return
	}
	if !metaWritable[m.key] {
		r.refuse(s.Span, eopnotsupp, "meta %s can't be set", t.Key.Text)
		return
	}
	if m.key == bytecode.MetaSecmark && r.secmarkObject(s) {
		return
	}
	if v := r.stored(s, m.info); v != nil {
		r.stmts = append(r.stmts, &setStmt{at: s.Span, val: v, make: func(sreg bytecode.Reg) bytecode.Expr {
			return &bytecode.MetaSet{Key: m.key, SReg: sreg}
		}})
	}
}

var ctWritable = map[bytecode.CTKey]bool{
	bytecode.CTMark: true, bytecode.CTLabels: true, bytecode.CTZone: true, bytecode.CTEventMask: true, bytecode.CTSecmark: true,
}

func (r *rule) assignCT(s *lang.Assign, t *lang.CT) {
	c, ok := r.ctKey(t).(*ctExpr)
	if !ok {
		return
	}
	if !ctWritable[c.key] {
		r.refuse(s.Span, eopnotsupp, "ct %s can't be set", t.Key.Text)
		return
	}
	if v := r.stored(s, c.info); v != nil {
		r.stmts = append(r.stmts, &setStmt{at: s.Span, val: v, make: func(sreg bytecode.Reg) bytecode.Expr {
			return &bytecode.CTSet{Key: c.key, Dir: c.dir, SReg: sreg}
		}})
	}
}

func (r *rule) assignOption(s *lang.Assign) {
	var x *exthdr
	switch t := s.Target.(type) {
	case *lang.TCPOption:
		x, _ = r.tcpOption(t).(*exthdr)
	case *lang.Exthdr:
		r.errorf(t.Span, "IPv6 extension headers can't be set")
		return
	}
	if x == nil || x.present {
		r.errorf(s.Target.At(), "only a field of whole bytes of an option can be set")
		return
	}
	if x.width != 16 && x.width != 32 {
		r.refuse(s.Span, einval, "only fields of 2 or 4 bytes of an option can be set")
		return
	}
	v := r.argument(s.Value, x.info, s.Span)
	if v == nil || r.isRange(v) {
		return
	}
	// Of what has another byte order nft converts only what the route gives.
	if _, route := resolve(s.Value).(*lang.Rt); route || isConstant(v) {
		v = r.inOrder(v, x.order)
	}
	r.stmts = append(r.stmts, &setStmt{at: s.Span, val: v, make: func(sreg bytecode.Reg) bytecode.Expr {
		return &bytecode.Exthdr{Op: x.op, Type: x.kind, Offset: uint32(x.offset / 8), Len: uint32(x.width / 8), SReg: sreg}
	}})
}

// pseudoFields are the fields that the transport checksum covers (the pseudo
// header).
var pseudoFields = map[*proto.Desc][]string{
	proto.IP:  {"saddr", "daddr", "protocol", "length"},
	proto.IP6: {"saddr", "daddr", "nexthdr", "length"},
}

// assignPayload writes a header field. Checksums are updated in steps of two
// bytes, and bits around a field stay: so the field is read, changed and
// written back where it does not fill such steps.
func (r *rule) assignPayload(s *lang.Assign, p *payload) {
	val := r.value(s.Value, p.info, s.Span)
	if val == nil {
		return
	}
	w := &bytecode.PayloadSet{Base: bytecode.PayloadBase(p.base)}
	// The kernel writes into a vlan tag by pairs of bytes, too.
	paired := p.desc != nil && p.desc.Checksum >= 0 || p.base == proto.Inner || p.desc == proto.VLAN
	if p.desc == proto.UDP || p.base == proto.Inner {
		// A UDP checksum of zero means none: the kernel decides.
		w.ChecksumFlags = bytecode.ChecksumPseudoHeader
	} else if p.desc != nil && p.desc.Checksum >= 0 && !p.raw {
		w.ChecksumType, w.ChecksumOffset = bytecode.ChecksumInet, uint32(p.desc.Checksum/8)
		if p.desc == proto.SCTP {
			w.ChecksumType = bytecode.ChecksumSCTP
		}
	}
	if p.desc != nil && p.field != nil && contains(pseudoFields[p.desc], p.field.Name) {
		w.ChecksumFlags = bytecode.ChecksumPseudoHeader
	}
	if p.offset%8 != 0 || p.width%8 != 0 || paired && p.width/8%2 == 1 {
		if !r.modifiable(val) {
			return
		}
		val = r.readModify(p, val, paired)
	}
	w.Offset, w.Len = uint32(p.offset/8), uint32(p.width/8)
	r.stmts = append(r.stmts, &setStmt{at: s.Span, val: val, make: func(sreg bytecode.Reg) bytecode.Expr {
		x := *w
		x.SReg = sreg
		return &x
	}})
}

// modifiable tells whether bits of a value can be put between others: those of a
// constant or of an operation can, as in nft.
func (r *rule) modifiable(val expr) bool {
	x := val
	if s, ok := x.(*swap); ok && contextOf(s.arg).width <= 8 {
		x = s.arg
	}
	switch x := x.(type) {
	case *constant:
		return true
	case *binop:
		if !x.cut {
			return true
		}
	}
	r.errorf(val.inf().at, "payload statement for this expression is not supported")
	return false
}

// readModify widens p to whole bytes (pairs of them if a checksum covers it)
// and makes the value that keeps the bits around val.
func (r *rule) readModify(p *payload, val expr, paired bool) expr {
	kept, set, itself := ownBits(val, p)
	bitsWide := p.width
	in := p.offset % 8
	loaded := (p.width + 7) / 8 * 8
	shift := loaded - in - p.width
	for shift < 0 {
		shift += 8
		loaded += 8
	}
	off := p.offset - in
	if paired && loaded/8%2 == 1 {
		loaded += 8
		if off/8%2 == 1 {
			off -= 8
		} else {
			shift += 8
		}
	}
	p.offset, p.width = off, loaded
	wide := p.info
	whole := &payload{info: wide, base: p.base, offset: off, raw: true}
	around := ones(loaded).xor(ones(bitsWide).shl(shift))
	if itself {
		mask := &constant{info: wide, val: around.or(kept.shl(shift))}
		and := &binop{info: wide, op: bytecode.BitwiseAnd, left: whole, right: mask, as: wide}
		return &binop{info: wide, op: bytecode.BitwiseXor, left: and, right: &constant{info: wide, val: set.shl(shift)}, as: wide}
	}
	mask := &constant{info: wide, val: around}
	and := &binop{info: wide, op: bytecode.BitwiseAnd, left: whole, right: mask, as: wide}
	if c, ok := val.(*constant); ok {
		set := &constant{info: wide, val: c.val.shl(shift)}
		return &binop{info: wide, op: bytecode.BitwiseXor, left: and, right: set, as: wide}
	}
	if shift > 0 {
		n := &constant{info: info{typ: datatype.Integer, order: datatype.HostEnd, width: 32}, val: n64(uint64(shift))}
		val = &binop{info: wide, op: bytecode.BitwiseLshift, left: val, right: n, as: wide}
	}
	return &binop{info: wide, op: bytecode.BitwiseXor, left: and, right: val, as: wide}
}

// secmarkObject evaluates `meta secmark set "name"`, and the same with a map:
// a reference to an object.
func (r *rule) secmarkObject(s *lang.Assign) bool {
	switch v := resolve(s.Value).(type) {
	case *lang.Symbol, *lang.Map:
		r.objectRef(&lang.ObjRef{Pos: s.Pos, Kind: "secmark", Ref: v})
		return true
	case *lang.Number:
		name := &lang.Symbol{Pos: v.Pos, Text: r.text(v.Span)}
		r.objectRef(&lang.ObjRef{Pos: s.Pos, Kind: "secmark", Ref: name})
		return true
	}
	return false
}
