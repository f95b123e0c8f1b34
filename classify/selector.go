package classify

import "nfvm/bytecode"

// A Selector is a load whose result is part of an index's key: Len bytes from
// byte At of the key on, and bit Bit of its presence bits.
type Selector struct {
	Expr    bytecode.Expr
	At, Len int
	Bit     int
	load    load
}

// Selectors lays out the key of an index over some loads: payload, meta and ct
// expressions. It reports false for others, for too many, and for too wide a
// key.
func Selectors(t *bytecode.Table, exprs []bytecode.Expr) (list []Selector, ok bool) {
	at := presence
	if len(exprs) == 0 || len(exprs) > bytecode.MaxDispatchLoads {
		return nil, false
	}
	for i, e := range exprs {
		l, _, ok := loadOf(t, e)
		if !ok || l.kind > loadCT || l.n > bytecode.RegBytes {
			return nil, false
		}
		list = append(list, Selector{Expr: e, At: at, Len: int(l.n), Bit: i, load: l})
		if at += int(l.n); at > KeyBytes {
			return nil, false
		}
	}
	return list, true
}

// A Key is what a packet shows of itself to an index.
type Key [KeyBytes]byte

// Present tells that a selector's load did not fail; its value is in the key.
func (k *Key) Present(s *Selector) { k[s.Bit/8] |= 1 << (s.Bit % 8) }

// Absent tells that it failed.
func (k *Key) Absent(s *Selector) {
	k[s.Bit/8] &^= 1 << (s.Bit % 8)
	clear(k[s.At : s.At+s.Len])
}
