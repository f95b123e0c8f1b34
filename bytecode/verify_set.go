package bytecode

import "nfvm/nf"

// maxKey is the size of the largest key: all data registers.
const maxKey = RegBytes

func (v *verifier) object(o *Object) error {
	v.pos = o.Pos
	missing := false
	switch o.Type {
	case ObjectCounter:
		missing = o.Counter == nil
	case ObjectQuota:
		if missing = o.Quota == nil; !missing {
			return v.bounds(o.Quota)
		}
	case ObjectLimit:
		if missing = o.Limit == nil; !missing {
			return v.limit(o.Limit)
		}
	case ObjectConnlimit:
		missing = o.Connlimit == nil
	case ObjectCTHelper:
		missing = o.CTHelper == nil
	case ObjectCTTimeout:
		missing = o.CTTimeout == nil
	case ObjectCTExpect:
		missing = o.CTExpect == nil
	case ObjectSynproxy:
		missing = o.Synproxy == nil
	case ObjectSecmark:
	default:
		return v.errorf("object %s is of unknown type %d", o.Name, o.Type)
	}
	if missing {
		return v.errorf("object %s of type %s has no content", o.Name, o.Type)
	}
	return nil
}

func (v *verifier) set(s *Set) error {
	v.pos = s.Pos
	switch {
	case s.KeyLen == 0 || s.KeyLen > maxKey:
		return v.errorf("set %s: key of %d bytes", s.Name, s.KeyLen)
	case s.Flags&SetMap != 0 && !s.VerdictMap() && (s.DataLen == 0 || s.DataLen > maxKey):
		return v.errorf("map %s: data of %d bytes", s.Name, s.DataLen)
	case s.Flags&SetMap != 0 && s.Flags&SetObject != 0:
		return v.errorf("map %s: both data and objects", s.Name)
	}
	if err := v.fields(s); err != nil {
		return err
	}
	if err := v.stateful(s.Exprs); err != nil {
		return err
	}
	starts := 0
	targets := make(map[string]bool)
	for i := range s.Elements {
		e := &s.Elements[i]
		if e.Pos.Line != 0 {
			v.pos = e.Pos
		}
		if err := v.element(s, e); err != nil {
			return err
		}
		if !e.IntervalEnd {
			starts++
		}
		if jumps := e.Verdict == nf.Jump || e.Verdict == nf.Goto; jumps && s.VerdictMap() && !e.IntervalEnd && !targets[e.Chain] {
			targets[e.Chain] = true
			v.targets[s] = append(v.targets[s], e.Chain)
		}
	}
	if s.Size != 0 && uint64(starts) > uint64(s.Size) {
		return v.errorf("set %s: %d elements in a set of size %d", s.Name, starts, s.Size)
	}
	return nil
}

// fields checks that a concatenation's fields fill its key.
func (v *verifier) fields(s *Set) error {
	if len(s.FieldLens) == 0 {
		return nil
	}
	sum := uint64(0)
	for _, n := range s.FieldLens {
		if n == 0 || n > maxKey {
			return v.errorf("set %s: field of %d bytes", s.Name, n)
		}
		sum += uint64(n+3) &^ 3
	}
	if sum != uint64(s.KeyLen) && len(s.FieldLens) > 1 {
		return v.errorf("set %s: fields of %d bytes in a key of %d", s.Name, sum, s.KeyLen)
	}
	return nil
}

func (v *verifier) element(s *Set, e *Element) error {
	n := int(s.KeyLen)
	switch {
	case e.CatchAll:
		if e.IntervalEnd || e.KeyEnd != nil {
			return v.errorf("set %s: catch-all element with an end", s.Name)
		}
	case len(e.Key) != n, e.KeyEnd != nil && len(e.KeyEnd) != n:
		return v.errorf("set %s: key of %d bytes where %d are needed", s.Name, len(e.Key), n)
	case e.KeyEnd != nil && s.Flags&SetInterval == 0, e.IntervalEnd && s.Flags&SetInterval == 0:
		return v.errorf("set %s: interval in a set without flag interval", s.Name)
	case (e.Timeout != 0 || e.Expires != 0) && s.Flags&SetTimeout == 0:
		return v.errorf("set %s: timeout in a set without flag timeout", s.Name)
	}
	if e.IntervalEnd {
		return nil
	}
	if err := v.stateful(e.Exprs); err != nil {
		return err
	}
	return v.elementData(s, e)
}

