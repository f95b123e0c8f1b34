package compiler

import (
	"nfvm/bytecode"
	"nfvm/lang"
)

// dynsetStmt is add, update or delete @set { … }.
type dynsetStmt struct {
	at   span
	key  expr
	data expr // nil: none
	d    bytecode.Dynset
}

func (s *dynsetStmt) write(l *lin) {
	l.begin(s.at)
	x := s.d
	k := l.regs.take(s.key)
	l.load(s.key, k)
	x.SReg = k.reg()
	if s.data != nil {
		v := l.regs.take(s.data)
		l.load(s.data, v)
		x.SRegData = v.reg()
	}
	l.regs.drop(k)
	l.emit(&x)
}

var updateOps = [...]bytecode.DynsetOp{
	lang.UpdateAdd: bytecode.DynsetAdd, lang.UpdateUpdate: bytecode.DynsetUpdate, lang.UpdateDelete: bytecode.DynsetDelete,
}

func (r *rule) setUpdate(s *lang.SetUpdate) {
	ref, ok := resolve(s.Set).(*lang.SetRef)
	if !ok {
		r.errorf(s.Set.At(), "a set reference is needed here: @name")
		return
	}
	set := r.table.set(ref.Name)
	switch {
	case set == nil:
		r.failed = true
		r.noSet(ref.Span, r.table, ref.Name)
		return
	case set.broken, set.partial && set.fixedMap():
		r.failed = true
		return
	case set.is(bytecode.SetInterval):
		r.refuse(set.at, eopnotsupp, "a set with intervals can't be updated by a rule").Note(s.Span, "it is updated here")
		return
	case set.fixedMap():
		r.refuse(s.Span, eopnotsupp, "map %s has a fixed size: rules can't change it without flags dynamic or timeout", set.Name).Note(set.at, "it was declared here")
		return
	case set.is(bytecode.SetConstant):
		r.refuse(s.Span, ebusy, "%s %s is constant", set.kind(), set.Name).Note(set.at, "it was declared here")
		return
	}
	d := &dynsetStmt{at: s.Span}
	d.d = bytecode.Dynset{Op: updateOps[s.Op], Set: set.Name}
	if !r.updateKey(s, set, d) {
		return
	}
	r.use(set)
	flags := set.Flags
	if !set.is(bytecode.SetMap) {
		flags |= bytecode.SetEval // which nft adds to sets, not to maps
	}
	if len(d.d.Exprs) > 0 && flags&bytecode.SetEval == 0 && !set.partial {
		r.refuse(s.Span, einval, "map %s needs flags dynamic for elements with statements", set.Name).Note(set.at, "it was declared here")
		return
	}
	if set.Flags != flags || set.Size == 0 {
		if r.leave() {
			return
		}
		set.Flags = flags
		if set.Size == 0 {
			set.Size = defaultDynamicSize
		}
	}
	r.stmts = append(r.stmts, d)
}

// fixedMap reports a map that the kernel keeps in a table of a fixed size, which
// rules can't change. Sets that rules change are dynamic.
func (s *setState) fixedMap() bool {
	return s.is(bytecode.SetMap) && s.sized && s.Flags&(bytecode.SetEval|bytecode.SetTimeout) == 0
}

// defaultDynamicSize bounds sets that rules fill (nft's choice).
const defaultDynamicSize = 0xffff

// updateKey evaluates key, data, timeout and statements of an update.
func (r *rule) updateKey(s *lang.SetUpdate, set *setState, d *dynsetStmt) bool {
	d.key = r.packetKey(s.Elem.Key, &set.key)
	if d.key == nil {
		return false
	}
	isMap := set.is(bytecode.SetMap)
	switch {
	case s.Elem.Value == nil && isMap:
		r.errorf(s.Span, "map %s needs a value after a colon", set.Name)
		return false
	case s.Elem.Value != nil && !isMap:
		r.errorf(s.Elem.Value.At(), "%s is not a map", set.Name).Note(set.at, "it was declared here")
		return false
	case s.Elem.Value != nil && set.DataType == dataTypeVerdict:
		r.errorf(s.Elem.Value.At(), "a rule can't add verdicts to a map")
		return false
	case s.Elem.Value != nil:
		if d.data = r.value(s.Elem.Value, set.data, s.Span); d.data == nil {
			return false
		}
	}
	stmts := s.Stmts
	if o := s.Elem.Opts; o != nil {
		if !r.updateOpts(o, set, s.Span) {
			return false
		}
		d.d.Timeout = o.Timeout.Millis
		stmts = append(o.Stmts[:len(o.Stmts):len(o.Stmts)], stmts...)
	}
	return r.updateStmts(stmts, &d.d) && r.collects(set, d.d.Exprs, s.Span)
}

// updateOpts checks the options of a key.
func (r *rule) updateOpts(o *lang.ElemOpts, set *setState, at span) bool {
	if o.Comment.Set() {
		r.errorf(o.Comment.Span, "Key expression comments are not supported")
		return false
	}
	if o.Timeout.Set() && !set.is(bytecode.SetTimeout) && !set.partial {
		r.refuse(at, eopnotsupp, "%s %s has no flag timeout", set.kind(), set.Name).Note(set.at, "it was declared here")
		return false
	}
	return true
}

