package compiler

import (
	"nfvm/bytecode"
	"nfvm/lang"
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
	if h := cmd.Path.Handle; h.Set() && !name.Set() {
		name = lang.Word{Pos: h.Pos, Text: itoa(int(h.Value))}
		if o = t.objectList.find(h.Value); o != nil && o.Type != objectKinds[cmd.Kind] {
			o = nil
		}
	}
	switch {
	case o == nil:
		if gone(cmd.Verb) {
			c.noObject(name.Span, t, objectKinds[cmd.Kind], name.Text)
		}
	case o.uses > 0:
		c.refuse(name.Span, ebusy, "%s %s is in use", cmd.Kind, name.Text)
	default:
		delete(t.objects, objectKey{o.Type, o.Name})
		t.objectList.remove(o)
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
			return
		}
		c.redeclareObject(t, old, b, name)
		return
	}
	o := &objectState{Object: &bytecode.Object{Type: typ, Name: name.Text, Pos: c.pos.at(name.Span)}, at: name.Span}
	if b.Comment.Set() {
		o.Comment = c.comment(b.Comment)
	}
	o.broken = b.Broken || !c.objectBody(t, o, b, name)
	o.Handle = t.nextHandle()
	t.objects[key] = o
	t.objectList.add(o)
}

// redeclareObject checks the declaration of an object that exists. Quotas and
// synproxies take it over, other objects stay as they are.
func (c *compiler) redeclareObject(t *tableState, old *objectState, b *lang.Object, name lang.Word) {
	o := &objectState{Object: &bytecode.Object{Type: old.Type, Name: name.Text}, at: name.Span}
	if b.Broken || !c.objectBody(t, o, b, name) || old.broken {
		return
	}
	switch old.Type {
	case bytecode.ObjectQuota:
		old.Quota.Bytes, old.Quota.Over = o.Quota.Bytes, o.Quota.Over
	case bytecode.ObjectSynproxy:
		old.Synproxy = o.Synproxy
	}
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
			o.Quota = &bytecode.Quota{}
			return true
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
		o.Synproxy = r.synproxyObject(b.Synproxy, name)
		return o.Synproxy != nil
	case bytecode.ObjectSecmark:
		return c.secmark(o, b.Secmark, name)
	default:
		return c.ctObject(t, o, b, name)
	}
	return true
}

// synproxyObject reads a synproxy, which has all its options or none.
func (r *rule) synproxyObject(s *lang.Synproxy, name lang.Word) *bytecode.Synproxy {
	switch {
	case !r.synproxyFamily(name.Span):
		return nil
	case s == nil:
		return &bytecode.Synproxy{}
	case !s.MSS.Set() || !s.Wscale.Set() || s.Wscale.Span.Start < s.MSS.Span.Start:
		r.errorf(s.Span, "a synproxy has mss, then wscale, and then timestamp and sack-perm")
		return nil
	}
	return r.synproxyExpr(s)
}

// maxContext is the size of a security context with its final zero
// (NFT_SECMARK_CTX_MAXLEN).
const maxContext = 256

func (c *compiler) secmark(o *objectState, s *lang.Secmark, name lang.Word) bool {
	switch {
	case s == nil || s.Context.Text == "":
		c.refuse(name.Span, erange, "secmark %s has no context", name.Text)
		return false
	case len(s.Context.Text) >= maxContext:
		c.errorf(s.Span, "invalid context '%s', max length is %d", s.Context.Text, maxContext-1)
		return false
	}
	o.Secmark = s.Context.Text
	return true
}
