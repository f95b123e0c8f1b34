package compiler

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/lang"
	"nfvm/nf"
)

// objectKinds are the words for kinds of objects.
var objectKinds = map[string]bytecode.ObjectType{
	"counter": bytecode.ObjectCounter, "quota": bytecode.ObjectQuota, "limit": bytecode.ObjectLimit,
	"ct helper": bytecode.ObjectCTHelper, "ct timeout": bytecode.ObjectCTTimeout,
	"ct expectation": bytecode.ObjectCTExpect, "synproxy": bytecode.ObjectSynproxy, "secmark": bytecode.ObjectSecmark,
}

func (c *compiler) objectCmd(cmd *lang.ObjectCmd) {
	t := c.tableOf(cmd.Path)
	if t == nil {
		return
	}
	name := cmd.Path.Name
	if cmd.Verb == lang.VerbDelete || cmd.Verb == lang.VerbDestroy {
		c.deleteObject(t, cmd)
		return
	}
	body := cmd.Body
	if body == nil {
		body = &lang.Object{Pos: cmd.Pos, Kind: cmd.Kind}
	}
	c.declareObject(t, body, name, cmd.Kind, cmd.Verb == lang.VerbCreate)
}

func (c *compiler) deleteObject(t *tableState, cmd *lang.ObjectCmd) {
	name := cmd.Path.Name
	o := t.objects[objectKey{objectKinds[cmd.Kind], name.Text}]
	switch {
	case o == nil:
		if gone(cmd.Verb) {
			c.noObject(name.Span, t, objectKinds[cmd.Kind], name.Text)
		}
	case o.uses > 0:
		c.refuse(name.Span, ebusy, "%s %s is in use", cmd.Kind, name.Text)
	default:
		delete(t.objects, objectKey{o.Type, o.Name})
		t.objectList = remove(t.objectList, o)
	}
}

func (c *compiler) declareObject(t *tableState, b *lang.Object, name lang.Word, kind string, create bool) {
	typ, ok := objectKinds[kind]
	if !ok {
		c.errorf(name.Span, "%s objects are not supported", kind)
		return
	}
	if !c.checkName(name.Span, name.Text) {
		return
	}
	key := objectKey{typ, name.Text}
	if old := t.objects[key]; old != nil {
		if create {
			declaredAt(c.refuse(name.Span, eexist, "%s %s exists", kind, name.Text), old.at)
		}
		return
	}
	o := &objectState{Object: &bytecode.Object{Type: typ, Name: name.Text, Pos: c.pos.at(name.Span)}, at: name.Span}
	if b.Comment.Set() {
		o.Comment = c.comment(b.Comment)
	}
	if b.Broken || !c.objectBody(t, o, b, name) {
		o.broken = true
	}
	o.Handle = t.nextHandle()
	t.objects[key] = o
	t.objectList = append(t.objectList, o)
}

// objectBody fills in the field of the object's kind.
func (c *compiler) objectBody(t *tableState, o *objectState, b *lang.Object, name lang.Word) bool {
	r := &rule{compiler: c, table: t, ctx: newProtoCtx(t.Family)}
	switch o.Type {
	case bytecode.ObjectCounter:
		o.Counter = &bytecode.Counter{}
		if b.Counter != nil {
			o.Counter = counter(b.Counter)
		}
	case bytecode.ObjectQuota:
		if b.Quota == nil {
			c.errorf(name.Span, "quota %s has no amount", name.Text)
			return false
		}
		o.Quota = r.quota(b.Quota)
		return o.Quota != nil
	case bytecode.ObjectLimit:
		if b.Limit == nil {
			c.errorf(name.Span, "limit %s has no rate", name.Text)
			return false
		}
		o.Limit = r.limit(b.Limit)
		return o.Limit != nil
	case bytecode.ObjectSynproxy:
		if b.Synproxy == nil {
			c.errorf(name.Span, "synproxy %s has no options", name.Text)
			return false
		}
		o.Synproxy = r.synproxyExpr(b.Synproxy)
	case bytecode.ObjectSecmark:
		if b.Secmark != nil {
			o.Secmark = b.Secmark.Context.Text
		}
	default:
		return c.ctObject(t, o, b, name)
	}
	return true
}

// ctObject fills in conntrack helpers, timeouts and expectations.
func (c *compiler) ctObject(t *tableState, o *objectState, b *lang.Object, name lang.Word) bool {
	switch {
	case o.Type == bytecode.ObjectCTHelper && b.Helper != nil:
		h := b.Helper
		l4, ok := c.ctProtocolOf(h.Protocol, name)
		o.CTHelper = &bytecode.CTHelperObject{Helper: h.Type.Text, L4Proto: l4, L3Proto: c.l3Of(t, h.L3Proto)}
		return ok && c.knownHelper(o.CTHelper, name)
	case o.Type == bytecode.ObjectCTTimeout && b.Timeout != nil:
		h := b.Timeout
		l4, ok := c.ctProtocolOf(h.Protocol, name)
		o.CTTimeout = &bytecode.CTTimeoutObject{L4Proto: l4, L3Proto: c.l3Of(t, h.L3Proto), Values: map[string]uint32{}}
		return ok && c.timeoutPolicy(o.CTTimeout, h)
	case o.Type == bytecode.ObjectCTExpect && b.Expectation != nil:
		h := b.Expectation
		l4, ok := c.ctProtocolOf(h.Protocol, name)
		o.CTExpect = &bytecode.CTExpectObject{L4Proto: l4, L3Proto: c.l3Of(t, h.L3Proto), DPort: uint16(h.Dport.Value),
			Timeout: uint32(h.Timeout.Millis), Size: uint8(h.Size.Value)}
		if h.Dport.Value > 0xffff {
			c.errorf(h.Dport.Span, "Service out of range")
			ok = false
		}
		if h.Size.Value > 255 {
			c.errorf(h.Size.Span, "value too large")
			ok = false
		}
		return ok
	}
	c.errorf(name.Span, "%s %s has no body", o.Type, name.Text)
	return false
}

// knownHelper finds the families in which a helper works, as the kernel does
// when it creates the object. Any kernel may have more helpers than Linux itself,
// so unknown names are taken.
func (c *compiler) knownHelper(o *bytecode.CTHelperObject, name lang.Word) bool {
	f, ok := nf.HelperFamily(o.Helper, o.L4Proto, o.L3Proto)
	if !ok && !nf.HelperKnown(o.Helper) {
		return true
	}
	if !ok {
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
