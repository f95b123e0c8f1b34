package compiler

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/lang"
	"nfvm/nf"
)

// ctObject fills in conntrack helpers, timeouts and expectations.
func (c *compiler) ctObject(t *tableState, o *objectState, b *lang.Object, name lang.Word) bool {
	switch {
	case o.Type == bytecode.ObjectCTHelper && b.Helper != nil:
		h := b.Helper
		if !c.ctFamily(t, name) {
			return false
		}
		l4, ok := c.ctProtocolOf(h.Protocol, name)
		o.CTHelper = &bytecode.CTHelperObject{Helper: h.Type.Text, L4Proto: l4, L3Proto: c.l3Of(t, h.L3Proto)}
		return ok && c.sameL3(t, o.CTHelper.L3Proto, name) && c.knownHelper(o.CTHelper, name)
	case o.Type == bytecode.ObjectCTTimeout && b.Timeout != nil:
		h := b.Timeout
		if !c.ctFamily(t, name) {
			return false
		}
		l4, ok := c.ctProtocolOf(h.Protocol, name)
		o.CTTimeout = &bytecode.CTTimeoutObject{L4Proto: l4, L3Proto: c.l3Of(t, h.L3Proto), Values: map[string]uint32{}}
		return ok && c.timeoutPolicy(o.CTTimeout, h)
	case o.Type == bytecode.ObjectCTExpect && b.Expectation != nil:
		return c.expectation(t, o, b.Expectation, name)
	}
	c.errorf(name.Span, "%s %s has no body", o.Type, name.Text)
	return false
}

// expectation reads a ct expectation, whose options are all needed.
func (c *compiler) expectation(t *tableState, o *objectState, h *lang.CTExpectation, name lang.Word) bool {
	l3 := c.l3Of(t, h.L3Proto)
	switch {
	case h.Dport.Value > 0xffff:
		c.errorf(h.Dport.Span, "Service out of range")
		return false
	case h.Size.Value > 255:
		c.errorf(h.Size.Span, "value too large")
		return false
	case !h.Protocol.Set() || h.Dport.Value == 0 || h.Timeout.Millis == 0 || h.Size.Value == 0:
		c.errorf(name.Span, "missing options: a ct expectation has protocol, dport, timeout and size, none of them 0")
		return false
	case l3 != nf.FamilyIPv4 && l3 != nf.FamilyIPv6:
		c.refuse(name.Span, eafnosupport, "an expectation is for ip or ip6: write l3proto")
		return false
	case !routed(t.Family):
		c.refuse(name.Span, einval, "family %s has no expectations", t.Family)
		return false
	}
	l4, ok := c.ctProtocolOf(h.Protocol, name)
	o.CTExpect = &bytecode.CTExpectObject{L4Proto: l4, L3Proto: l3, DPort: uint16(h.Dport.Value),
		Timeout: uint32(h.Timeout.Millis), Size: uint8(h.Size.Value)}
	return ok && c.sameL3(t, l3, name)
}

// ctFamily refuses objects of conntrack in families without it.
func (c *compiler) ctFamily(t *tableState, name lang.Word) bool {
	if !routed(t.Family) {
		c.refuse(name.Span, eproto, "packets have no conntrack entry in the %s family", t.Family)
		return false
	}
	return true
}

// sameL3 refuses an l3proto that the packets of a table cannot have.
func (c *compiler) sameL3(t *tableState, l3 nf.Family, name lang.Word) bool {
	if t.Family != nf.FamilyInet && l3 != nf.FamilyInet && l3 != t.Family {
		c.refuse(name.Span, einval, "no packet in family %s has l3proto %s", t.Family, l3)
		return false
	}
	return true
}

// knownHelper finds the families in which a helper works, as the kernel does
// when it creates the object. A name that can't be a slip is that of a helper
// from elsewhere, rtsp for one: it compiles, and does nothing here.
func (c *compiler) knownHelper(o *bytecode.CTHelperObject, name lang.Word) bool {
	f, ok := nf.HelperFamily(o.Helper, o.L4Proto, o.L3Proto)
	switch names := nf.HelperNames(); {
	case ok:
	case !contains(names, o.Helper):
		if didYouMean("", o.Helper, names) == "" {
			// Linux can have more helpers than are part of it.
			c.diags.Warnf(name.Span, "Linux itself has no conntrack helper %s%s", o.Helper, orKnown(o.Helper, names))
			return true
		}
		c.refuse(name.Span, enoent, "there is no conntrack helper %s%s", o.Helper, orKnown(o.Helper, names))
	default:
		c.refuse(name.Span, enoent, "there is no conntrack helper %s for this protocol in family %s", o.Helper, o.L3Proto)
	}
	o.L3Proto = f
	return ok
}

// timeoutStates are the states of a timeout policy by protocol.
var timeoutStates = map[uint8][]string{
	nf.ProtoTCP: {"syn_sent", "syn_recv", "established", "fin_wait", "close_wait", "last_ack", "time_wait", "close",
		"syn_sent2", "retrans", "unack"},
	nf.ProtoUDP: {"unreplied", "replied"},
}

func (c *compiler) timeoutPolicy(o *bytecode.CTTimeoutObject, h *lang.CTTimeout) bool {
	ok := true
	for _, p := range h.Policy {
		states := timeoutStates[o.L4Proto]
		if !contains(states, p.State.Text) {
			c.errorf(p.State.Span, "invalid state name for this protocol: %s%s", p.State.Text, orKnown(p.State.Text, append([]string(nil), states...)))
			ok = false
			continue
		}
		o.Values[p.State.Text] = uint32(p.Time.Millis / 1000)
	}
	return ok
}

func (c *compiler) ctProtocolOf(w, name lang.Word) (uint8, bool) {
	if !w.Set() {
		c.errorf(name.Span, "missing protocol")
		return 0, false
	}
	switch w.Text {
	case "tcp", "udp":
		n, _ := datatype.ProtocolNumber(w.Text)
		return n, true
	}
	if n, ok := datatype.ProtocolNumber(w.Text); ok {
		return n, true
	}
	c.errorf(w.Span, "unknown protocol %s%s", w.Text, orKnown(w.Text, []string{"tcp", "udp"}))
	return 0, false
}

// l3Of is the network protocol of a ct object: the table's unless written.
func (c *compiler) l3Of(t *tableState, w lang.Word) nf.Family {
	if w.Set() {
		f, ok := nf.ParseFamily(w.Text)
		if !ok {
			c.errorf(w.Span, "unknown l3proto %s", w.Text)
		}
		return f
	}
	return t.Family
}
