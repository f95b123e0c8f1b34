package compiler

import (
	"nfvm/datatype"
	"nfvm/lang"
)

// ofAddresses tells whether the elements of a named set are nothing but addresses
// of the internet, each whole.
func (s *setState) ofAddresses() bool {
	k := &s.key
	return (k.typ == datatype.IPv4Addr || k.typ == datatype.IPv6Addr) && k.width == k.typ.Size &&
		k.order == datatype.BigEndian && !s.isMap()
}

// addAddress adds an element of a set of addresses that is written as an address
// or a prefix, with nothing behind it, as nearly all are in large sets. Others it
// leaves to element: those that are wrong, too.
func (t *rows) addAddress(s *setState, e *lang.Elem) bool {
	if e.Value != nil || e.Opts != nil {
		return false
	}
	key, width := e.Key, s.key.width
	plen := width
	if p, ok := key.(*lang.Prefix); ok {
		if !t.ends || p.Len.Value > uint64(width) {
			return false
		}
		key, plen = p.Addr, int(p.Len.Value)
	}
	sym, ok := key.(*lang.Symbol)
	if !ok {
		return false
	}
	v, ok := addressValue(s.key.typ, width, sym.Text)
	if !ok {
		return false
	}
	if !t.ends {
		t.bytes = appendNum(t.bytes, v, t.width)
	} else {
		v = v.and(prefixMask(width, plen))
		t.bytes = appendNum(appendNum(t.bytes, v, t.width), v.or(ones(width-plen)), t.width)
	}
	t.at = append(t.at, e.Key.At())
	return true
}
