package compiler

import (
	"nfvm/bytecode"
	"nfvm/datatype"
)

// A sharedExtra is an extra that many rows may have.
type sharedExtra struct {
	extraOpts
	names
}

// maxShared bounds how many different extras are looked for among those that
// there are.
const maxShared = 4096

// addRow writes an element as a row.
func (r *rule) addRow(s *setState, t *rows, e *elem) {
	from := len(t.bytes)
	if e.key == nil {
		t.bytes = append(t.bytes, make([]byte, t.stride()-t.data)...)
	} else {
		t.bytes = r.appendKeys(t.bytes, s, e.key)
	}
	t.bytes = fit(t.bytes, from+t.stride()-t.data)
	x := extraOf(e)
	if t.data > 0 && e.data != nil {
		at := len(t.bytes)
		t.bytes = appendData(t.bytes, e.data, s.DataInterval)
		if len(t.bytes)-at == t.data {
			x.data = nil
		}
	}
	t.bytes = fit(t.bytes, from+t.stride())
	t.at = append(t.at, e.at)
	t.addExtra(&x)
}

// join appends the rows of another table of the same set.
func (t *rows) join(o *rows) {
	t.bytes = append(t.bytes, o.bytes...)
	if len(o.more) == 0 {
		t.at = append(t.at, o.at...)
		return
	}
	for i, at := range o.at {
		t.at = append(t.at, at)
		if x := o.other(i); x != nil {
			t.addExtra(x)
		}
	}
}

// fit gives b a length.
func fit(b []byte, n int) []byte {
	for len(b) < n {
		b = append(b, 0)
	}
	return b[:n]
}

// appendKeys writes the key of an element, with its end where rows have one.
func (r *rule) appendKeys(b []byte, s *setState, key expr) []byte {
	switch {
	case s.interval():
		lo, hi := bounds(r.inOrder(key, s.key.order), s.key.width)
		n := bytesOf(s.key.width)
		return appendNum(appendNum(b, lo, n), hi, n)
	case s.is(bytecode.SetInterval):
		key = r.networkKey(s, key)
		return appendValue(appendValue(b, key, s.key.width, false), key, s.key.width, true)
	}
	return appendValue(b, key, s.key.width, false)
}

// appendNum writes a number in n bytes in network order.
func appendNum(b []byte, v num, n int) []byte {
	b = append(b, make([]byte, n)...)
	v.put(b[len(b)-n:], datatype.BigEndian)
	return b
}

// extraOf gives what an element has besides key and place.
func extraOf(e *elem) extra {
	x := extra{catchAll: e.key == nil, data: e.data}
	if o := e.opts; o != nil {
		x.extraOpts, x.exprs = extraOpts{o.hasTimeout, o.timeout, o.expires, o.comment}, o.exprs
	}
	return x
}

// addExtra notes what the last row has. In large tables equal extras are one;
// in small ones each keeps its place in the source.
func (t *rows) addExtra(x *extra) {
	if x.data == nil && x.exprs == nil && !x.catchAll && x.extraOpts == (extraOpts{}) {
		return
	}
	key := sharedExtra{x.extraOpts, x.names()}
	shared := len(t.at) > manyElements && x.exprs == nil && !x.catchAll && (x.data == nil || key.names != names{})
	if n := t.known[key]; shared && n != 0 {
		t.setMore(n)
		return
	}
	t.extra = append(t.extra, *x)
	n := uint32(len(t.extra))
	t.setMore(n)
	if shared && len(t.known) < maxShared {
		if t.known == nil {
			t.known = make(map[sharedExtra]uint32)
		}
		t.known[key] = n
	}
}