func (v *verifier) elementData(s *Set, e *Element) error {
	switch {
	case s.Flags&SetObject != 0:
		if v.t.Object(s.ObjectType, e.Object) == nil {
			return v.errorf("map %s: %s %s does not exist", s.Name, s.ObjectType, e.Object)
		}
	case s.VerdictMap():
		return v.verdict(e.Verdict, e.Chain)
	case s.Flags&SetMap != 0:
		n := int(s.DataLen)
		if len(e.Data) != n {
			return v.errorf("map %s: data of %d bytes where %d are needed", s.Name, len(e.Data), n)
		}
	}
	return nil
}

// stateful checks expressions that live in set elements.
func (v *verifier) stateful(exprs []Expr) error {
	for _, e := range exprs {
		switch e := e.(type) {
		case *Quota:
			if err := v.bounds(e); err != nil {
				return err
			}
		case *Counter, *Last, *Connlimit:
		case *Limit:
			if err := v.limit(e); err != nil {
				return err
			}
		case nil:
			return v.errorf("an element's expression is missing")
		default:
			return v.errorf("%s can't be part of a set element", e.Name())
		}
	}
	return nil
}

// setUse checks the expressions that use a set against that set.
func (v *verifier) setUse(e Expr) error {
	switch e := e.(type) {
	case *Lookup:
		return v.lookup(e)
	case *Dynset:
		return v.dynset(e)
	case *Objref:
		if e.Set == "" {
			if v.t.Object(e.Type, e.Object) == nil {
				return v.errorf("%s %s does not exist", e.Type, e.Object)
			}
			return nil
		}
		s, err := v.setNamed(e.SetID, e.Set)
		if err == nil && s.Flags&SetObject == 0 {
			err = v.errorf("%s holds no objects", e.Set)
		}
		return err
	}
	return nil
}

func (v *verifier) setNamed(id uint32, name string) (*Set, error) {
	s := v.t.SetByID(id)
	if s == nil || s.Name != name {
		return nil, v.errorf("set %s does not exist", name)
	}
	return s, nil
}

func (v *verifier) lookup(e *Lookup) error {
	s, err := v.setNamed(e.SetID, e.Set)
	if err != nil {
		return err
	}
	isMap := s.Flags&SetMap != 0
	switch {
	case e.HasDReg && e.Invert:
		return v.errorf("lookup of data can't be inverted")
	case e.HasDReg && !isMap:
		return v.errorf("%s is not a map", s.Name)
	case e.HasDReg && (e.DReg == RegVerdict) != s.VerdictMap():
		return v.errorf("data of map %s can't go to register %d", s.Name, e.DReg)
	case !e.HasDReg && isMap && s.Flags&SetAnonymous != 0:
		return v.errorf("lookup in an anonymous map without use of its data")
	case s.Flags&SetObject != 0:
		return nil
	}
	return nil
}

func (v *verifier) dynset(e *Dynset) error {
	s, err := v.setNamed(e.SetID, e.Set)
	if err != nil {
		return err
	}
	data := s.Flags&SetMap != 0 && e.Op != DynsetDelete
	switch {
	case e.Op > DynsetDelete:
		return v.errorf("unknown dynset operation %d", e.Op)
	case s.Flags&(SetConstant|SetInterval|SetObject) != 0 || s.VerdictMap():
		return v.errorf("set %s can't be changed by packets", s.Name)
	case data && e.SRegData == 0, e.SRegData != 0 && s.Flags&SetMap == 0:
		return v.errorf("set %s: data does not fit its kind", s.Name)
	case e.Timeout != 0 && s.Flags&SetTimeout == 0:
		return v.errorf("timeout for set %s, which has no flag timeout", s.Name)
	}
	return v.stateful(e.Exprs)
}
