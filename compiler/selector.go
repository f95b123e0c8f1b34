package compiler

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/lang"
	"nfvm/nf"
	"nfvm/proto"
)

// selector evaluates what a packet has, and inserts the matches it implies.
func (r *rule) selector(e lang.Expr) expr {
	switch e := e.(type) {
	case *lang.Payload:
		return r.payload(e)
	case *lang.RawPayload:
		return r.rawPayload(e)
	case *lang.Meta:
		return r.readMeta(e)
	case *lang.CT:
		return r.readCT(e)
	case *lang.Exthdr:
		return r.exthdr(e)
	case *lang.TCPOption:
		return r.tcpOption(e)
	case *lang.IPOption:
		return r.ipOption(e)
	case *lang.SCTPChunk:
		return r.sctpChunk(e)
	case *lang.DCCPOption:
		return r.dccpOption(e)
	case *lang.Fib:
		return r.fib(e)
	case *lang.Rt:
		return r.rt(e)
	case *lang.Socket:
		return r.socket(e)
	case *lang.Osf:
		return r.osf(e)
	case *lang.Ipsec:
		return r.ipsec(e)
	case *lang.Numgen:
		return r.numgen(e)
	case *lang.JHash:
		return r.jhash(e)
	case *lang.SymHash:
		return r.symhash(e)
	case *lang.Inner:
		return r.innerField(e)
	case nil:
		r.failed = true
		return nil
	}
	r.errorf(e.At(), "this expression is not supported here")
	return nil
}

// headerField finds a header field by its words.
func (r *rule) headerField(e *lang.Payload) (*proto.Desc, *proto.Field) {
	d := proto.Find(e.Proto.Text)
	if d == nil {
		var names []string
		for _, h := range proto.Headers {
			names = append(names, h.Name)
		}
		r.errorf(e.Proto.Span, "unknown header %s%s", e.Proto.Text, orKnown(e.Proto.Text, names))
		return nil, nil
	}
	return d, r.field(d, e)
}

// field finds a field of a header by its word, nil if there is none.
func (r *rule) field(d *proto.Desc, e *lang.Payload) *proto.Field {
	name := e.Field.Text
	if d == proto.ICMPv6 && name == "param-problem" {
		name = "parameter-problem"
	}
	f := d.Field(name)
	if f == nil {
		var names []string
		for _, x := range d.Fields {
			names = append(names, x.Name)
		}
		at := e.Field.Span
		if !at.Valid() {
			at = e.Span
		}
		r.errorf(at, "unknown field %s of %s%s", name, d.Name, orKnown(name, names))
	}
	return f
}

func (r *rule) payload(e *lang.Payload) expr {
	if t := proto.FindTunnel(e.Proto.Text); t != nil && t.Header != nil {
		return r.tunnelHeader(t, e)
	}
	d, f := r.headerField(e)
	if f == nil {
		return nil
	}
	p := r.fieldExpr(d, f, e.Span)
	p.raw, p.whole = d == proto.TH, e.Whole
	if !r.require(p) {
		return nil
	}
	return r.bits(p, p.offset, func(off, width int) { p.offset, p.width = off, width })
}

var rawBases = map[string]proto.Base{"ll": proto.Link, "nh": proto.Network, "th": proto.Transport, "ih": proto.Inner}

func (r *rule) rawPayload(e *lang.RawPayload) expr {
	p := r.rawField(e)
	if p == nil {
		return nil
	}
	return r.bits(p, p.offset, func(off, width int) { p.offset, p.width = off, width })
}

// rawField is the load of a raw payload expression, nil if it has none.
func (r *rule) rawField(e *lang.RawPayload) *payload {
	base, ok := rawBases[e.Base.Text]
	if !ok {
		r.errorf(e.Base.Span, "unknown raw payload base %s: ll, nh, th and ih are known", e.Base.Text)
		return nil
	}
	if !r.rawBounds(e) {
		return nil
	}
	t := datatype.Integer
	if base == proto.Transport && e.Len.Value == 16 && e.Offset.Value <= 16 && e.Offset.Value%16 == 0 {
		t = datatype.InetService // the ports, by another name
	}
	return &payload{info: info{typ: t, order: datatype.BigEndian, width: int(e.Len.Value), at: e.Span},
		base: base, offset: int(e.Offset.Value), raw: true, whole: e.Whole}
}

