package bytecode

import "reflect"

// exprKinds numbers the expressions in rules.bin: a kind is its index here.
// New kinds go to the end; a change of order or of fields is a new format
// version.
var exprKinds = []func() Expr{
	func() Expr { return new(Payload) }, func() Expr { return new(PayloadSet) },
	func() Expr { return new(Meta) }, func() Expr { return new(MetaSet) },
	func() Expr { return new(CT) }, func() Expr { return new(CTSet) },
	func() Expr { return new(Cmp) }, func() Expr { return new(Range) },
	func() Expr { return new(Bitwise) }, func() Expr { return new(Byteorder) },
	func() Expr { return new(Lookup) }, func() Expr { return new(Immediate) },
	func() Expr { return new(Counter) }, func() Expr { return new(Limit) },
	func() Expr { return new(Quota) }, func() Expr { return new(Log) },
	func() Expr { return new(Reject) }, func() Expr { return new(NAT) },
	func() Expr { return new(Masq) }, func() Expr { return new(Redir) },
	func() Expr { return new(Dynset) }, func() Expr { return new(Objref) },
	func() Expr { return new(Exthdr) }, func() Expr { return new(Rt) },
	func() Expr { return new(Fib) }, func() Expr { return new(Socket) },
	func() Expr { return new(Numgen) }, func() Expr { return new(Hash) },
	func() Expr { return new(TProxy) }, func() Expr { return new(Synproxy) },
	func() Expr { return new(Dup) }, func() Expr { return new(Fwd) },
	func() Expr { return new(Queue) }, func() Expr { return new(Notrack) },
	func() Expr { return new(Last) }, func() Expr { return new(Connlimit) },
	func() Expr { return new(OSF) }, func() Expr { return new(Xfrm) },
	func() Expr { return new(FlowOffload) }, func() Expr { return new(Inner) },
	func() Expr { return new(XT) },
}

// kindNumbers gives an expression's kind.
var kindNumbers = func() map[reflect.Type]uint8 {
	m := make(map[reflect.Type]uint8)
	for i, f := range exprKinds {
		m[reflect.TypeOf(f())] = uint8(i)
	}
	return m
}()

// maxNested bounds expressions within expressions: a dynset or an inner
// expression in a rule holds plain ones.
const maxNested = 2

func codeExprs(c *coder, exprs *[]Expr) { list(c, exprs, codeExpr) }

func codeExpr(c *coder, e *Expr) {
	kind := kindNumbers[reflect.TypeOf(*e)]
	if !c.reading && *e == nil {
		c.fail("a rule holds no expression where one must be")
		return
	}
	num(c, &kind)
	if int(kind) >= len(exprKinds) {
		c.fail("expression of unknown kind %d", kind)
		return
	}
	if c.nested >= maxNested {
		c.fail("expressions nested too deep")
		return
	}
	if c.reading {
		*e = exprKinds[kind]()
	}
	c.nested++
	(*e).code(c)
	c.nested--
}
