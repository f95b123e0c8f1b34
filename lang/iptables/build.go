package iptables

import (
	"net/netip"
	"strconv"

	"nfvm/lang"
)

// A build makes nodes of the tree; they all have one place, that of the option
// they express.
type build struct{ at span }

func (b build) pos() lang.Pos { return lang.Pos{Span: b.at} }

func (b build) word(s string) lang.Word { return lang.Word{Pos: b.pos(), Text: s} }

func (b build) num(n uint64) lang.Number { return lang.Number{Pos: b.pos(), Value: n} }

func (b build) value(n uint64) lang.Expr { return &lang.Number{Pos: b.pos(), Value: n} }

func (b build) symbol(s string) lang.Expr { return &lang.Symbol{Pos: b.pos(), Text: s} }

// str is a quoted string; an asterisk at its end is itself.
func (b build) str(s string) lang.Expr {
	if n := len(s); n > 0 && s[n-1] == '*' {
		s = s[:n-1] + `\*`
	}
	return &lang.Symbol{Pos: b.pos(), Text: s, Kind: lang.SymQuoted}
}

// addr is an address constant of 4 or 16 bytes.
func (b build) addr(a []byte) lang.Expr {
	kind := lang.SymIPv4
	if len(a) == 16 {
		kind = lang.SymIPv6
	}
	return &lang.Symbol{Pos: b.pos(), Text: addrText(a), Kind: kind}
}

func (b build) field(proto, field string) *lang.Payload {
	return &lang.Payload{Pos: b.pos(), Proto: b.word(proto), Field: b.word(field), Whole: headerSizes[proto]}
}

// headerSizes are the bytes of a transport header that iptables' matches want to
// see before they look at any; multiport, for which it is "th", only the ports.
var headerSizes = map[string]uint8{
	"tcp": 20, "udp": 8, "udplite": 8, "sctp": 12, "dccp": 12, "esp": 8, "ah": 12, "comp": 4, "icmp": 8, "icmpv6": 8, "th": 4,
}

// raw is the bits of a header: base is ll, nh or th.
func (b build) raw(base string, offset, width uint64) lang.Expr {
	return &lang.RawPayload{Pos: b.pos(), Base: b.word(base), Offset: b.num(offset), Len: b.num(width)}
}

func (b build) meta(key string) lang.Expr { return &lang.Meta{Pos: b.pos(), Key: b.word(key)} }

// ct is a property of the connection; dir is original, reply or empty, l3 is
// ip, ip6 or empty.
func (b build) ct(dir, l3, key string) lang.Expr {
	c := &lang.CT{Pos: b.pos(), Key: b.word(key)}
	if dir != "" {
		c.Dir = b.word(dir)
	}
	if l3 != "" {
		c.L3 = b.word(l3)
	}
	return c
}

func (b build) binary(op lang.BinaryOp, l, r lang.Expr) lang.Expr {
	return &lang.Binary{Pos: b.pos(), Op: op, Left: l, Right: r, OpSpan: b.at}
}

// masked is `x & mask`, or x where the mask has all the bits.
func (b build) masked(x lang.Expr, mask, all uint64) lang.Expr {
	if mask&all == all {
		return x
	}
	return b.binary(lang.OpAnd, x, b.value(mask))
}

// between is the value low-high, or low where they are one.
func (b build) between(r bounds) lang.Expr {
	if r.low == r.high {
		return b.value(r.low)
	}
	return &lang.Range{Pos: b.pos(), From: b.value(r.low), To: b.value(r.high)}
}

// set is an anonymous set.
func (b build) set(values ...lang.Expr) lang.Expr {
	s := &lang.SetLit{Pos: b.pos()}
	for _, v := range values {
		s.Elems = append(s.Elems, lang.Elem{Pos: b.pos(), Key: v})
	}
	return s
}

func (b build) concat(parts ...lang.Expr) lang.Expr { return &lang.Concat{Pos: b.pos(), Parts: parts} }

func (b build) match(op lang.Op, left, right lang.Expr) lang.Stmt {
	return &lang.Match{Relational: lang.Relational{Pos: b.pos(), Op: op, Left: left, Right: right, OpSpan: b.at}}
}

// equal is the comparison for equality, or for its opposite.
func (b build) equal(left, right lang.Expr, not bool) lang.Stmt {
	if not {
		return b.match(lang.OpNeq, left, right)
	}
	return b.match(lang.OpEq, left, right)
}

func (b build) assign(target, value lang.Expr) lang.Stmt {
	return &lang.Assign{Pos: b.pos(), Target: target, Value: value}
}

func (b build) end(k lang.VerdictKind, chain string) lang.Stmt {
	v := &lang.Verdict{Pos: b.pos(), Kind: k}
	if chain != "" {
		v.Chain = b.symbol(chain)
	}
	return &lang.VerdictStmt{Pos: b.pos(), Verdict: v}
}

// addrRange is a range of addresses, or one.
func (b build) addrRange(from, to netip.Addr) lang.Expr {
	if from == to {
		return b.addr(from.AsSlice())
	}
	return &lang.Range{Pos: b.pos(), From: b.addr(from.AsSlice()), To: b.addr(to.AsSlice())}
}

// ids is a range of user or group numbers, which are read like names.
func (b build) ids(r bounds) lang.Expr {
	id := func(n uint64) lang.Expr {
		return &lang.Symbol{Pos: b.pos(), Text: strconv.FormatUint(n, 10), Kind: lang.SymNumber}
	}
	if r.low == r.high {
		return id(r.low)
	}
	return &lang.Range{Pos: b.pos(), From: id(r.low), To: id(r.high)}
}

// wholeSeconds is a range of times, cut to seconds before they are compared.
func (b build) wholeSeconds(r bounds) lang.Expr {
	t := func(text string) lang.Expr { return &lang.Symbol{Pos: b.pos(), Text: text, Kind: lang.SymTime} }
	return &lang.Range{Pos: b.pos(), From: t(strconv.FormatUint(r.low, 10) + "s"), To: t(strconv.FormatUint(r.high, 10) + "s999ms")}
}
