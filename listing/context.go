package listing

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/nf"
	"nfvm/proto"
)

// A context is what a rule has matched so far: which headers the packet is
// known to have, and which matches are only there because a header's field
// needs them.
type context struct {
	family nf.Family
	desc   [4]*proto.Desc // by base
	stack  []*proto.Desc  // link headers below desc[Link]
	deps   [4]*stmt       // by the base that the match makes known
	icmp   map[uint8]bool // types that the rule has matched
	icmpBy *stmt          // the match that did
	tunnel *proto.Tunnel  // whose inner packet this is about, nil: none
	inner  *context       // of the packet inside a tunnel, nil: not looked at yet
	newer  bool           // fields have the types of nft 1.1
}

func (c *context) init(f nf.Family) {
	c.family = f
	switch f {
	case nf.FamilyIPv4:
		c.desc[proto.Network] = proto.IP
	case nf.FamilyIPv6:
		c.desc[proto.Network] = proto.IP6
	case nf.FamilyARP:
		c.desc[proto.Network] = proto.ARP
	case nf.FamilyBridge:
		c.desc[proto.Link] = proto.Ether
	case nf.FamilyInet:
		c.desc[proto.Link] = proto.InetFamilies
	case nf.FamilyNetdev:
		c.desc[proto.Link] = proto.EtherTypes
	}
}

// known notes the header that a protocol match selects.
func (c *context) known(base proto.Base, d *proto.Desc) {
	if d == nil {
		return
	}
	if d == proto.VLAN {
		if below := c.desc[proto.Link]; below != nil && below.Size > 0 {
			c.stack = append(c.stack, below)
		} else {
			c.stack = append(c.stack, proto.Ether)
		}
		c.desc[proto.Link] = d
		return
	}
	c.desc[base] = d
	if d.Key == "" && base == proto.Transport {
		c.icmp, c.icmpBy = nil, nil
	}
}

// unknownTransport is a transport protocol whose header has no description:
// the fields of `th` are not known to be there.
var unknownTransport = &proto.Desc{Name: "unknown", Base: proto.Transport, Checksum: -1}

// orUnknown is the header d, or the mark of an unknown transport header.
func orUnknown(base proto.Base, d *proto.Desc) *proto.Desc {
	if d == nil && base == proto.Transport {
		return unknownTransport
	}
	return d
}

// update learns from a match with ==.
func (c *context) update(left, right *node) {
	if right == nil || right.kind != kindValue {
		return
	}
	v := uint32(datatype.Uint(right.num()))
	switch left.kind {
	case kindPayload:
		if left.desc != nil && left.field == left.desc.KeyField() && left.field != nil {
			up := left.desc.Next(v)
			if c.family == nf.FamilyIPv4 || c.family == nf.FamilyIPv6 { // elsewhere the match stays
				up = orUnknown(left.base+1, up)
			}
			c.known(left.base+1, up)
		}
	case kindLoad:
		m, ok := left.src.(*bytecode.Meta)
		if !ok {
			return
		}
		switch m.Key {
		case bytecode.MetaIifType, bytecode.MetaOifType:
			if v == nf.ARPHRDEther {
				c.known(proto.Link, proto.Ether)
			}
		case bytecode.MetaNFProto:
			c.known(proto.Network, proto.InetFamilies.Next(v))
		case bytecode.MetaProtocol:
			// A tag that the frame's protocol tells of is no header passed yet.
			if d := proto.EtherTypes.Next(v); d != proto.VLAN {
				c.known(proto.Network, d)
			}
		case bytecode.MetaL4Proto:
			c.known(proto.Transport, orUnknown(proto.Transport, proto.Inet.Next(v)))
		}
	}
}

// provides tells which base's header an expression makes known: the protocol
// keys of headers and of meta.
func provides(left *node) (proto.Base, bool) {
	switch left.kind {
	case kindPayload:
		if left.desc != nil && left.field != nil && left.field == left.desc.KeyField() {
			return left.base + 1, true
		}
	case kindLoad:
		m, ok := left.src.(*bytecode.Meta)
		if !ok {
			return 0, false
		}
		switch m.Key {
		case bytecode.MetaIifType, bytecode.MetaOifType:
			return proto.Link, true
		case bytecode.MetaNFProto, bytecode.MetaProtocol:
			return proto.Network, true
		case bytecode.MetaL4Proto:
			return proto.Transport, true
		}
	}
	return 0, false
}
