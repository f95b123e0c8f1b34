package compiler

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/lang"
	"nfvm/nf"
	"nfvm/proto"
)

// presence is the type of `exists` and `missing`.
func presence(at span) info {
	return info{typ: datatype.Boolean, order: datatype.HostEnd, width: 8, at: at}
}

// extension finds the field of an extension header or option, or makes the
// test for presence where no field is named.
func (r *rule) extension(op proto.ExthdrOp, what string, name, field lang.Word, at span) *exthdr {
	h := proto.FindExthdr(op, name.Text)
	if h == nil {
		var names []string
		for _, x := range proto.Exthdrs(op) {
			names = append(names, x.Name)
		}
		r.errorf(name.Span, "unknown %s %s%s", what, name.Text, orKnown(name.Text, names))
		return nil
	}
	x := &exthdr{op: bytecode.ExthdrOp(op), kind: h.Type}
	if !field.Set() {
		x.info, x.present = presence(at), true
		return x
	}
	f := h.Field(field.Text)
	if f == nil {
		var names []string
		for _, g := range h.Fields {
			names = append(names, g.Name)
		}
		r.errorf(field.Span, "unknown field %s of %s %s%s", field.Text, what, name.Text, orKnown(field.Text, names))
		return nil
	}
	if op == proto.OpIPv4Option && f.Offset == 0 {
		x.info, x.present = presence(at), true // the type, which is known if the option is there
		return x
	}
	x.info = info{typ: f.Type, order: datatype.BigEndian, width: f.Len, at: at}
	x.offset = f.Offset
	return x
}

// aligned applies bits to an extension header's field.
func (r *rule) aligned(x *exthdr) expr {
	if x.present {
		return x
	}
	return r.bits(x, x.offset, func(off, width int) { x.offset, x.width = off, width })
}

func (r *rule) exthdr(e *lang.Exthdr) expr {
	name := e.Header
	x := r.extension(proto.OpIPv6, "extension header", name, e.Field, e.Span)
	if x == nil {
		return nil
	}
	switch r.ctx.layers[proto.Network].desc {
	case proto.IP6:
	case nil:
		if !r.networkDependency(proto.IP6, e.Span) {
			return nil
		}
		// Over the match that it inserts nft forgets that this is a key; what a
		// statement stores it does not forget.
		old := r.keyed
		r.keyed = r.stmtWidth > 0
		defer func() { r.keyed = old }()
	default:
		r.errorf(e.Span, "cannot use exthdr with %s", r.ctx.layers[proto.Network].desc.Name)
		return nil
	}
	if e.Index.Set() {
		if e.Index.Value < 1 || e.Index.Value > 16 {
			r.errorf(e.Index.Span, "the index of an address is 1 to 16")
			return nil
		}
		x.offset += 128 * int(e.Index.Value-1)
	}
	return r.aligned(x)
}

// networkDependency inserts the match for a network protocol, at the start of
// the rule as nft does for extension headers and options.
func (r *rule) networkDependency(want *proto.Desc, at span) bool {
	p := &payload{info: info{at: at}, base: proto.Network, desc: want}
	lower := r.ctx.layers[proto.Link].desc
	if lower == nil {
		lower = r.linkDesc()
	}
	if lower == nil {
		r.errorf(at, "conflicting protocols specified: %s vs. %s", r.ctx.layers[proto.Network].desc.Name, want.Name)
		return false
	}
	return r.atStart(func() bool { return r.dependOn(lower, want, p) })
}

func (r *rule) tcpOption(e *lang.TCPOption) expr {
	switch {
	case e.Raw:
		if e.KindNum.Value > 255 || e.Len.Value == 0 || e.Len.Value > 128 || e.Offset.Value > 0xff*8 {
			r.errorf(e.Span, "a raw option has a kind of at most 255 and 1 to 128 bits")
			return nil
		}
		x := &exthdr{info: info{typ: datatype.Integer, order: datatype.BigEndian, width: int(e.Len.Value), at: e.Span},
			op: bytecode.ExthdrTCPOpt, kind: uint8(e.KindNum.Value), offset: int(e.Offset.Value)}
		return r.aligned(x)
	case e.KindNum.Set():
		if e.KindNum.Value > 255 {
			r.errorf(e.KindNum.Span, "value too large")
			return nil
		}
		x := &exthdr{info: presence(e.Span), op: bytecode.ExthdrTCPOpt, kind: uint8(e.KindNum.Value), present: true, whole: e.Whole}
		if e.Field.Set() {
			if e.Field.Text != "length" {
				r.errorf(e.Field.Span, "unknown field %s: only the length of a numbered option is known", e.Field.Text)
				return nil
			}
			x.info = info{typ: datatype.Integer, order: datatype.BigEndian, width: 8, at: e.Span}
			x.present, x.offset = false, 8
		}
		return x
	}
	x := r.extension(proto.OpTCPOption, "tcp option", e.Kind, e.Field, e.Span)
	if x == nil {
		return nil
	}
	return r.aligned(x)
}

func (r *rule) ipOption(e *lang.IPOption) expr {
	x := r.extension(proto.OpIPv4Option, "ip option", e.Name, e.Field, e.Span)
	if x == nil {
		return nil
	}
	switch d := r.ctx.layers[proto.Network].desc; d {
	case proto.IP:
	case nil:
		if !r.networkDependency(proto.IP, e.Span) {
			return nil
		}
	default:
		r.errorf(e.Span, "cannot use ip option with %s", d.Name)
		return nil
	}
	return r.aligned(x)
}

func (r *rule) sctpChunk(e *lang.SCTPChunk) expr {
	x := r.extension(proto.OpSCTPChunk, "sctp chunk", e.Chunk, e.Field, e.Span)
	if x == nil {
		return nil
	}
	return r.aligned(x)
}

func (r *rule) dccpOption(e *lang.DCCPOption) expr {
	if e.Kind.Value > 255 {
		r.errorf(e.Kind.Span, "value too large")
		return nil
	}
	return &exthdr{info: presence(e.Span), op: bytecode.ExthdrDCCP, kind: uint8(e.Kind.Value), present: true}
}

// familyOfNetwork is the family that the rule is narrowed to.
func (r *rule) familyOfNetwork() nf.Family {
	switch r.ctx.layers[proto.Network].desc {
	case proto.IP:
		return nf.FamilyIPv4
	case proto.IP6:
		return nf.FamilyIPv6
	}
	return nf.FamilyUnspec
}
