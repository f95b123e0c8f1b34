package listing

import (
	"nfvm/bytecode"
	"nfvm/proto"
)

// innerNode makes the node of a load from the packet inside a tunnel.
func (r *reader) innerNode(e *bytecode.Inner) *node {
	t := proto.TunnelOf(e.Type)
	if t == nil || e.Expr == nil {
		return nil
	}
	n := loadNode(t.Context(), e.Expr)
	if n == nil {
		return nil
	}
	n.tunnel = t
	if p, ok := e.Expr.(*bytecode.Payload); ok && p.Base == bytecode.PayloadTunnel {
		n.base = proto.Inner
	}
	return n
}

// inTunnel is the tunnel whose inner packet an expression reads, nil if it
// reads the outer one. A concatenation may read both.
func (n *node) inTunnel() *proto.Tunnel {
	for ; n != nil && n.kind != kindConcat; n = n.left {
		if n.tunnel != nil {
			return n.tunnel
		}
	}
	return nil
}

// contextOf is the context for an expression: the rule's own, or that of the
// packet inside a tunnel.
func (c *context) contextOf(n *node) *context {
	t := n.inTunnel()
	if t == nil || c.tunnel != nil {
		return c
	}
	if dep := c.deps[proto.Transport]; t.Header == nil && dep != nil && c.desc[proto.Transport] == t.Outer {
		c.kill(proto.Transport) // gre names its protocol itself
	}
	return c.innerContext(n)
}

// matchContext is the context for the left side of a comparison. As in nft, only
// one value for a field drops the match on gre before it, not a set or a range.
func (c *context) matchContext(s *stmt) *context {
	one := (s.op == "==" || s.op == "!=") && s.right.kind == kindValue
	if s.left.kind == kindLoad || s.left.kind == kindPayload && !one {
		return c.innerContext(s.left)
	}
	return c.contextOf(s.left)
}

// innerContext is contextOf without dropping anything.
func (c *context) innerContext(n *node) *context {
	t := n.inTunnel()
	if t == nil || c.tunnel != nil {
		return c
	}
	if c.inner == nil {
		c.inner = &context{newer: c.newer}
		c.inner.init(t.Context())
	}
	c.inner.tunnel = t // what is known is of any tunnel, as in nft
	if d := c.inner.desc[proto.Link]; t.Flags&proto.InnerLink != 0 && (d == nil || d == proto.EtherTypes) {
		c.inner.desc[proto.Link] = proto.Ether
	}
	return c.inner
}

// headerField finds the field of a tunnel's own header at a place.
func (c *context) headerField(off, bits int) (*proto.Desc, *proto.Field) {
	if c.tunnel == nil || c.tunnel.Header == nil {
		return nil, nil
	}
	return c.tunnel.Header, c.tunnel.Header.At(off, bits)
}

// tunnelPrefix is what stands before the name of a field inside the tunnel.
func (n *node) tunnelPrefix() string {
	if n.tunnel == nil || n.desc != nil && n.desc == n.tunnel.Header {
		return ""
	}
	return n.tunnel.Name + " "
}
