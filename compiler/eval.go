package compiler

import (
	"encoding/binary"
	"net/netip"

	"strconv"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/diag"
	"nfvm/lang"
)

type span = diag.Span

// A rule is one rule under evaluation.
type rule struct {
	*compiler
	table  *tableState
	chain  *chainState // nil outside a chain
	ctx    protoCtx
	inner  innerState
	stmts  []stmt
	out    *ruleState
	nodes  *nodes
	failed bool
	// keyed: a value under evaluation is part of a key, so that fields narrower
	// than their bytes are shifted down in the packet's register.
	keyed bool
	// stmtWidth is how many bits the statement under evaluation stores (meta, ct),
	// 0 for others: values in it may be that wide.
	stmtWidth int
	// literals are what constant parts of a key under evaluation must be: the
	// parts of the named set's key.
	literals []info
	// loose: only the type of an expression is wanted, in any context.
	loose bool
	// unchecked: an implied match may be about what the rule compared already.
	unchecked bool
}

// errorf reports a mistake of the rule.
func (r *rule) errorf(at span, format string, args ...any) *diag.Diagnostic {
	r.failed = true
	return r.compiler.errorf(at, format, args...)
}

// refuse reports what the kernel would refuse in the rule.
func (r *rule) refuse(at span, errno, why string, args ...any) *diag.Diagnostic {
	r.failed = true
	return r.compiler.refuse(at, errno, why, args...)
}

// eval evaluates an expression in the context of want: what type, byte order
// and width a constant gets. The zero want is "whatever it says itself". On a
// mistake, which has been reported, it gives nil.
func (r *rule) eval(e lang.Expr, want info) expr {
	switch e := e.(type) {
	case *lang.VarRef:
		return r.evalVar(e, want)
	case *lang.Symbol:
		return r.symbol(e.Text, e.Kind, e.Span, want)
	case *lang.Number:
		return r.number(e.Value, e.Span, want)
	case *lang.List:
		return r.list(e, want)
	case *lang.Prefix:
		return r.prefix(e, want)
	case *lang.Range:
		return r.rangeExpr(e, want)
	case *lang.Concat:
		return r.concatExpr(e, want)
	case *lang.Binary:
		return r.binary(e, want)
	case *lang.Map:
		return r.mapExpr(e, want)
	case *lang.SetRef:
		return r.setReference(e)
	case *lang.SetLit:
		r.errorf(e.Span, "a set is not allowed here")
		return nil
	case *lang.Wildcard:
		r.errorf(e.Span, "* is only allowed as an element of a set")
		return nil
	case *lang.Verdict:
		r.errorf(e.Span, "a verdict is not allowed here")
		return nil
	case *lang.Relational:
		r.errorf(e.Span, "a comparison is not allowed here")
		return nil
	}
	x := r.selector(e)
	switch x := x.(type) {
	case *simpleExpr:
		x.info = x.info.number32(want)
	case *jhash:
		x.info = x.info.number32(want)
	}
	return x
}

// number32 is a generated number (numgen, a hash) where a value is needed: it
// takes the type of what has 32 bits.
func (i info) number32(want info) info {
	if i.max != 0 && want.width == 32 && want.typ != nil && want.typ.Base == datatype.Integer {
		i.typ = want.typ
	}
	return i
}

// evalVar evaluates what a variable stands for; places are those of its use.
func (r *rule) evalVar(e *lang.VarRef, want info) expr {
	v := resolve(e)
	if v == nil {
		r.failed = true
		return nil
	}
	x := r.eval(v, want)
	if x != nil && isConstant(x) {
		if _, isSet := x.(*setRef); !isSet {
			x.inf().at = e.Span
		}
	}
	return x
}

