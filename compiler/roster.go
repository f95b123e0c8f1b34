package compiler

import "slices"

// A roster lists what a table or the ruleset holds, in the order of
// declaration. To take one out moves no others: the list closes its gaps when
// it is read.
type roster[T rostered] struct {
	list    []T
	gone    map[T]bool // to be taken out of list
	handles map[uint64]T
}

// A rostered thing has a handle.
type rostered interface {
	comparable
	handle() uint64
}

func (t *tableState) handle() uint64     { return t.Handle }
func (c *chainState) handle() uint64     { return c.Handle }
func (s *setState) handle() uint64       { return s.Handle }
func (o *objectState) handle() uint64    { return o.Handle }
func (f *flowtableState) handle() uint64 { return f.Handle }

func (r *roster[T]) add(x T) {
	if r.gone[x] {
		r.all()
	}
	r.list = append(r.list, x)
	if r.handles != nil {
		r.handles[x.handle()] = x
	}
}

func (r *roster[T]) remove(x T) {
	if r.gone == nil {
		r.gone = map[T]bool{}
	}
	r.gone[x] = true
	delete(r.handles, x.handle())
}

// all gives the list. It stays as it is when the roster changes.
func (r *roster[T]) all() []T {
	if len(r.gone) > 0 {
		r.list = slices.DeleteFunc(slices.Clone(r.list), func(x T) bool { return r.gone[x] })
		r.gone = nil
	}
	return r.list
}

// find gives what has a handle, the zero T if nothing has.
func (r *roster[T]) find(handle uint64) T {
	if r.handles == nil {
		r.handles = map[uint64]T{}
		for _, x := range r.all() {
			r.handles[x.handle()] = x
		}
	}
	return r.handles[handle]
}
