package compiler

import (
	"nfvm/bytecode"
	"nfvm/lang"
)

// maxKey is how long keys and data of a set may be in bytes
// (NFT_DATA_VALUE_MAXLEN).
const maxKey = 64

// setCheck refuses declarations that nft or the kernel refuse.
func (r *rule) setCheck(s *setState, b *lang.Set) bool {
	kind := s.kind()
	switch {
	case b.AutoMerge && !s.is(bytecode.SetInterval):
		r.errorf(s.at, "auto-merge only works with interval sets")
	case b.GCInterval.Millis != 0 && !s.is(bytecode.SetTimeout):
		r.refuse(b.GCInterval.Span, einval, "a %s without timeouts has no gc-interval", kind)
	case s.KeyLen > maxKey:
		r.refuse(b.Key.Span, einval, "a key has at most %d bytes, not %d", maxKey, s.KeyLen)
	case s.DataLen > maxKey:
		r.refuse(b.Data.Span, einval, "a value has at most %d bytes, not %d", maxKey, s.DataLen)
	case s.is(bytecode.SetConstant) && s.is(bytecode.SetTimeout):
		r.refuse(s.at, eopnotsupp, "a constant %s has no timeouts", kind)
	case s.is(bytecode.SetInterval) && s.is(bytecode.SetEval):
		r.refuse(s.at, eopnotsupp, "a %s of intervals cannot be dynamic", kind)
	case s.is(bytecode.SetObject) && s.is(bytecode.SetEval):
		r.refuse(s.at, eopnotsupp, "a map of objects cannot be dynamic")
	case s.cannotCount():
		r.refuse(s.at, eopnotsupp, "ct count can't be part of a %s with timeouts, nor of one of a size that is not dynamic", kind)
	default:
		return true
	}
	return false
}

// cannotCount reports a `ct count` in a set that does not sweep out what dead
// connections leave: where elements time out, and in hash tables of a fixed size.
func (s *setState) cannotCount() bool {
	fixed := s.sized && s.Flags&(bytecode.SetEval|bytecode.SetInterval) == 0
	for _, x := range s.Exprs {
		if _, ok := x.(*bytecode.Connlimit); ok {
			return fixed || s.is(bytecode.SetTimeout)
		}
	}
	return false
}

// redeclareSet checks that a set that exists is the same as a new declaration
// of it, which can only change its timeouts and its size.
func (c *compiler) redeclareSet(old, s *setState, name lang.Word, create, ok bool) *setState {
	switch {
	case create:
		declaredAt(c.refuse(name.Span, eexist, "%s %s exists", old.kind(), old.Name), old.at)
		return nil
	case !ok || old.broken:
		return nil
	case old.isMap() != s.isMap():
		c.errorf(name.Span, "Cannot merge %s with incompatible existing %s of same name", s.kind(), old.kind()).
			Note(old.at, "the %s was declared here", old.kind())
		return nil
	case old.KeyType != s.KeyType:
		c.otherType(old, s, name, old.key.typ.Desc, s.key.typ.Desc)
		return nil
	case old.DataType != s.DataType && old.data.typ != nil && s.data.typ != nil:
		c.otherType(old, s, name, old.data.typ.Desc, s.data.typ.Desc)
		return nil
	case old.KeyLen != s.KeyLen || old.DataType != s.DataType || old.DataLen != s.DataLen ||
		old.Flags != s.Flags || !sameStatements(old.Exprs, s.Exprs):
		declaredAt(c.refuse(name.Span, eexist, "%s %s has another type, other flags or statements", old.kind(), old.Name), old.at)
		return nil
	}
	old.Timeout, old.GCInterval = s.Timeout, s.GCInterval
	if s.sized {
		old.Size, old.sized = s.Size, true
	}
	return old
}

// otherType refuses a declaration of a set with another type of keys or values.
func (c *compiler) otherType(old, s *setState, name lang.Word, oldType, newType string) {
	c.errorf(name.Span, "%s already exists with different datatype (%s vs %s)", s.kind(), oldType, newType).
		Note(old.at, "it was declared here, of type %s", oldType)
}

// sameStatements tells whether elements carry the same kinds of statements.
func sameStatements(a, b []bytecode.Expr) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name() != b[i].Name() {
			return false
		}
	}
	return true
}