// symbol reads a word as a value of the wanted type.
func (r *rule) symbol(text string, kind lang.SymbolKind, at span, want info) expr {
	t := want.typ
	if t == nil {
		r.errorf(at, "%q is not a packet field: a comparison starts with one", text)
		return nil
	}
	if k, ok := keywords[text]; ok && kind == lang.SymWord && len(t.Fields) == 0 {
		return r.integer(k.typ, n64(k.val), at, want)
	}
	if t.IsString() {
		return r.stringValue(text, at, want)
	}
	if kind == lang.SymMAC && !t.Is(datatype.LLAddr) || len(t.Fields) > 0 {
		r.errorf(at, "Could not parse %s", t.Desc)
		return nil
	}
	bits := want.width
	if t.Size != 0 && t.Size < bits || bits == 0 {
		bits = t.Size
	}
	v, ok := addressValue(t, bits, text)
	if !ok {
		b, err := r.env.Value(t, bits, text)
		if err != nil {
			r.symbolError(t, text, at, err)
			return nil
		}
		v = numFrom(b, datatype.BigEndian)
	}
	return r.integer(t, v, at, want)
}

// integer makes a constant of a type, which may be as wide as what is wanted or
// what is stored.
func (r *rule) integer(t *datatype.Type, v num, at span, want info) expr {
	width := want.width
	if width > 0 {
		width = max(width, r.stmtWidth)
	}
	if width != 0 && v.bitLen() > width {
		r.outOfRange(v, at, width)
		return nil
	}
	return r.constant(info{typ: t, order: want.order, width: width, at: at}, v)
}

// addressValue reads the usual form of an address of the internet, which large
// sets have many of.
func addressValue(t *datatype.Type, bits int, text string) (num, bool) {
	if t != datatype.IPv4Addr && t != datatype.IPv6Addr || bits != t.Size {
		return num{}, false
	}
	a, err := netip.ParseAddr(text)
	switch {
	case err != nil || a.Zone() != "" || a.Is4() != (t == datatype.IPv4Addr):
		return num{}, false
	case a.Is4():
		b := a.As4()
		return n64(uint64(binary.BigEndian.Uint32(b[:]))), true
	}
	b := a.As16()
	return num{binary.BigEndian.Uint64(b[:]), binary.BigEndian.Uint64(b[8:])}, true
}

func (r *rule) symbolError(t *datatype.Type, text string, at span, err error) {
	hint := orKnown(text, datatype.SymbolNames(t))
	if t == datatype.IPv4Addr || t == datatype.IPv6Addr {
		hint = ": an " + t.Desc + " is needed, names are not looked up"
	}
	r.errorf(at, "%s%s", err, hint)
}

func (r *rule) outOfRange(v num, at span, width int) {
	r.errorf(at, "Value %s exceeds valid range 0-%s", v, ones(width))
}

// number makes a constant of a number.
func (r *rule) number(n uint64, at span, want info) expr {
	t := want.typ
	if t == nil {
		return r.constant(info{typ: datatype.Integer, width: 64, at: at}, n64(n))
	}
	v := n64(n)
	switch {
	case t.IsString():
		return r.stringValue(strconv.FormatUint(n, 10), at, want)
	case t == datatype.Boolean && n > 1:
		v = n64(1) // anything but zero is true
	case t == datatype.Day && n > 6:
		r.errorf(at, "Value %d exceeds valid range 0-6", n)
		return nil
	case t == datatype.CTLabel, t == datatype.CgroupV2, t == datatype.Time, t == datatype.Date, t == datatype.EtherAddr,
		t == datatype.IPv6Addr, t == datatype.IfaceIndex, t == datatype.UID, t == datatype.GID:
		return r.symbol(strconv.FormatUint(n, 10), lang.SymNumber, at, want)
	case t == datatype.InetService && v.bitLen() > 16:
		r.errorf(at, "Service out of range")
		return nil
	case t == datatype.InetProto && v.bitLen() > 8:
		r.errorf(at, "Protocol out of range")
		return nil
	case want.max != 0 && n > want.max:
		r.errorf(at, "Value %d exceeds valid range 0-%d", n, want.max)
		return nil
	case len(t.Fields) > 0:
		r.errorf(at, "datatype mismatch, expected %s, expression has type integer", t.Desc)
		return nil
	}
	return r.integer(t, v, at, want)
}

func (r *rule) text(at span) string { return string(r.sources.Text(at)) }

