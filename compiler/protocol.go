package compiler

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/nf"
	"nfvm/proto"
)

const (
	metaIifType  = bytecode.MetaIifType
	metaNFProto  = bytecode.MetaNFProto
	metaL4Proto  = bytecode.MetaL4Proto
	metaProtocol = bytecode.MetaProtocol
	ctProtocol   = bytecode.CTProtocol
)

// require makes sure that the packets which reach a header field have that
// header: it checks what the rule has matched so far, inserts the match that
// the field implies, and moves the field behind vlan tags.
func (r *rule) require(p *payload) bool {
	if p.raw || p.desc == nil {
		return true
	}
	if t := r.inner.tunnel; t != nil && p.base == proto.Link && t.Flags&proto.InnerLink == 0 {
		r.errorf(p.at, "a %s packet has no %s header inside", t.Name, p.desc.Name)
		return false
	}
	cur := r.ctx.layers[p.base].desc
	switch {
	case cur == nil:
		if !r.insertDependency(p) {
			return false
		}
		if cur = r.ctx.layers[p.base].desc; cur != p.desc && p.base == proto.Link {
			return r.stackLink(cur, p)
		}
		return r.requireType(p)
	case r.ctx.ambiguous(p.base):
		for _, d := range r.ctx.layers[p.base].all {
			if d != p.desc {
				return r.conflict(p, d.Name, p.desc.Name)
			}
		}
	case cur == p.desc:
		if p.base == proto.Link {
			p.offset += stackedBits(r.ctx.stacked)
		}
		return r.requireType(p)
	}
	return r.resolveConflict(cur, p)
}

// stackedBits is the size of the link headers before the current one.
func stackedBits(stack []*proto.Desc) int {
	n := 0
	for _, d := range stack {
		n += d.Size
	}
	return n
}

func (r *rule) conflict(p *payload, is, wants string) bool {
	d := r.errorf(p.at, "conflicting protocols specified: %s vs. %s", is, wants)
	if at := r.ctx.layers[p.base].at; at.Valid() {
		d.Note(at, "")
	}
	return false
}

// resolveConflict handles a field whose layer is already known as something
// else: any link layer becomes Ethernet, an Ethernet header gets a tag.
func (r *rule) resolveConflict(cur *proto.Desc, p *payload) bool {
	if p.base == proto.Link {
		if isDummy(cur) && r.inner.tunnel != nil {
			r.ctx.set(proto.Link, proto.Ether, p.at)
			return p.desc == proto.Ether || r.stackLink(proto.Ether, p)
		} else if isDummy(cur) {
			r.requireEthernet(p)
			if cur = r.ctx.layers[p.base].desc; cur == p.desc {
				return true
			}
		} else if i := indexOf(r.ctx.stacked, p.desc); i >= 0 {
			p.offset += stackedBits(r.ctx.stacked[:i])
			return true
		}
		if !r.ctx.etherType {
			return r.stackLink(cur, p)
		}
	}
	return r.conflict(p, cur.Name, p.desc.Name)
}

func indexOf[T comparable](list []T, x T) int {
	for i, v := range list {
		if v == x {
			return i
		}
	}
	return -1
}

// stackLink inserts the match for a link header that follows another one.
func (r *rule) stackLink(cur *proto.Desc, p *payload) bool {
	key := cur.KeyField()
	val, ok := cur.ValueOf(p.desc)
	if key == nil || !ok {
		return r.conflict(p, cur.Name, p.desc.Name)
	}
	left := r.fieldExpr(cur, key, p.at)
	left.offset += stackedBits(r.ctx.stacked)
	if !r.depend(left, uint64(val), p) {
		return false
	}
	p.offset += stackedBits(r.ctx.stacked)
	return true
}

// insertDependency inserts the match that a header field implies when nothing
// is known about its layer.
func (r *rule) insertDependency(p *payload) bool {
	base, _ := hookDesc(r.ctx.family)
	if p.base < base {
		if p.base < base-1 {
			r.errorf(p.at, "payload base is invalid for this family")
			return false
		}
		r.requireEthernet(p)
		return true
	}
	lower := r.ctx.layers[p.base-1].desc
	if r.ctx.family == nf.FamilyBridge && lower == proto.Ether && (p.desc == proto.IP || p.desc == proto.IP6) {
		// The frame's protocol, so that tagged traffic matches too.
		lower = proto.EtherTypes
	}
	if lower == nil {
		lower = r.belowTransport(p)
	}
	if lower == nil {
		r.errorf(p.at, "ambiguous payload specification: no %s protocol specified", baseNames[p.base-1])
		return false
	}
	return r.dependOn(lower, p.desc, p)
}

var baseNames = [...]string{"link layer", "network layer", "transport layer", "payload data"}

// belowTransport finds what selects a transport header when the network layer
// is not known: ICMP and IGMP fix it, others leave it open.
func (r *rule) belowTransport(p *payload) *proto.Desc {
	switch p.base {
	case proto.Link:
		return r.linkDesc()
	case proto.Transport:
		if p.desc != proto.ICMP && p.desc != proto.ICMPv6 && p.desc != proto.IGMP {
			return proto.Inet
		}
		lower := r.ctx.layers[proto.Link].desc
		if lower == nil {
			lower = r.linkDesc()
		}
		net := proto.IP
		if p.desc == proto.ICMPv6 {
			net = proto.IP6
		}
		old := r.unchecked
		r.unchecked = true // nft does not look for conflicts of this one
		ok := lower != nil && r.dependOn(lower, net, p)
		if r.unchecked = old; !ok {
			return nil
		}
		return net
	}
	return nil
}