// collects checks that a set can collect what its elements keep: the kernel
// sweeps dead connections only in sets whose elements do not time out.
func (r *rule) collects(set *setState, exprs []bytecode.Expr, at span) bool {
	if len(exprs) > 0 && len(set.Exprs) > 0 && !sameStatements(exprs, set.Exprs) {
		r.refuse(at, eopnotsupp, "the elements of %s %s have other statements", set.kind(), set.Name).Note(set.at, "it was declared here")
		return false
	}
	for _, x := range exprs {
		if _, ok := x.(*bytecode.Connlimit); ok && set.is(bytecode.SetTimeout) {
			r.refuse(at, eopnotsupp, "ct count can't be part of a set with timeouts").Note(set.at, "it was declared here")
			return false
		}
	}
	return true
}

func (r *rule) updateStmts(stmts []lang.Stmt, d *bytecode.Dynset) bool {
	for _, st := range stmts {
		x := r.stateful(st)
		if x == nil {
			return false
		}
		d.Exprs = append(d.Exprs, x)
	}
	if len(d.Exprs) > maxElemExprs {
		r.refuse(stmts[maxElemExprs].At(), e2big, "an element keeps the state of at most %d statements", maxElemExprs)
		return false
	}
	return true
}

// maxElemExprs is how many statements an element can have (NFT_SET_EXPR_MAX).
const maxElemExprs = 2

// packetKey evaluates the key of an update: packet data of the set's type.
func (r *rule) packetKey(e lang.Expr, want *info) expr {
	old := r.keyed
	r.keyed = true
	x := r.eval(e, *want)
	if x == nil {
		r.keyed = old
		return nil
	}
	r.keyed = old
	if got := contextOf(x).typ; got != nil && want.typ != nil && !compatible(want.typ, got) {
		r.errorf(e.At(), "datatype mismatch: expected %s, expression has type %s", want.typ.Desc, got.Desc)
		return nil
	}
	return r.inOrder(x, want.order)
}

// meter makes a dynamic set of its own and updates it.
func (r *rule) meter(s *lang.Meter) {
	if r.leave() {
		return
	}
	old := r.keyed
	r.keyed = true
	key := r.eval(s.Elem.Key, info{})
	r.keyed = old
	if key == nil {
		return
	}
	if o := s.Elem.Opts; o != nil && o.Comment.Set() {
		r.errorf(s.Elem.Key.At(), "Meter key expression can not contain comments")
		return
	}
	name := s.Name.Text
	set := r.table.sets[name]
	switch {
	case set != nil && (!compatible(set.key.typ, contextOf(key).typ) || set.is(bytecode.SetMap) || set.interval()):
		r.errorf(s.Name.Span, "%s %s exists and has another kind of key", set.kind(), name).Note(set.at, "it was declared here")
		return
	case set == nil:
		set = &setState{Set: &bytecode.Set{Name: name, Flags: bytecode.SetEval | bytecode.SetAnonymous, Pos: r.pos.at(s.Name.Span)}, table: r.table, at: s.Name.Span, key: contextOf(key)}
		set.meter = true
		set.Size = defaultDynamicSize
		if s.Size.Value != 0 {
			set.Size = uint32(s.Size.Value)
		}
		if o := s.Elem.Opts; o != nil && o.Timeout.Set() {
			set.Flags |= bytecode.SetTimeout
		}
		set.setKey()
		r.nameSets(r.table, r.out.pending)
		set.Handle = r.table.nextHandle()
		r.table.sets[name] = set
		r.table.setList.add(set)
		r.listSet(r.table, set, nil)
	}
	d := &dynsetStmt{at: s.Span, key: key, d: bytecode.Dynset{Op: bytecode.DynsetAdd, Set: name}}
	if o := s.Elem.Opts; o != nil && o.Timeout.Set() {
		d.d.Timeout = o.Timeout.Millis
		d.d.Op = bytecode.DynsetUpdate
	}
	if s.Stmt != nil && !(r.updateStmts([]lang.Stmt{s.Stmt}, &d.d) && r.collects(set, d.d.Exprs, s.Span)) {
		return
	}
	r.use(set)
	r.stmts = append(r.stmts, d)
}

// objrefStmt runs the object that a map gives.
type objrefStmt struct {
	at  span
	key expr
	set *setState
}

func (s *objrefStmt) write(l *lin) {
	l.begin(s.at)
	k := l.regs.take(s.key)
	l.load(s.key, k)
	x := &bytecode.Objref{Type: s.set.ObjectType, SReg: k.reg()}
	l.name(&x.Set, s.set)
	l.emit(x)
	l.regs.drop(k)
}

func (r *rule) objectRef(s *lang.ObjRef) {
	kind, ok := objectKinds[s.Kind]
	if !ok {
		r.errorf(s.Span, "references to %s objects are not supported", s.Kind)
		return
	}
	switch e := resolve(s.Ref).(type) {
	case *lang.Symbol:
		o := r.object(kind, e.Text, s.Ref.At())
		if o == nil {
			return
		}
		r.count(&o.uses)
		r.out.objs = append(r.out.objs, o)
		r.plainAt(s.Span, &bytecode.Objref{Type: kind, Object: e.Text})
	case *lang.Map:
		key := r.mapKey(e.Key, e.Map)
		if key == nil {
			return
		}
		if set := r.mapOf(e.Map, &key, nil, kind); set != nil {
			r.stmts = append(r.stmts, &objrefStmt{at: s.Span, key: key, set: set})
		}
	case nil:
		r.failed = true
	default:
		r.errorf(s.Ref.At(), "the name of a %s is needed here", s.Kind)
	}
}
