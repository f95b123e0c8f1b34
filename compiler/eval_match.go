package compiler

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/lang"
)

var relops = [...]relop{
	lang.OpImplicit: relImplicit, lang.OpEq: relEq, lang.OpNeq: relNeq, lang.OpLt: relLt, lang.OpGt: relGt,
	lang.OpLe: relLe, lang.OpGe: relGe, lang.OpNot: relNot,
}

// match evaluates a comparison as a statement.
func (r *rule) match(e *lang.Match) {
	if e.Right == nil {
		r.implicitPresence(e)
		return
	}
	left := r.evalLeft(e.Left, e.Right)
	if left == nil {
		return
	}
	rel := r.room().relations.add(relation{at: e.Span, op: relops[e.Op], left: left})
	if e.Mask != nil {
		r.flagTest(e, rel)
		return
	}
	if !r.rightSide(e, rel) {
		return
	}
	r.finishMatch(e, rel)
}

// implicitPresence handles a selector alone: `tcp option sack-perm`.
func (r *rule) implicitPresence(e *lang.Match) {
	left := r.eval(e.Left, info{})
	if left == nil {
		return
	}
	i := left.inf()
	if i.typ != datatype.Boolean {
		r.errorf(e.Span, "a value to compare with is missing")
		return
	}
	r.stmts = append(r.stmts, &matchStmt{rel: &relation{at: e.Span, op: relEq, left: left,
		right: &constant{info: *i, val: n64(1)}}})
}

// evalLeft evaluates the left side; fields of a key are shifted into place,
// because a set can't be shifted.
func (r *rule) evalLeft(left, right lang.Expr) expr {
	_, isConcat := left.(*lang.Concat)
	_, named := resolve(right).(*lang.SetRef)
	old := r.keyed
	r.keyed, r.literals = r.keyed || isConcat || named, r.literalsOf(right)
	x := r.eval(left, info{})
	r.keyed, r.literals = old, nil
	if x == nil {
		return nil
	}
	if isConstant(x) {
		r.errorf(left.At(), "Left hand side of relational expression is constant")
		return nil
	}
	return x
}

// flagTest is `left op value / mask`.
func (r *rule) flagTest(e *lang.Match, rel *relation) {
	ctx := contextOf(rel.left)
	if ctx.typ == nil || !ctx.typ.IsBitmask() {
		r.errorf(e.Mask.At(), "a mask after / is only allowed for bitmasks")
		return
	}
	val, mask := r.eval(e.Right, ctx), r.eval(e.Mask, ctx)
	if val == nil || mask == nil {
		return
	}
	m, ok1 := mask.(*constant)
	v, ok2 := val.(*constant)
	if !ok1 || !ok2 {
		r.errorf(e.Span, "flags and mask must be constant")
		return
	}
	if rel.op == relImplicit {
		rel.op = relEq
	}
	if rel.op != relEq && rel.op != relNeq {
		r.errorf(e.Span, "only == and != go with a mask")
		return
	}
	rel.left = &binop{info: *rel.left.inf(), op: bytecode.BitwiseAnd, left: rel.left, right: m, as: ctx}
	rel.right = v
	r.relate(rel)
}

// rightSide evaluates the right side in the context of the left one.
func (r *rule) rightSide(e *lang.Match, rel *relation) bool {
	ctx := contextOf(rel.left)
	// fib … oif exists tests for presence, whatever the result's type.
	if f, ok := rel.left.(*simpleExpr); ok && f.fib != nil {
		if s, ok := resolve(e.Right).(*lang.Symbol); ok && isPresence(s) {
			if f.fib.Result == bytecode.FibResultOifName {
				r.refuse(f.at, einval, "fib oifname gives no presence: write oif or check")
				return false
			}
			f.fib.Flags |= bytecode.FibPresent
			f.typ = datatype.Boolean
			ctx = f.info
		}
	}
	switch right := resolve(e.Right).(type) {
	case nil:
		r.failed = true
		return false
	case *lang.SetLit:
		rel.right = r.setOperand(right, rel, e.Right.At())
	default:
		rel.right = r.eval(e.Right, ctx)
	}
	if rel.right == nil {
		return false
	}
	if !isConstant(rel.right) {
		r.errorf(e.Right.At(), "Right hand side of relational expression (%s) must be constant", opName(e.Op)).Note(rel.left.inf().at, "")
		return false
	}
	if isSecmark(rel.left) {
		if set, ok := rel.right.(*setRef); !ok || set.set.anonymousSet() {
			r.errorf(e.Right.At(), "Cannot be used with right hand side constant value").Note(rel.left.inf().at, "")
			return false
		}
	}
	return r.comparable(e, rel)
}

