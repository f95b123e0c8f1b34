package compiler

import (
	"strconv"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/lang"
)

func itoa(n int) string { return strconv.Itoa(n) }

func (c *compiler) setCmd(cmd *lang.SetCmd) {
	t := c.tableOf(cmd.Path)
	if t == nil {
		return
	}
	name := cmd.Path.Name
	switch cmd.Verb {
	case lang.VerbDelete, lang.VerbDestroy:
		c.deleteSet(t, cmd)
		return
	}
	body := cmd.Body
	if body == nil {
		c.errorf(name.Span, "set definition does not specify key")
		return
	}
	if s := c.declareSet(t, body, name, cmd.Kind, cmd.Verb == lang.VerbCreate); s != nil {
		c.initialElements(t, s, body)
	}
}

func (c *compiler) deleteSet(t *tableState, cmd *lang.SetCmd) {
	name := cmd.Path.Name
	s := t.set(name.Text)
	if cmd.Path.Handle.Set() && !name.Set() {
		s = t.setList.find(cmd.Path.Handle.Value)
	}
	switch {
	case s == nil:
		if gone(cmd.Verb) {
			c.noSet(name.Span, t, name.Text)
		}
	case s.uses > 0:
		c.refuse(name.Span, ebusy, "%s %s is used by a rule", s.kind(), s.Name)
	default:
		c.checkBoxes(s)
		s.clear(t)
		delete(t.sets, s.Name)
		t.setList.remove(s)
	}
}

// clear removes all elements of a set.
func (s *setState) clear(t *tableState) {
	for i := range s.rows.len() {
		if !s.rows.isDead(i) {
			s.forget(t, i)
		}
	}
	s.rows, s.keys, s.order, s.grove, s.met = nil, nil, nil, nil, 0
}

// forget gives back what an element refers to.
func (s *setState) forget(t *tableState, i int) {
	x := s.rows.other(i)
	if x == nil {
		return
	}
	switch d := x.data.(type) {
	case *verdictVal:
		if d.to != nil {
			d.to.uses--
		}
	case *objectName:
		if o := t.objects[objectKey{s.ObjectType, d.name}]; o != nil {
			o.uses--
		}
	}
}

var setFlags = map[string]uint32{
	"constant": bytecode.SetConstant, "interval": bytecode.SetInterval,
	"timeout": bytecode.SetTimeout, "dynamic": bytecode.SetEval,
}

// declareSet makes a set or, if it exists, checks that it is the same.
func (c *compiler) declareSet(t *tableState, b *lang.Set, name lang.Word, kind string, create bool) *setState {
	r := &rule{compiler: c, table: t, ctx: newProtoCtx(t.Family)}
	s := &setState{Set: &bytecode.Set{Name: name.Text, Pos: c.pos.at(name.Span)}, table: t, at: name.Span}
	ok := r.setTypes(s, b, name, kind)
	for _, f := range b.Flags {
		bit, known := setFlags[f.Text]
		if !known {
			r.errorf(f.Span, "unknown set flag %s%s", f.Text, orKnown(f.Text, keys(setFlags)))
		}
		s.Flags |= bit
	}
	ok = r.setOptions(s, b) && ok && r.setCheck(s, b) && !r.failed
	if old := t.sets[name.Text]; old != nil {
		return c.redeclareSet(old, s, name, create, ok)
	}
	if !c.checkName(name.Span, name.Text) {
		return nil
	}
	s.broken, s.partial = !ok, b.Broken
	s.Handle = t.nextHandle()
	t.sets[s.Name] = s
	t.setList.add(s)
	if s.listed = -1; ok {
		c.listSet(t, s, nil)
	}
	return s
}

// setTypes reads the types of key and data.
func (r *rule) setTypes(s *setState, b *lang.Set, name lang.Word, kind string) bool {
	if b.Broken && (b.Key == nil || kind == "map" && b.Data == nil) {
		return false // the line may be the one with the syntax error
	}
	if b.Key == nil {
		r.errorf(name.Span, "set definition does not specify key")
		return false
	}
	if kind == "map" && b.Data == nil {
		r.errorf(name.Span, "map definition does not specify mapping data type")
		return false
	}
	k, expr, ok := r.typeSpec(b.Key, kind)
	s.key, s.typeofKey = k, expr
	if ok {
		s.TypeofKey = r.typeofText(b.Key)
	}
	if b.Data == nil || kind == "set" {
		if b.Data != nil {
			r.errorf(b.Data.Span, "a set has no data: declare a map")
			return false
		}
		return ok
	}
	return r.setData(s, b.Data) && ok
}

func (r *rule) setData(s *setState, d *lang.TypeSpec) bool {
	switch {
	case d.Verdict:
		s.Flags |= bytecode.SetMap
		s.DataType = dataTypeVerdict
		return true
	case d.Object != "":
		kind, ok := objectKinds[d.Object]
		if !ok {
			r.errorf(d.Span, "maps of %s objects are not supported", d.Object)
			return false
		}
		s.Flags |= bytecode.SetObject
		s.ObjectType = kind
		return true
	}
	k, expr, ok := r.typeSpec(d, "map")
	if !ok {
		return false
	}
	s.Flags |= bytecode.SetMap
	s.data, s.typeofData = k, expr
	s.TypeofData = r.typeofText(d)
	s.DataInterval = d.Interval
	s.setDataType()
	return true
}

func (s *setState) setDataType() {
	s.DataType = s.data.typ.ID
	s.DataLen = uint32(bytesOf(s.data.width))
	if s.DataInterval {
		s.DataLen *= 2
	}
	s.DataByteorderHost = len(s.data.parts) == 0 && s.data.order == datatype.HostEnd
}

// setOptions reads timeout, size, policy and the rest of a declaration.
func (r *rule) setOptions(s *setState, b *lang.Set) bool {
	s.Timeout, s.GCInterval = b.Timeout.Millis, b.GCInterval.Millis
	if s.Timeout != 0 {
		s.Flags |= bytecode.SetTimeout
	}
	s.sized = b.Size.Value > 0
	s.Size = uint32(b.Size.Value)
	if b.Size.Value > 0xffffffff {
		r.errorf(b.Size.Span, "size %d is out of range", b.Size.Value)
	}
	s.AutoMerge = b.AutoMerge && s.is(bytecode.SetInterval) && s.DataType == 0
	switch b.Policy.Text {
	case "":
	case "performance", "memory":
		s.PolicySet = true
		if b.Policy.Text == "memory" {
			s.Policy = 1
		}
	default:
		r.errorf(b.Policy.Span, "invalid set policy %s: performance and memory are known", b.Policy.Text)
	}
	if b.Comment.Set() {
		s.Comment = r.comment(b.Comment)
	}
	for _, st := range b.Stmts {
		if x := r.stateful(st); x != nil {
			s.Exprs = append(s.Exprs, x)
		}
	}
	if len(s.Exprs) > maxElemExprs {
		r.refuse(b.Stmts[maxElemExprs].At(), e2big, "an element keeps the state of at most %d statements", maxElemExprs)
		return false
	}
	if len(s.Exprs) > 0 {
		s.Flags |= bytecode.SetExpr & exprFlag(len(s.Exprs))
	}
	s.setKey()
	return true
}

// exprFlag is the flag of sets with several statements an element.
func exprFlag(n int) uint32 {
	if n > 1 {
		return bytecode.SetExpr
	}
	return 0
}
