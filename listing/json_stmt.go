package listing

import (
	"strings"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/nf"
)

func (p *printer) ruleExprJSON(r *bytecode.Rule) array {
	out := array{}
	for _, s := range parse(p.table, r.Exprs, true) {
		out = append(out, p.stmtJSON(s))
	}
	return out
}

func (p *printer) stmtJSON(s *stmt) any {
	switch s.kind {
	case stmtMatch:
		return p.matchJSON(s)
	case stmtVmap:
		return one("vmap", p.mapJSON(s.left))
	case stmtSet:
		if raw, v := rawWrite(s); raw != nil {
			return one("mangle", obj{{"key", payloadJSON(raw)}, {"value", v.big().Uint64()}})
		}
		if s.right.kind == kindValue && s.right.typ == datatype.CTEvent {
			return one("mangle", obj{{"key", p.exprJSON(s.left)}, {"value", p.bitsJSON(s.right)}})
		}
		return one("mangle", obj{{"key", p.exprJSON(s.left)}, {"value", p.exprJSON(s.right)}})
	case stmtDynset:
		return p.dynsetJSON(s)
	case stmtObjref:
		return p.objrefJSON(s)
	case stmtNAT, stmtTProxy:
		return p.natJSON(s)
	}
	return p.actionJSON(s)
}

func (p *printer) matchJSON(s *stmt) any {
	s = newerMatch(s)
	op, left, right := s.op, p.exprJSON(s.left), any(nil)
	switch {
	case s.right.kind == kindValue && s.right.typ.Base == datatype.Bitmask && (op == "" || op == "!"):
		right = p.bitsJSON(s.right)
	case s.right.kind == kindValue && s.right.typ.Base == datatype.Bitmask && wholeFlags(s):
		right = s.right.big().Uint64()
	default:
		right = p.exprJSON(s.right)
	}
	switch {
	case op == "" && (s.right.op == "list" || s.right.op == acrossMidnight):
		op = "in"
	case op == "":
		op = "=="
	}
	return one("match", obj{{"op", op}, {"left", left}, {"right", right}})
}

func (p *printer) dynsetJSON(s *stmt) any {
	e := s.src.(*bytecode.Dynset)
	elem := p.exprJSON(s.left)
	if e.Timeout != 0 {
		elem = one("elem", obj{{"val", elem}, {"timeout", e.Timeout / 1000}})
	}
	name := "@" + s.parts[0].set.Name
	o := obj{{"op", e.Op.String()}, {"elem", elem}}
	key := "set"
	if s.right != nil {
		key = "map"
		o.add("data", p.exprJSON(s.right))
	}
	o.add(key, name)
	if exprs := dynsetExprs(e, s.parts[0].set); len(exprs) > 0 {
		o.add("stmt", p.statelessJSON(exprs))
	}
	return one(key, o)
}

var objectKeys = map[bytecode.ObjectType]string{
	bytecode.ObjectCounter: "counter", bytecode.ObjectQuota: "quota", bytecode.ObjectLimit: "limit",
	bytecode.ObjectCTHelper: "ct helper", bytecode.ObjectCTTimeout: "ct timeout",
	bytecode.ObjectCTExpect: "ct expectation", bytecode.ObjectSynproxy: "synproxy", bytecode.ObjectSecmark: "secmark",
}

func (p *printer) objrefJSON(s *stmt) any {
	e := s.src.(*bytecode.Objref)
	if s.left != nil {
		return one(objectKeys[s.left.set.ObjectType], p.exprJSON(s.left))
	}
	return one(objectKeys[e.Type], e.Object)
}

func (p *printer) natJSON(s *stmt) any {
	var o obj
	var flags uint32
	var family nf.Family
	word := ""
	switch e := s.src.(type) {
	case *bytecode.NAT:
		word, flags, family = e.Type.String(), e.Flags, e.Family
	case *bytecode.Masq:
		word, flags = "masquerade", e.Flags
	case *bytecode.Redir:
		word, flags = "redirect", e.Flags
	case *bytecode.TProxy:
		word, family = "tproxy", e.Family
	}
	addr, port := s.parts[0], s.parts[2]
	pair := addr != nil && addr.kind == kindMap && len(typeByID(addr.set.DataType).Fields) == 2
	mapped := addr != nil && addr.kind == kindMap && (pair || addr.set.DataInterval)
	if (p.table.Family == nf.FamilyInet || mapped) && (family == nf.FamilyIPv4 || family == nf.FamilyIPv6) {
		o.add("family", family.String())
	}
	if addr != nil {
		o.add("addr", p.boundsJSON(addr, s.parts[1]))
	}
	if port != nil && !pair {
		o.add("port", p.boundsJSON(port, s.parts[3]))
	}
	var list array
	if words := natFlags(flags); words != "" {
		list = wordList(strings.Split(words[1:], ","))
	}
	if flags&bytecode.NATNetmap != 0 {
		list = append(list, "netmap")
	}
	if len(list) > 0 {
		o.add("flags", single(list))
	}
	if flags&bytecode.NATNetmap != 0 {
		o.add("type_flags", "prefix")
	}
	if o == nil {
		return one(word, nil)
	}
	return one(word, o)
}

// boundsJSON is an address or port, or a range of them.
func (p *printer) boundsJSON(lo, hi *node) any {
	if hi == nil || lo.kind != kindValue || hi.kind != kindValue {
		return p.exprJSON(lo)
	}
	if bits, ok := rangePrefix(lo.big(), hi.big(), lo.bits); ok && hasPrefixes(lo.typ) {
		return one("prefix", obj{{"addr", p.exprJSON(lo)}, {"len", bits}})
	}
	return one("range", array{p.exprJSON(lo), p.exprJSON(hi)})
}

func (p *printer) rejectJSON(s *stmt, e *bytecode.Reject) any {
	switch {
	case e.Type == bytecode.RejectTCPReset:
		return one("reject", one("type", "tcp reset"))
	case e.Type == bytecode.RejectICMPX:
		return one("reject", p.codeJSON("icmpx", datatype.ICMPXCode, e.Code))
	case s.reject == reject6:
		return one("reject", p.codeJSON("icmpv6", datatype.ICMPv6Code, e.Code))
	}
	return one("reject", p.codeJSON("icmp", datatype.ICMPCode, e.Code))
}

func (p *printer) codeJSON(word string, t *datatype.Type, code uint8) obj {
	text := datatype.FormatValue(t, []byte{code}, &p.opt.Options)
	if text == datatype.FormatInteger(t, []byte{code}) {
		return obj{{"type", word}, {"expr", uint64(code)}}
	}
	return obj{{"type", word}, {"expr", text}}
}
