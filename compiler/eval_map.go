package compiler

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/lang"
)

// mapKey evaluates the key of a map, shifted into place where the map is named.
func (r *rule) mapKey(key, m lang.Expr) expr {
	_, literal := resolve(m).(*lang.SetLit)
	old := r.keyed
	r.keyed, r.literals = !literal, r.literalsOf(m)
	k := r.eval(key, info{})
	r.keyed, r.literals, r.stmtWidth = old, nil, 0
	if k == nil || !r.namesFamily(k) {
		return nil
	}
	if isConstant(k) {
		r.errorf(key.At(), "Map expression can not be constant")
		return nil
	}
	return k
}

// mapOf evaluates the map of a lookup: named, or a literal whose values are of
// the type want (a verdict if want is nil). It may change the key's form.
func (r *rule) mapOf(e lang.Expr, key *expr, want *info, object bytecode.ObjectType) *setState {
	switch m := resolve(e).(type) {
	case nil:
		r.failed = true
	case *lang.SetRef:
		return r.namedMap(m, key, want, object)
	case *lang.SetLit:
		return r.literalMap(m, key, want, object, e.At())
	default:
		r.errorf(e.At(), "a map is needed here: @name or { key : value }")
	}
	return nil
}

func (r *rule) namedMap(e *lang.SetRef, key *expr, want *info, object bytecode.ObjectType) *setState {
	s := r.table.set(e.Name)
	if s == nil {
		r.failed = true
		r.noSetOf(e.Span, r.table, "map", e.Name)
		return nil
	}
	if s.broken {
		r.failed = true
		return nil
	}
	switch {
	case !s.is(bytecode.SetMap | bytecode.SetObject):
		r.errorf(e.Span, "Expression is not a map").Note(s.at, "it was declared here")
		return nil
	case want == nil && object == 0 && s.DataType != dataTypeVerdict:
		r.errorf(e.Span, "map %s does not hold verdicts", s.Name).Note(s.at, "it was declared here")
		return nil
	case want == nil && object != s.ObjectType:
		r.errorf(e.Span, "map %s holds %s objects, not %s", s.Name, s.ObjectType, object).Note(s.at, "it was declared here")
		return nil
	case want != nil && (s.DataType == dataTypeVerdict || s.is(bytecode.SetObject)):
		r.errorf(e.Span, "map %s holds no values", s.Name).Note(s.at, "it was declared here")
		return nil
	}
	if !r.mapTakes(e.Span, s.key.typ, *key) {
		return nil
	}
	if s.is(bytecode.SetInterval) {
		*key = r.rangeOrder(*key)
	}
	r.use(s)
	return s
}

// mapTakes checks the type of what is looked up in a map.
func (r *rule) mapTakes(at span, want *datatype.Type, key expr) bool {
	got := key.inf().typ
	if got == nil || want == nil || storable(want, got) {
		return true
	}
	r.errorf(at, "datatype mismatch, map expects %s, mapping expression has type %s", want.Desc, got.Desc).Note(key.inf().at, "")
	return false
}

func (r *rule) literalMap(lit *lang.SetLit, key *expr, want *info, object bytecode.ObjectType, at span) *setState {
	ctx := contextOf(*key)
	ctx.max = 0 // keys that never come up are harmless
	shape := &setState{Set: &bytecode.Set{Flags: bytecode.SetAnonymous | bytecode.SetMap}, key: ctx, at: at}
	switch {
	case object != 0:
		shape.Flags = bytecode.SetAnonymous | bytecode.SetObject
		shape.ObjectType = object
	case want == nil:
		shape.DataType = dataTypeVerdict
	default:
		shape.data = *want
		shape.DataInterval = true // ranges are looked for below
	}
	els, ok := r.elements(lit, shape)
	if !ok {
		return nil
	}
	if len(els) == 0 {
		r.errorf(at, "Set is empty")
		return nil
	}
	if !r.mapTakes(at, ctx.typ, *key) {
		return nil
	}
	rel := &relation{left: *key}
	if !r.transferSet(rel, els) {
		return nil
	}
	if rel.left != *key {
		ctx.width = rel.left.inf().width // what was shifted may need more bytes than the field
	}
	*key = rel.left
	ctx.width = loadedWidth(rel.left, ctx)
	stem := "__map"
	if object != 0 {
		stem = "__objmap"
	}
	s := r.newAnonymous(stem, &ctx, els, at, shape.Flags)
	s.ObjectType, s.DataType = shape.ObjectType, shape.DataType
	if want != nil {
		s.data = *want
		for i := range els {
			s.DataInterval = s.DataInterval || hasRange(els[i].data)
		}
		s.setDataType()
	}
	if s.is(bytecode.SetInterval) {
		*key = r.rangeOrder(*key)
	}
	if !r.finishAnonymous(s, els) {
		return nil
	}
	return s
}

// mapExpr evaluates `key map M` where a value of type want is needed.
func (r *rule) mapExpr(e *lang.Map, want info) expr {
	if want.typ == nil {
		r.errorf(e.Span, "a map is not allowed here")
		return nil
	}
	key := r.mapKey(e.Key, e.Map)
	if key == nil {
		return nil
	}
	s := r.mapOf(e.Map, &key, &want, 0)
	if s == nil {
		return nil
	}
	return &mapping{info: info{typ: s.data.typ, order: s.data.order, width: s.data.width, parts: s.data.parts, at: e.Span}, key: key, set: s}
}

// vmap evaluates `key vmap M`.
func (r *rule) vmap(e *lang.VMap) {
	key := r.mapKey(e.Key, e.Map)
	if key == nil {
		return
	}
	if s := r.mapOf(e.Map, &key, nil, 0); s != nil {
		r.stmts = append(r.stmts, &vmapStmt{at: e.Span, key: key, set: s})
	}
}
