package classify

import "nfvm/bytecode"

// A loadKind is the kind of expression that a load is.
type loadKind uint8

const (
	loadPayload loadKind = iota
	loadMeta
	loadCT
	loadExthdr
	loadFib
	loadRt
)

// A load is an expression that reads something of the packet and changes
// nothing. Two equal loads with no effect between them give the same bytes, or
// fail both.
type load struct {
	kind  loadKind
	base  uint8 // of payload and exthdr; else the key
	dir   int8
	whole uint8
	fast  bool
	off   uint32 // of payload and exthdr
	n     uint32 // bytes
	more  uint64 // what else tells loads of one kind apart
}

// loadOf gives the load that an expression of a table is, and its register.
func loadOf(t *bytecode.Table, e bytecode.Expr) (l load, dreg bytecode.Reg, ok bool) {
	switch e := e.(type) {
	case *bytecode.Payload:
		l = load{kind: loadPayload, base: uint8(e.Base), off: e.Offset, n: e.Len, whole: e.Whole, fast: e.Fast()}
		return l, e.DReg, e.Base <= bytecode.PayloadInner
	case *bytecode.Meta:
		return load{kind: loadMeta, base: uint8(e.Key), n: e.Key.Len()}, e.DReg, e.Key != bytecode.MetaPRandom
	case *bytecode.CT:
		return load{kind: loadCT, base: uint8(e.Key), dir: e.Dir, n: e.Key.Len(t.Family)}, e.DReg, true
	case *bytecode.Exthdr:
		if e.Reset || e.SReg != 0 {
			return l, 0, false
		}
		l = load{kind: loadExthdr, base: uint8(e.Op), off: e.Offset, n: e.Len, more: uint64(e.Type)<<32 | uint64(e.Flags)}
		if e.Flags&bytecode.ExthdrPresent != 0 {
			l.n = 1
		}
		return l, e.DReg, true
	case *bytecode.Fib, *bytecode.Rt:
		return routeLoad(t, e)
	}
	return l, 0, false
}

func routeLoad(t *bytecode.Table, e bytecode.Expr) (l load, dreg bytecode.Reg, ok bool) {
	_, writes := bytecode.Registers(t, e)
	if len(writes) != 1 {
		return l, 0, false
	}
	l.n = writes[0].Len
	switch e := e.(type) {
	case *bytecode.Fib:
		if e.Flags&bytecode.FibPresent != 0 {
			return l, 0, false // how much of the register it writes is not said
		}
		l.kind, l.more = loadFib, uint64(e.Result)<<32|uint64(e.Flags)
	case *bytecode.Rt:
		l.kind, l.base = loadRt, uint8(e.Key)
	}
	return l, writes[0].Reg, true
}

// covers reports whether the bytes of a load are among those of a wider one, and
// whether it can't fail where that one did not.
func (l load) covers(s load) bool {
	if l.kind != loadPayload || s.kind != loadPayload {
		return l == s
	}
	if l.base != s.base || l.whole != s.whole || s.off < l.off || s.off+s.n > l.off+l.n {
		return false
	}
	// A fast load of the transport header is blind to fragments; others fail.
	return bytecode.PayloadBase(l.base) != bytecode.PayloadTransport || !l.fast || s.fast
}

// An origin is a byte of the packet or of what is known about it.
type origin struct {
	kind loadKind
	base uint8
	dir  int8
	off  uint32
	more uint64
}

// origin is where a byte of the load comes from; the same byte of a packet has
// the same origin in all loads.
func (l load) origin(at uint8) origin {
	o := origin{kind: l.kind, base: l.base, dir: l.dir, off: uint32(at), more: l.more}
	if l.kind == loadPayload {
		o.off += l.off
	} else if l.kind == loadExthdr {
		o.off |= l.off<<8 | l.n<<24
	}
	return o
}
