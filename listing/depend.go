package listing

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/nf"
	"nfvm/proto"
)

// imply drops the match that a header of a base needs, now that a field of
// that header is printed.
func (c *context) imply(n *node) {
	base := n.base
	if n.kind == kindExthdr {
		base = proto.Network
	}
	if n.kind == kindPayload && (n.desc == nil || n.field == nil) {
		return
	}
	dep := c.deps[base]
	if dep == nil && base == proto.Transport && n.desc != proto.TH {
		if d := c.deps[proto.Network]; d != nil && c.impliesFamily(n.desc, d) {
			c.kill(proto.Network)
		}
		return
	}
	if dep == nil || !c.mayKill(n, dep) {
		return
	}
	c.kill(base)
	// icmp implies IPv4 and icmpv6 IPv6.
	if base == proto.Transport {
		if d := c.deps[proto.Network]; d != nil && c.impliesFamily(n.desc, d) {
			c.kill(proto.Network)
		}
	}
}

// implyTransport drops a match on the transport protocol before a TCP option.
// As in nft, whatever protocol that is: to find the option the kernel looks at
// the packet's protocol, though `missing` is then true for all other packets.
func (c *context) implyTransport() {
	if c.deps[proto.Transport] != nil {
		c.kill(proto.Transport)
	}
}

func (c *context) kill(base proto.Base) {
	c.deps[base].dead = true
	c.deps[base] = nil
}

// mayKill tells whether a match may go. `ip protocol` stays in families that
// carry other protocols than IP, where it restricts the packet to IPv4.
func (c *context) mayKill(n *node, dep *stmt) bool {
	if n.base == proto.Link && dep.left.kind == kindPayload && dep.left.base == proto.Link {
		// A tag's own type says nothing of what made it a tag, nor does the type
		// of the frame once more.
		return dep.left.desc != proto.VLAN && (n.kind != kindPayload || n.field != n.desc.KeyField())
	}
	if c.family != nf.FamilyInet && c.family != nf.FamilyBridge && c.family != nf.FamilyNetdev {
		return true
	}
	return !(n.base == proto.Transport && dep.left.kind == kindPayload && dep.left.base == proto.Network)
}

// impliesFamily tells whether a transport header belongs to just the network
// protocol that the match dep selects.
func (c *context) impliesFamily(d *proto.Desc, dep *stmt) bool {
	if dep.right == nil || dep.right.kind != kindValue {
		return false
	}
	v := datatype.Uint(dep.right.num())
	switch d {
	case proto.ICMP:
		return v == uint64(nf.FamilyIPv4) || v == nf.EtherTypeIPv4
	case proto.ICMPv6:
		return v == uint64(nf.FamilyIPv6) || v == nf.EtherTypeIPv6
	}
	return false
}

// matchCT handles a match on the conntrack entry: its protocols tell the
// packet's, and its addresses imply the protocol that they are of.
func (c *context) matchCT(s *stmt, e *bytecode.CT) {
	switch e.Key {
	case bytecode.CTSrc, bytecode.CTDst:
		if d := c.desc[proto.Network]; s.left.desc == nil && (d == proto.IP || d == proto.IP6) {
			s.left.desc = d
		}
	case bytecode.CTProtocol, bytecode.CTL3Proto:
	default:
		return
	}
	if s.op != "==" || s.right.kind != kindValue {
		return
	}
	v := uint32(datatype.Uint(s.right.num()))
	if e.Key == bytecode.CTL3Proto {
		c.known(proto.Network, proto.InetFamilies.Next(v))
		c.deps[proto.Network] = s
		return
	}
	if e.Key == bytecode.CTProtocol {
		c.known(proto.Transport, proto.Inet.Next(v))
		c.deps[proto.Transport] = s
	} else if c.deps[proto.Network] != nil {
		c.kill(proto.Network)
	}
}

// matchMeta handles a match on metadata: it may make an earlier one
// superfluous, and be superfluous itself later on.
func (c *context) matchMeta(s *stmt) {
	if e, ok := s.left.src.(*bytecode.CT); ok {
		c.matchCT(s, e)
		return
	}
	m, ok := s.left.src.(*bytecode.Meta)
	if !ok || s.op != "==" || s.right.kind != kindValue {
		return
	}
	c.update(s.left, s.right)
	base, ok := provides(s.left)
	if !ok {
		return
	}
	if m.Key == bytecode.MetaL4Proto {
		if d := c.deps[proto.Network]; d != nil && c.impliesFamily(c.desc[proto.Transport], d) {
			c.kill(proto.Network)
		}
	}
	c.deps[base] = s
}