// rawBounds checks place and length of a raw payload expression: the kernel
// takes offsets of up to 65535 bytes.
func (r *rule) rawBounds(e *lang.RawPayload) bool {
	switch n := e.Len.Value; {
	case n == 0:
		r.errorf(e.Len.Span, "raw payload length cannot be 0")
	case n > 512:
		r.errorf(e.Len.Span, "raw payload length %d exceeds upper limit of 512", n)
	case n > 128:
		r.errorf(e.Span, "raw payload length %d exceeds allowed maximum of 128", n)
	case e.Offset.Value/8 > 0xffff:
		r.refuse(e.Span, erange, "a payload offset is at most 65535 bytes")
	default:
		return true
	}
	return false
}

// bits makes a field that does not fill whole bytes: the bytes around it are
// loaded, masked, and shifted down. A shift that is only compared with
// constants is moved over to them later (see transfer).
func (r *rule) bits(e expr, offset int, align func(off, width int)) expr {
	i := *e.inf()
	if offset%8 == 0 && i.width%8 == 0 {
		return e
	}
	in := offset % 8
	loaded := (i.width + 7) / 8 * 8
	shift := loaded - in - i.width
	for shift < 0 {
		shift += 8
		loaded += 8
	}
	align(offset-in, loaded)
	wide := i
	wide.width = loaded
	mask := &constant{info: wide, val: ones(i.width).shl(shift)}
	var x expr = &binop{info: wide, op: bytecode.BitwiseAnd, left: e, right: mask, as: i, cut: true}
	if shift == 0 {
		return x
	}
	if r.keyed && loaded > 8 {
		x = r.inOrder(x, datatype.HostEnd)
		wide.order = datatype.HostEnd
	}
	n := &constant{info: info{typ: datatype.Integer, order: datatype.HostEnd, width: 32}, val: n64(uint64(shift))}
	return &binop{info: wide, op: bytecode.BitwiseRshift, left: x, right: n, as: i, cut: true}
}

// metaNames are spellings besides those of the table.
var metaNames = map[string]string{"ibriport": "ibrname", "obriport": "obrname", "secpath": "ipsec"}

// readMeta is a key whose value the kernel gives; some can only be set.
func (r *rule) readMeta(e *lang.Meta) expr {
	m := r.metaKey(e)
	if x, ok := m.(*metaExpr); ok && !r.loose && (x.key == bytecode.MetaNFTrace || x.key == bytecode.MetaBroute) {
		r.refuse(e.Span, eopnotsupp, "meta %s can only be set", e.Key.Text)
		return nil
	}
	return m
}

func (r *rule) metaKey(e *lang.Meta) expr {
	name := e.Key.Text
	if n, ok := metaNames[name]; ok {
		name = n
	}
	i, ok := proto.FindKey(proto.MetaKeys, name)
	if !ok {
		r.errorf(e.Span, "unknown meta key %s%s", name, orKnown(name, keyNames(proto.MetaKeys)))
		return nil
	}
	m := r.meta(bytecode.MetaKey(i), e.Span)
	if r.ctx.family != nf.FamilyBridge && !r.loose && bridgeKeys[m.key] {
		r.errorf(e.Span, "meta %s is only useful in the bridge family", name)
		return nil
	}
	if m.key == metaNFProto && r.ctx.family != nf.FamilyInet && !r.loose {
		r.errorf(e.Span, "meta nfproto is only useful in the inet family")
		return nil
	}
	return m
}

// bridgeKeys need the bridge's port.
var bridgeKeys = map[bytecode.MetaKey]bool{
	bytecode.MetaBriIifName: true, bytecode.MetaBriOifName: true, bytecode.MetaBriIifPVID: true,
	bytecode.MetaBriIifVProto: true, bytecode.MetaBroute: true,
}

func keyNames(t []proto.Key) []string {
	var out []string
	for _, k := range t {
		out = append(out, k.Name)
	}
	return out
}