// isSecmark tells a security mark, whose numbers differ from boot to boot.
func isSecmark(e expr) bool {
	switch e := e.(type) {
	case *metaExpr:
		return e.key == bytecode.MetaSecmark
	case *ctExpr:
		return e.key == bytecode.CTSecmark
	}
	return false
}

// isPresence tells the words for a value that is there or not.
func isPresence(s *lang.Symbol) bool {
	return s.Kind == lang.SymWord && (s.Text == "exists" || s.Text == "missing")
}

func opName(o lang.Op) string {
	if o == lang.OpImplicit {
		return "implicit"
	}
	return o.String()
}

// setOperand evaluates an anonymous set; one with a single element is that
// element.
func (r *rule) setOperand(lit *lang.SetLit, rel *relation, at span) expr {
	ctx := contextOf(rel.left)
	if rel.op == relNot {
		r.notSingle(rel, at)
		return nil
	}
	if rel.op != relImplicit && rel.op != relEq && rel.op != relNeq {
		r.errorf(at, "Relational expression (%s) is undefined for set expressions", relNames[rel.op])
		return nil
	}
	els, ok := r.anonymousElements(lit, ctx)
	if !ok {
		return nil
	}
	if len(els) == 0 {
		r.errorf(at, "Set is empty")
		return nil
	}
	if x := els[0].key; len(els) == 1 && !els[0].hasStatements() && x != nil {
		if _, isConcat := x.(*concat); !isConcat {
			if i := x.inf(); i.typ == datatype.Boolean && isConstant(x) {
				*i = ctx // nft 1.1 takes the only element as it takes a number, also of flags
				if rel.op == relImplicit {
					rel.op = relEq
				}
			}
			x.inf().at = at
			return x
		}
	}
	// A set has the type of its last element.
	if last := els[len(els)-1].key; last != nil && !sameSet(rel.left.inf().typ, last.inf().typ) {
		r.errorf(at, "datatype mismatch, expected %s, expression has type %s", rel.left.inf().typ.Desc, last.inf().typ.Desc).
			Note(rel.left.inf().at, "")
		return nil
	}
	if b, _ := undoable(rel.left); b != nil {
		ctx.width = b.left.inf().width // what was shifted may need more bytes than the field
	}
	if !r.transferSet(rel, els) {
		return nil
	}
	ctx.width = loadedWidth(rel.left, ctx)
	return r.anonymousSet(&ctx, els, at)
}

// anonymousElements evaluates the elements of a set that does not exist yet.
func (r *rule) anonymousElements(lit *lang.SetLit, key info) ([]elem, bool) {
	s := r.unborn
	r.unborn = nil // sets may be in sets
	if s == nil {
		s = &setState{Set: &bytecode.Set{Flags: bytecode.SetAnonymous}}
	}
	s.key = key
	els, ok := r.elements(lit, s)
	r.unborn = s
	return els, ok
}

// sameSet tells whether a set, whose last element has the type got, is one of
// type want: a concatenation and the result of a shift determine that, other
// values do not.
func sameSet(want, got *datatype.Type) bool {
	return want == nil || got == nil || got != datatype.Integer && len(got.Fields) == 0 || compatible(want, got)
}

var relNames = [...]string{"implicit", "==", "!=", "<", ">", "<=", ">=", "!"}

// comparable checks that the types fit.
func (r *rule) comparable(e *lang.Match, rel *relation) bool {
	lt, rt := rel.left.inf().typ, rel.right.inf().typ
	if lt == nil || rt == nil || compatible(lt, rt) {
		return true
	}
	r.errorf(rel.right.inf().at, "datatype mismatch, expected %s, expression has type %s", lt.Desc, rt.Desc).
		Note(rel.left.inf().at, "")
	return false
}

// compatible reports whether two types are the same for nft: those of one
// number are, and concatenations of such.
func compatible(a, b *datatype.Type) bool {
	if len(a.Fields) != len(b.Fields) {
		return false
	}
	for i := range a.Fields {
		if !compatible(a.Fields[i], b.Fields[i]) {
			return false
		}
	}
	return a == b || a.ID == b.ID && (a.ID != 0 || len(a.Fields) > 0)
}

// storable reports whether a value of type got may be stored or kept where want
// is the type: a mark takes numbers of other types, such as a DSCP or an IP address.
func storable(want, got *datatype.Type) bool {
	return want == datatype.Mark && got.Parent() == datatype.Integer && len(got.Fields) == 0 || compatible(want, got)
}

// finishMatch checks the operator against the right side, brings both sides to
// one byte order, and learns what the match tells about protocols.
func (r *rule) finishMatch(e *lang.Match, rel *relation) {
	switch rel.op {
	case relLt, relGt, relLe, relGe:
		if !r.orderedMatch(e, rel) {
			return
		}
	default:
		if !r.equalityMatch(e, rel) {
			return
		}
	}
	if c, ok := rel.right.(*constant); ok {
		if rel.right = r.transfer(rel, c); rel.right == nil {
			return
		}
		strip(rel)
	}
	if g, ok := rel.right.(*rangeVal); ok {
		if rel.right = r.transferRange(rel, g); rel.right == nil {
			return
		}
	}
	r.relate(rel)
}

