package compiler

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/lang"
)

// elementOpts reads timeout, comment and stateful statements of an element.
func (r *rule) elementOpts(e *lang.Elem, s *setState) (*elemOpts, bool) {
	o := &elemOpts{}
	if e.Opts.Timeout.Set() || e.Opts.Expires.Set() {
		if !s.is(bytecode.SetTimeout) && !s.is(bytecode.SetAnonymous) {
			if r.failed = true; s.partial {
				return nil, false
			}
			r.refuse(e.Key.At(), einval, "the set needs the flag timeout for elements with a timeout").Note(s.at, "it was declared here")
			return nil, false
		}
		if !r.expiry(e, s) {
			return nil, false
		}
		o.hasTimeout = e.Opts.Timeout.Set() && !e.Opts.Timeout.Never
		o.timeout, o.expires = e.Opts.Timeout.Millis, e.Opts.Expires.Millis
		if e.Opts.Timeout.Never {
			o.hasTimeout, o.timeout = true, 0
		}
	}
	if e.Opts.Comment.Set() {
		o.comment = r.comment(e.Opts.Comment)
	}
	for _, st := range e.Opts.Stmts {
		x := r.stateful(st)
		if x == nil {
			return nil, false
		}
		if !s.is(bytecode.SetAnonymous) && !s.free() && !declares(s, x) {
			r.errorf(st.At(), "missing statement in %s declaration", s.kind()).Note(s.at, "it was declared here")
			return nil, false
		}
		o.exprs = append(o.exprs, x)
	}
	if n := len(o.exprs); n > 0 && n != len(s.Exprs) && !s.is(bytecode.SetAnonymous) && !s.free() {
		r.errorf(e.Span, "number of statements mismatch, set expects %d but element has %d", len(s.Exprs), n).Note(s.at, "it was declared here")
		return nil, false
	}
	return o, true
}

// expiry checks the time that an element has left against its timeout.
func (r *rule) expiry(e *lang.Elem, s *setState) bool {
	timeout, left := e.Opts.Timeout.Millis, e.Opts.Expires
	if timeout == 0 && !e.Opts.Timeout.Never {
		timeout = s.Timeout
	}
	switch {
	case !left.Set() || left.Millis == 0:
	case timeout == 0:
		r.refuse(left.Span, eopnotsupp, "an element without timeout does not expire")
		return false
	case left.Millis > timeout:
		r.refuse(left.Span, erange, "the time that is left is longer than the timeout")
		return false
	}
	return true
}

func declares(s *setState, x bytecode.Expr) bool {
	for _, y := range s.Exprs {
		if x.Name() == y.Name() {
			return true
		}
	}
	return false
}

// kind is the word for the set in messages.
func (s *setState) kind() string {
	if s.isMap() {
		return "map"
	}
	return "set"
}

// isMap tells a map of values, verdicts or objects.
func (s *setState) isMap() bool { return s.is(bytecode.SetMap | bytecode.SetObject) }

func (s *setState) anonymousSet() bool { return s.is(bytecode.SetAnonymous) }

// objectData reads the object that an element of an object map names.
func (r *rule) objectData(e *lang.Elem, s *setState, el *elem) bool {
	sym, ok := resolve(e.Value).(*lang.Symbol)
	if !ok {
		r.errorf(e.Value.At(), "the name of a %s is needed here", s.ObjectType)
		return false
	}
	o := r.object(s.ObjectType, sym.Text, e.Value.At())
	if o == nil {
		return false
	}
	r.count(&o.uses)
	el.data = &objectName{info: info{typ: datatype.String, at: e.Value.At()}, name: sym.Text}
	return true
}

// object finds a stateful object.
func (r *rule) object(kind bytecode.ObjectType, name string, at span) *objectState {
	if o := r.table.objects[objectKey{kind, name}]; o != nil {
		return o
	}
	r.failed = true
	r.noObject(at, r.table, kind, name)
	return nil
}
