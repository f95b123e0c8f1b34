package compiler

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/diag"
	"nfvm/lang"
	"nfvm/nf"
)

// Describe gives what `nft describe` prints about an expression or the name of
// a datatype. Spans of e point into sources. With errors in the list the text is
// empty; an unknown name is only worth a warning, as for nft.
func Describe(e lang.Expr, sources *diag.Sources, opt Options) (string, diag.List) {
	if sym, ok := e.(*lang.Symbol); ok {
		if t := datatype.ByName(sym.Text); t != nil {
			return datatype.Describe(t), diag.List{Sources: sources}
		}
		list := diag.List{Sources: sources}
		list.Warnf(e.At(), "unknown datatype %s%s", sym.Text, orKnown(sym.Text, datatype.Names()))
		return "symbol expression, datatype invalid (invalid)\n", list
	}
	word := expressionWord(e)
	if word == "" {
		return "symbol expression, datatype invalid (invalid)\n", diag.List{Sources: sources}
	}
	if undetermined(e) {
		return word + " expression, datatype invalid (invalid)\n", diag.List{Sources: sources}
	}
	i, list, ok := infoOf(e, sources, opt)
	if !ok {
		return "", list
	}
	return word + " expression, " + datatype.DescribeValue(described(e, i.typ), i.width), list
}

// rawInteger is what nft takes raw bits for.
var rawInteger = &datatype.Type{Name: "integer", Desc: "integer", Base: datatype.Integer}

// described is the type that nft tells of a field: of a whole header or option that of
// its first byte, although what it is compared with is whether it is there.
func described(e lang.Expr, t *datatype.Type) *datatype.Type {
	switch e.(type) {
	case *lang.RawPayload:
		if t == datatype.Integer {
			return rawInteger
		}
	case *lang.Exthdr:
		if t == datatype.Boolean {
			return datatype.InetProto
		}
	case *lang.TCPOption, *lang.IPOption, *lang.SCTPChunk, *lang.DCCPOption:
		if t == datatype.Boolean {
			return datatype.Integer
		}
	}
	return t
}

// infoOf evaluates a field outside of any rule.
func infoOf(e lang.Expr, sources *diag.Sources, opt Options) (i info, list diag.List, ok bool) {
	for _, f := range []nf.Family{nf.FamilyBridge, nf.FamilyInet} { // arp is of the former only
		c := newCompiler(opt, sources)
		t := &tableState{Table: &bytecode.Table{Family: f}}
		r := &rule{compiler: c, table: t, ctx: newProtoCtx(f), loose: true}
		i, ok = r.typeofPart(e)
		if list = c.diags; ok {
			break
		}
	}
	return i, list, ok
}

// TypeOf gives the type of the values that a field is compared with, nil where
// only the rule around tells.
func TypeOf(e lang.Expr, sources *diag.Sources, opt Options) *datatype.Type {
	if undetermined(e) {
		return nil
	}
	i, _, ok := infoOf(e, sources, opt)
	if !ok {
		return nil
	}
	return i.typ
}

// undetermined reports whether only the rule around an expression gives it a
// type.
func undetermined(e lang.Expr) bool {
	switch e := e.(type) {
	case *lang.CT:
		switch e.Key.Text {
		case "saddr", "daddr":
			return !e.L3.Set()
		case "proto-src", "proto-dst":
			return true
		}
	case *lang.Rt:
		return e.Key.Text == "nexthop" && !e.L3.Set()
	}
	return false
}

// expressionWord is nft's word for a kind of expression, "" for what it takes for a symbol.
func expressionWord(e lang.Expr) string {
	switch e.(type) {
	case *lang.Payload, *lang.RawPayload, *lang.Inner:
		return "payload"
	case *lang.Exthdr, *lang.TCPOption, *lang.IPOption, *lang.SCTPChunk, *lang.DCCPOption:
		return "exthdr"
	case *lang.Meta:
		return "meta"
	case *lang.CT:
		return "ct"
	case *lang.Fib:
		return "fib"
	case *lang.Rt:
		return "rt"
	case *lang.Socket:
		return "socket"
	case *lang.Osf:
		return "osf"
	case *lang.Ipsec:
		return "xfrm"
	case *lang.Numgen:
		return "numgen"
	case *lang.JHash, *lang.SymHash:
		return "hash"
	}
	return ""
}