func (r *rule) orderedMatch(e *lang.Match, rel *relation) bool {
	if _, ok := rel.left.(*concat); ok {
		r.errorf(rel.left.inf().at, "Relational expression (%s) is undefined for concat expressions", e.Op)
		return false
	}
	switch rel.right.(type) {
	case *constant:
	case *setRef:
		r.errorf(rel.right.inf().at, "Relational expression (%s) is undefined for set reference expressions", e.Op)
		return false
	case *prefixVal:
		r.errorf(rel.right.inf().at, "Relational expression (%s) is undefined for prefix expressions", e.Op)
		return false
	default:
		r.errorf(rel.right.inf().at, "Relational expression (%s) is undefined for range expressions", e.Op)
		return false
	}
	if contextOf(rel.left).typ.IsString() {
		return true
	}
	rel.left = r.inOrder(rel.left, datatype.BigEndian)
	rel.right = r.inOrder(rel.right, datatype.BigEndian)
	return true
}

func (r *rule) equalityMatch(e *lang.Match, rel *relation) bool {
	left := rel.left
	switch right := rel.right.(type) {
	case *constant:
		r.learnFrom(rel, right)
		rel.right = r.inOrder(right, left.inf().order)
		if rel.op == relNot {
			return r.bitmaskOnly(rel)
		}
		_, masked := left.(*binop)
		if rel.op == relImplicit && (!flagsOf(left) || masked) {
			rel.op = relEq
		}
		return true
	case *prefixVal:
		rel.right = r.inOrder(right, left.inf().order)
	case *rangeVal:
		if right.from.val.cmp(right.to.val) > 0 {
			r.overMidnight(rel, right)
			right = rel.right.(*rangeVal)
		}
		rel.left = r.inOrder(left, datatype.BigEndian)
		rel.right = r.inOrder(right, datatype.BigEndian)
	case *setRef:
		if !r.namesFamily(left) {
			return false
		}
		r.learnFromSet(rel, right)
		if right.set.is(bytecode.SetInterval) {
			rel.left = r.rangeOrder(rel.left)
		}
	case *concat:
		r.errorf(left.inf().at, "Use concatenations with sets and maps, not singleton values").Note(right.at, "")
		return false
	default:
		r.errorf(rel.right.inf().at, "this value can't be compared with")
		return false
	}
	if rel.op == relNot {
		return r.bitmaskOnly(rel)
	}
	if rel.op == relImplicit {
		rel.op = relEq
	}
	return true
}

// flagsOf reports whether a comparison without an operator tests for any of
// some bits: those of a type with named flags. A plain bitmask is compared as
// a number.
func flagsOf(e expr) bool {
	t := contextOf(e).typ
	return t.IsBitmask() && t != datatype.Bitmask
}

func (r *rule) bitmaskOnly(rel *relation) bool {
	switch rel.left.(type) {
	case *binop:
		r.errorf(rel.left.inf().at, "cannot combine negation with binary expression").Note(rel.right.inf().at, "")
		return false
	}
	if _, ok := rel.right.(*constant); ok && flagsOf(rel.left) {
		return true
	}
	r.notSingle(rel, rel.right.inf().at)
	return false
}

func (r *rule) notSingle(rel *relation, at span) {
	r.errorf(rel.left.inf().at, "negation can only be used with singleton bitmask values; did you mean ‘!=’?").Note(at, "")
}

// overMidnight turns "23:00"-"01:00" into the negated range between; as in nft
// the two ends themselves then don't match.
func (r *rule) overMidnight(rel *relation, g *rangeVal) {
	n := *g
	n.from, n.to = g.to, g.from
	rel.right = &n
	if rel.op == relNeq {
		rel.op = relEq
	} else {
		rel.op = relNeq
	}
}

// learnFrom takes in what an equality tells.
func (r *rule) learnFrom(rel *relation, c *constant) {
	if rel.op == relEq || rel.op == relImplicit {
		r.learn(rel.left, c.val.lo, rel.at)
	}
}

// learnFromSet takes in that left is one of the elements; concatenations tell
// nft nothing.
func (r *rule) learnFromSet(rel *relation, s *setRef) {
	if rel.op != relEq && rel.op != relImplicit {
		return
	}
	if !s.set.is(bytecode.SetAnonymous) {
		r.ctx.learnSome(rel.left)
		return
	}
	for i := range s.set.learn {
		if k, ok := s.set.learn[i].key.(*constant); ok {
			r.learn(rel.left, k.val.lo, rel.at)
		}
	}
}