// stringValue reads text such as an interface name; a trailing * makes it a
// prefix.
func (r *rule) stringValue(text string, at span, want info) expr {
	width := want.width
	if width == 0 {
		width = 128
	}
	i := info{typ: want.typ, order: datatype.HostEnd, width: width, at: at}
	if text == "" {
		r.errorf(at, "Empty string is not allowed")
		return nil
	}
	wild := len(text) > 0 && text[len(text)-1] == '*'
	if wild && len(text) > 1 && text[len(text)-2] == '\\' {
		wild, text = false, text[:len(text)-2]+"*"
	}
	if len(text) >= width/8 {
		r.errorf(at, "String exceeds maximum length of %d", width/8)
		return nil
	}
	if wild {
		if text = text[:len(text)-1]; text == "" {
			r.errorf(at, "All-wildcard strings are not supported")
			return nil
		}
	}
	v := r.constant(i, numFrom([]byte(text), datatype.HostEnd))
	if wild {
		return &prefixVal{info: i, addr: v, plen: 8 * len(text)}
	}
	return v
}

// list joins the bits of `a,b,c`.
func (r *rule) list(e *lang.List, want info) expr {
	if want.typ == nil || !want.typ.IsBitmask() {
		desc := "integer"
		if want.typ != nil {
			desc = want.typ.Desc
		}
		r.errorf(e.Span, "List of values is only allowed for bitmasks, not for %s", desc)
		return nil
	}
	sum := r.constant(info{typ: want.typ, order: want.order, width: want.width, at: e.Span}, num{})
	for _, it := range e.Items {
		x := r.eval(it, want)
		if x == nil {
			return nil
		}
		v, ok := x.(*constant)
		if !ok {
			r.errorf(it.At(), "List member must be a constant bitmask value")
			return nil
		}
		sum.val = sum.val.or(v.val)
	}
	return sum
}

func (r *rule) prefix(e *lang.Prefix, want info) expr {
	x := r.eval(e.Addr, want)
	if x == nil {
		return nil
	}
	v, ok := x.(*constant)
	if !ok {
		r.errorf(e.Addr.At(), "Prefix expression is undefined for this kind of value")
		return nil
	}
	if e.Len.Value > uint64(v.width) {
		r.errorf(e.Span, "Prefix length %d is invalid for type of %d bits width", e.Len.Value, v.width)
		return nil
	}
	i := v.info
	i.at = e.Span
	return &prefixVal{info: i, addr: v, plen: int(e.Len.Value)}
}

func (r *rule) rangeExpr(e *lang.Range, want info) expr {
	from, to := r.eval(e.From, want), r.eval(e.To, want)
	if from == nil || to == nil {
		return nil
	}
	a, ok1 := from.(*constant)
	b, ok2 := to.(*constant)
	if !ok1 || !ok2 {
		r.errorf(e.Span, "Range has to be between two constants")
		return nil
	}
	i := a.info
	i.at = e.Span
	for _, x := range []*constant{a, b} {
		if x.typ.IsString() {
			r.errorf(x.at, "Range expression is undefined for %s types", x.typ.Desc).Note(e.Span, "")
			return nil
		}
	}
	if t := want.typ; (t == datatype.Hour || t == datatype.Day) && a.val.cmp(b.val) > 0 {
		i.typ = b.typ
		return &rangeVal{info: i, from: a, to: b} // crosses midnight, or the week's end
	}
	switch c := a.val.cmp(b.val); {
	case c > 0:
		r.errorf(e.Span, "Range has zero or negative size")
		return nil
	case c == 0:
		return &constant{info: i, val: a.val}
	}
	if a.val == b.val {
		a.at = e.Span
		return a
	}
	return &rangeVal{info: i, from: a, to: b}
}

// setReference finds a named set.
func (r *rule) setReference(e *lang.SetRef) expr {
	s := r.table.set(e.Name)
	if s == nil {
		r.failed = true
		r.noSet(e.Span, r.table, e.Name)
		return nil
	}
	r.use(s)
	return &setRef{info: info{typ: s.key.typ, order: s.key.order, width: s.key.width, at: e.Span}, set: s}
}

// use notes that the rule refers to a set.
func (r *rule) use(s *setState) {
	if r.out != nil {
		r.out.sets = append(r.out.sets, s)
		r.count(&s.uses)
	}
}

// shiftOps are the operations that move bits.
func isShift(op bytecode.BitwiseOp) bool {
	return op == bytecode.BitwiseLshift || op == bytecode.BitwiseRshift
}
