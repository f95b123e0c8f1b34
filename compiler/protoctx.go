package compiler

import (
	"nfvm/bytecode"
	"nfvm/diag"
	"nfvm/nf"
	"nfvm/proto"
)

// A protoCtx is what is known, at some point of a rule, about the headers of
// the packets that get there: one header a layer (or several after a match
// against a set), and the link headers already passed (vlan tags).
type protoCtx struct {
	family  nf.Family
	layers  [4]layer
	stacked []*proto.Desc
	// icmpType is the ICMP type that was matched, -1 for none.
	icmpType int
	// etherType: the type field of the last link header was matched.
	etherType bool
	// someTransport: the transport protocol is one of a named set's elements.
	someTransport bool
}

// hasTransport reports whether the packet is known to have ports or the like.
func (p *protoCtx) hasTransport() bool {
	return p.someTransport || p.layers[proto.Transport].desc != nil
}

// learnSome takes in that left is one of the elements of a set that may change.
func (p *protoCtx) learnSome(left expr) {
	switch e := left.(type) {
	case *metaExpr:
		p.someTransport = p.someTransport || e.key == metaL4Proto
	case *payload:
		p.someTransport = p.someTransport || isKey(e) && e.base == proto.Network
	}
}

// A layer is what is known of one layer.
type layer struct {
	desc *proto.Desc // nil: nothing
	all  []*proto.Desc
	at   diag.Span // the match that told
}

// unknownProto stands for a protocol that has no description.
var unknownProto = &proto.Desc{Name: "unknown", Checksum: -1}

// hookDesc gives the layer at which the packets of a family start and what is
// known there.
func hookDesc(f nf.Family) (proto.Base, *proto.Desc) {
	switch f {
	case nf.FamilyIPv4:
		return proto.Network, proto.IP
	case nf.FamilyIPv6:
		return proto.Network, proto.IP6
	case nf.FamilyARP:
		return proto.Network, proto.ARP
	case nf.FamilyInet:
		return proto.Link, proto.InetFamilies
	case nf.FamilyNetdev:
		return proto.Link, proto.EtherTypes
	}
	return proto.Link, proto.Ether
}

func newProtoCtx(f nf.Family) protoCtx {
	p := protoCtx{family: f, icmpType: -1}
	base, d := hookDesc(f)
	p.layers[base].desc = d
	return p
}

// set learns that a layer has a header.
func (p *protoCtx) set(base proto.Base, d *proto.Desc, at diag.Span) {
	l := &p.layers[base]
	if base == proto.Transport && !contains(l.all, d) {
		l.all = append(l.all[:len(l.all):len(l.all)], d)
	}
	l.desc, l.at = d, at
}

func (p *protoCtx) ambiguous(base proto.Base) bool { return len(p.layers[base].all) > 1 }

// isDummy tells the descriptions that stand for "any link layer".
func isDummy(d *proto.Desc) bool { return d == proto.InetFamilies || d == proto.EtherTypes }

// learn takes in what a match tells: left equals val.
func (p *protoCtx) learn(left expr, val uint64, at diag.Span) {
	switch e := left.(type) {
	case *payload:
		p.learnPayload(e, val, at)
	case *metaExpr:
		p.learnMeta(e, val, at)
	case *ctExpr:
		if base, _ := hookDesc(p.family); e.key == bytecode.CTL3Proto && base == proto.Link {
			if d := proto.InetFamilies.Next(uint32(val)); d != nil {
				p.set(proto.Network, d, at)
			}
		}
		if e.key == ctProtocol {
			if d := p.layers[proto.Network].desc; d != nil {
				if up := d.Next(uint32(val)); up != nil {
					p.set(proto.Transport, up, at)
				}
			}
		}
	}
}

func (p *protoCtx) learnPayload(e *payload, val uint64, at diag.Span) {
	if e.desc == nil || e.field == nil || e.raw {
		return
	}
	if (e.desc == proto.ICMP || e.desc == proto.ICMPv6) && e.field.Name == "type" {
		p.icmpType = int(val)
		return
	}
	if e.desc.Key == "" || e.field.Name != e.desc.Key {
		return
	}
	up := e.desc.Next(uint32(val))
	if up == nil {
		return
	}
	p.etherType = p.etherType || e.base == proto.Link && up.Base != proto.Link
	if up.Base == e.desc.Base && up.Base == proto.Link && len(p.stacked) < 16 {
		// As with nft, what is passed is the last header known, even if the type
		// stands in one before it: ether type twice.
		passed := p.layers[proto.Link].desc
		if passed == nil || isDummy(passed) {
			passed = e.desc
		}
		p.stacked = append(p.stacked[:len(p.stacked):len(p.stacked)], passed)
	}
	p.set(up.Base, up, at)
}

func (p *protoCtx) learnMeta(e *metaExpr, val uint64, at diag.Span) {
	base, hook := hookDesc(p.family)
	switch e.key {
	case metaIifType:
		if base < proto.Network && p.family != nf.FamilyInet && p.family != nf.FamilyNetdev {
			return
		}
		d := unknownProto
		if val == nf.ARPHRDEther {
			d = proto.Ether
		}
		p.set(proto.Link, d, at)
	case metaNFProto:
		d := hook.Next(uint32(val))
		if d == nil {
			d = unknownProto
			if base == proto.Network && val == uint64(p.family) {
				d = hook
			}
		}
		p.set(proto.Network, d, at)
	case metaL4Proto:
		d := proto.Inet.Next(uint32(val))
		if d == nil {
			d = unknownProto
		}
		p.set(proto.Transport, d, at)
	case metaProtocol:
		if p.family != nf.FamilyNetdev && p.family != nf.FamilyBridge {
			return
		}
		d := hook.Next(uint32(val))
		if d == nil {
			d = unknownProto
		}
		p.set(proto.Network, d, at)
	}
}