func (r *rule) linkDesc() *proto.Desc {
	switch r.ctx.family {
	case nf.FamilyInet:
		return proto.InetFamilies
	case nf.FamilyBridge:
		return proto.Ether
	case nf.FamilyNetdev:
		return proto.EtherTypes
	}
	return nil
}

// dependOn inserts the match by which lower selects upper.
func (r *rule) dependOn(lower, upper *proto.Desc, p *payload) bool {
	val, ok := lower.ValueOf(upper)
	if !ok {
		r.errorf(p.at, "conflicting protocols specified: %s vs. %s", lower.Name, upper.Name)
		return false
	}
	var left expr
	switch {
	case lower == proto.InetFamilies:
		left = r.meta(metaNFProto, p.at)
	case lower == proto.EtherTypes:
		left = r.meta(metaProtocol, p.at)
	case lower == proto.IP || lower == proto.IP6 || lower == proto.Inet:
		left = r.meta(metaL4Proto, p.at)
	default:
		key := lower.KeyField()
		if key == nil {
			r.errorf(p.at, "conflicting protocols specified: %s vs. %s", lower.Name, upper.Name)
			return false
		}
		f := r.fieldExpr(lower, key, p.at)
		f.offset += stackedBits(r.ctx.stacked)
		left = f
	}
	return r.depend(left, uint64(val), p)
}

// requireEthernet inserts `meta iiftype ether`.
func (r *rule) requireEthernet(p *payload) {
	r.depend(r.meta(metaIifType, p.at), nf.ARPHRDEther, p)
}

// requireType inserts the ICMP type that a field such as `icmp id` needs.
func (r *rule) requireType(p *payload) bool {
	if p.field == nil || len(p.field.Needs) == 0 || r.loose {
		return true
	}
	needs := p.field.Needs
	if t := r.ctx.icmpType; t >= 0 {
		for _, n := range needs {
			if int(n) == t {
				return true
			}
		}
		r.errorf(p.at, "%s %s does not exist in messages of type %d", p.desc.Name, p.field.Name, t)
		return false
	}
	left := r.fieldExpr(p.desc, p.desc.Field("type"), p.at)
	if len(needs) == 1 {
		return r.depend(left, uint64(needs[0]), p)
	}
	var list []elem
	for i := range needs {
		n := needs[i]
		if p.desc == proto.ICMP {
			n = needs[len(needs)-1-i] // request, then reply
		}
		list = append(list, elem{key: &constant{info: left.info, val: n64(uint64(n))}})
	}
	if !r.unmatched(left, p) {
		return false
	}
	s := r.anonymousSet(&left.info, list, p.at)
	r.relate(&relation{at: p.at, op: relEq, left: left, right: s, dependency: true})
	r.ctx.icmpType = int(needs[0])
	return true
}

// depend inserts left == val before the statement and learns from it.
func (r *rule) depend(left expr, val uint64, p *payload) bool {
	if f, ok := left.(*payload); ok && !r.unmatched(f, p) {
		return false
	}
	i := left.inf()
	r.relate(r.room().relations.add(relation{at: p.at, op: relEq, left: left, dependency: true,
		right: r.constant(info{typ: i.typ, order: i.order, width: i.width, at: p.at}, n64(val))}))
	r.ctx.learn(left, val, p.at)
	return true
}

// unmatched makes sure that the rule has not compared the field of an implied
// match with a value before, such as `ether type != ip` before `vlan id`.
func (r *rule) unmatched(left, p *payload) bool {
	for _, s := range r.stmts {
		m, ok := s.(*matchStmt)
		if !ok || r.unchecked {
			continue
		}
		f, isField := m.rel.left.(*payload)
		_, isValue := m.rel.right.(*constant)
		if isField && isValue && f.desc == left.desc && f.tunnel == left.tunnel && f.offset == left.offset && f.width == left.width {
			r.errorf(p.at, "conflicting statements").Note(m.rel.at, "")
			return false
		}
	}
	return true
}

// fieldExpr makes the load of a header field.
func (r *rule) fieldExpr(d *proto.Desc, f *proto.Field, at span) *payload {
	v := payload{info: info{typ: f.Type, order: datatype.BigEndian, width: f.Len, at: at},
		base: d.Base, desc: d, field: f, offset: f.Offset, tunnel: r.inner.tunnel}
	return r.room().payloads.add(v)
}

// meta makes the load of a meta key.
func (r *rule) meta(key bytecode.MetaKey, at span) *metaExpr {
	k := proto.MetaKeys[key]
	if key == metaL4Proto {
		// One byte, which nft still swaps where a key has ranges.
		k.Order = datatype.HostEnd
	}
	return r.room().metas.add(metaExpr{info: info{typ: k.Type, order: k.Order, width: k.Len, at: at}, key: key, tunnel: r.inner.tunnel})
}