// ctNames are spellings besides those of the table.
var ctNames = map[string]string{"l3protocol": "l3proto", "labels": "label"}

// readCT is a key whose value the kernel gives.
func (r *rule) readCT(e *lang.CT) expr {
	c := r.ctKey(e)
	if x, ok := c.(*ctExpr); ok && !r.loose && x.key == bytecode.CTEventMask {
		r.refuse(e.Span, eopnotsupp, "ct event can only be set")
		return nil
	}
	return c
}

func (r *rule) ctKey(e *lang.CT) expr {
	name := e.Key.Text
	if n, ok := ctNames[name]; ok {
		name = n
	}
	if e.L3.Set() {
		name = e.L3.Text + " " + name
	}
	i, ok := proto.FindKey(proto.CTKeys, name)
	if !ok {
		r.errorf(e.Span, "unknown ct key %s%s", name, orKnown(name, keyNames(proto.CTKeys)))
		return nil
	}
	k := proto.CTKeys[i]
	x := &ctExpr{info: info{typ: k.Type, order: k.Order, width: k.Len, at: e.Span}, key: bytecode.CTKey(i), dir: bytecode.DirNone}
	if e.Dir.Set() {
		if k.Dir == proto.DirNever {
			r.errorf(e.Span, "ct %s takes no direction", name)
			return nil
		}
		x.dir = int8(nf.DirOriginal)
		if e.Dir.Text == "reply" {
			x.dir = int8(nf.DirReply)
		}
	} else if k.Dir == proto.DirRequired {
		r.refuse(e.Span, einval, "ct %s needs a direction: original or reply", name)
		return nil
	}
	if !r.tracked(e.Span) {
		return nil
	}
	return r.ctType(x, e.Span)
}

// tracked refuses families whose packets have no conntrack entry.
func (r *rule) tracked(at span) bool {
	if f := r.ctx.family; f == nf.FamilyNetdev || f == nf.FamilyARP {
		r.refuse(at, eproto, "packets have no conntrack entry in the %s family", f)
		return false
	}
	return true
}

// ctType settles the type of keys that depends on what the rule matched.
func (r *rule) ctType(x *ctExpr, at span) expr {
	switch x.key {
	case bytecode.CTSrc, bytecode.CTDst:
		switch r.ctx.layers[proto.Network].desc {
		case proto.IP:
			x.typ, x.width = datatype.IPv4Addr, 32
		case proto.IP6:
			x.typ, x.width = datatype.IPv6Addr, 128
		default:
			word := "saddr"
			if x.key == bytecode.CTDst {
				word = "daddr"
			}
			r.errorf(at, "cannot determine ip protocol version, use \"ip %s\" or \"ip6 %s\" instead", word, word)
			return nil
		}
		if r.ctx.family == nf.FamilyBridge {
			r.refuse(at, eafnosupport, "addresses need their family in a bridge table: ct original ip saddr")
			return nil
		}
	case bytecode.CTSrcIP, bytecode.CTDstIP:
		x.nf = nf.FamilyIPv4
		return r.ofFamily(x, proto.IP, proto.IP6, at)
	case bytecode.CTSrcIP6, bytecode.CTDstIP6:
		x.nf = nf.FamilyIPv6
		return r.ofFamily(x, proto.IP6, proto.IP, at)
	}
	return x
}

// namesFamily refuses `ct original saddr` as (a part of) the key of a set:
// the set's type is that of the words, which leave the family open.
func (r *rule) namesFamily(key expr) bool {
	c, ok := key.(*ctExpr)
	if !ok || c.key != bytecode.CTSrc && c.key != bytecode.CTDst {
		return true
	}
	r.errorf(c.at, "specify either ip or ip6 for address matching")
	return false
}

// ofFamily refuses an address of a network protocol where the rule is about
// the other one.
func (r *rule) ofFamily(x *ctExpr, is, other *proto.Desc, at span) expr {
	l := r.ctx.layers[proto.Network]
	if l.desc != other {
		return x
	}
	d := r.errorf(at, "conflicting protocols specified: %s vs. %s", other.Name, is.Name)
	if l.at.Valid() {
		d.Note(l.at, "")
	}
	return nil
}
