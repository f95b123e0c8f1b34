package compiler

import (
	"nfvm/bytecode"
	"nfvm/lang"
	"nfvm/proto"
)

// innerState is the part of a rule that looks into a tunnel: what is known of
// the headers of the inner packet.
type innerState struct {
	tunnel *proto.Tunnel // whose packet is under evaluation; nil: the outer one
	ctx    protoCtx      // of the packet that is not under evaluation
	known  bool          // ctx is about the packet of a tunnel
}

// innerField evaluates a field of the packet inside a tunnel: the outer packet
// must carry the tunnel, then the inner one has a context of its own.
func (r *rule) innerField(e *lang.Inner) expr {
	t := proto.FindTunnel(e.Tunnel.Text)
	if t == nil {
		r.errorf(e.Tunnel.Span, "unknown tunnel %s", e.Tunnel.Text)
		return nil
	}
	if !r.requireTunnel(t, e.Span) {
		return nil
	}
	if !r.inner.known { // what is known is of any tunnel, as in nft
		r.inner.known, r.inner.ctx = true, newProtoCtx(t.Context())
	}
	var x expr
	r.inside(t, func() { x = r.selector(e.Expr) })
	if x != nil {
		x.inf().at = e.Span
	}
	return x
}

// inside runs f with the inner packet's context.
func (r *rule) inside(t *proto.Tunnel, f func()) {
	r.ctx, r.inner.ctx = r.inner.ctx, r.ctx
	r.inner.tunnel = t
	f()
	r.ctx, r.inner.ctx = r.inner.ctx, r.ctx
	r.inner.tunnel = nil
}

// requireTunnel makes sure that the packet can hold the tunnel: those over UDP
// need a match for it, GRE is matched by itself.
func (r *rule) requireTunnel(t *proto.Tunnel, at span) bool {
	outer := r.ctx.layers[proto.Transport].desc
	switch {
	case r.loose || outer == t.Outer:
		return true
	case t.Header == nil && outer != nil:
		return true // as nft: the kernel then finds no tunnel
	case t.Header == nil:
		return r.require(&payload{info: info{at: at}, base: proto.Transport, desc: t.Outer})
	case outer == nil:
		r.errorf(at, "no transport protocol specified")
	default:
		r.errorf(at, "unexpected transport protocol %s", outer.Name)
	}
	return false
}

// tunnelHeader evaluates a field of the tunnel's own header (`vxlan vni`).
func (r *rule) tunnelHeader(t *proto.Tunnel, e *lang.Payload) expr {
	f := r.field(t.Header, e)
	if f == nil || !r.requireTunnel(t, e.Span) {
		return nil
	}
	p := r.fieldExpr(t.Header, f, e.Span)
	p.tunnel, p.raw = t, true
	return r.bits(p, p.offset, func(off, width int) { p.offset, p.width = off, width })
}

// learn takes in what an equality tells of the packet, or of the inner one.
func (r *rule) learn(left expr, val uint64, at span) {
	if t := tunnelOf(left); t != nil && r.inner.tunnel == nil {
		r.inside(t, func() { r.ctx.learn(left, val, at) })
		return
	}
	r.ctx.learn(left, val, at)
}

// tunnelOf is the tunnel into which an expression looks, or nil.
func tunnelOf(e expr) *proto.Tunnel {
	switch e := e.(type) {
	case *payload:
		return e.tunnel
	case *metaExpr:
		return e.tunnel
	}
	return nil
}

// inTunnel wraps a load that looks into a tunnel.
func inTunnel(t *proto.Tunnel, e bytecode.Expr) bytecode.Expr {
	if t == nil {
		return e
	}
	return &bytecode.Inner{Type: t.Type, HdrSize: t.HdrSize, Flags: t.Flags, Expr: e}
}
