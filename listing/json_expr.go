package listing

import (
	"strings"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/nf"
	"nfvm/proto"
)

// exprJSON is an expression in libnftables' JSON.
func (p *printer) exprJSON(n *node) any {
	if n == nil {
		return nil
	}
	switch n.kind {
	case kindValue:
		return p.valueJSON(n)
	case kindString:
		return unquote(p.text(n.raw, n.typ))
	case kindPayload:
		return payloadJSON(n)
	case kindExthdr:
		return p.exthdrJSON(n)
	case kindLoad:
		return p.loadJSON(n)
	case kindBinop:
		return one(n.op, p.operandsJSON(n, n.op))
	case kindConcat:
		return one("concat", p.listJSON(rawParts(n.parts)))
	case kindSet:
		return p.setRefJSON(n)
	case kindMap:
		return one("map", p.mapJSON(n))
	case kindRange:
		opt := *p.opt
		opt.NumericProto = true
		q := &printer{table: p.table, opt: &opt, depth: p.depth}
		return one("range", array{q.exprJSON(n.left), q.exprJSON(n.right)})
	case kindPrefix:
		if r := newerRange(n); r != nil {
			return p.exprJSON(r)
		}
		return one("prefix", obj{{"addr", p.exprJSON(n.left)}, {"len", n.off}})
	}
	return nil
}

// operandsJSON are the two operands; what the same operator joins on the left
// is one list, and so are flags.
func (p *printer) operandsJSON(n *node, op string) array {
	left := array{}
	if n.left.kind == kindBinop && n.left.op == op {
		left = p.operandsJSON(n.left, op)
	} else {
		left = append(left, p.exprJSON(n.left))
	}
	if n.right.kind == kindValue && n.right.typ.Base == datatype.Bitmask && op == "|" {
		if bits, ok := p.bitsJSON(n.right).(array); ok {
			return append(left, bits...)
		}
	}
	return append(left, p.exprJSON(n.right))
}

func (p *printer) listJSON(parts []*node) array {
	out := array{}
	for _, x := range parts {
		out = append(out, p.exprJSON(x))
	}
	return out
}

func (p *printer) mapJSON(n *node) obj {
	return obj{{"key", p.exprJSON(n.left)}, {"data", p.exprJSON(n.right)}}
}

func unquote(s string) string { return strings.Trim(s, `"`) }

// valueJSON is a constant: a number where the type has no text for it.
func (p *printer) valueJSON(n *node) any {
	if n.typ.Base == datatype.Bitmask {
		if bits, ok := p.bitsJSON(n).(array); ok {
			return one("|", bits)
		}
		return p.bitsJSON(n)
	}
	switch n.typ {
	case datatype.ICMPCode, datatype.ICMPv6Code, datatype.ICMPXCode:
		return datatype.Uint(n.num()) // the names are those of one type only
	}
	if n.typ == datatype.Boolean {
		return datatype.Uint(n.num()) != 0
	}
	if n.typ == datatype.Time { // seconds; kept in milliseconds
		return datatype.Uint(n.num()) / 1000
	}
	text := unquote(datatype.FormatValue(n.typ, n.num(), &p.opt.Options))
	v := n.big()
	if text == v.String() || text == datatype.FormatInteger(n.typ, n.num()) {
		switch {
		case n.typ == datatype.IfaceIndex || n.typ == datatype.Realm:
			return v.String()
		case !v.IsUint64():
			return "0x" + v.Text(16)
		}
		return v.Uint64()
	}
	return text
}

// bitsJSON is a bitmask: the names of its bits.
func (p *printer) bitsJSON(n *node) any {
	var out array
	for _, b := range bitsOf(n) {
		if b.typ == datatype.CTLabel {
			out = append(out, b.big().BitLen()-1)
			continue
		}
		text := unquote(datatype.FormatValue(b.typ, b.num(), &p.opt.Options))
		if name := newerName(b); name != "" && !p.opt.Numeric {
			out = append(out, name)
			continue
		}
		if v := b.big(); text == datatype.FormatInteger(b.typ, b.num()) && v.IsUint64() {
			out = append(out, v.Uint64())
			continue
		}
		out = append(out, text)
	}
	if len(out) == 0 {
		return uint64(0)
	}
	return single(out)
}

// newerName is the name that only nft 1.1 has for a bit.
func newerName(b *node) string {
	v := b.big()
	for _, s := range b.typ.Newer {
		if v.IsUint64() && v.Uint64() == s.Value && v.TrailingZeroBits()+1 == uint(v.BitLen()) {
			return s.Name
		}
	}
	return ""
}

func payloadJSON(n *node) obj {
	var o obj
	if n.tunnel != nil {
		o = obj{{"tunnel", n.tunnel.Name}}
	}
	if n.field != nil {
		return one("payload", append(o, obj{{"protocol", n.desc.Name}, {"field", n.field.Name}}...))
	}
	base := [...]string{"ll", "nh", "th", "ih"}
	return one("payload", append(o, obj{{"base", base[n.base&3]}, {"offset", n.off}, {"len", n.bits}}...))
}

func (p *printer) exthdrJSON(n *node) obj {
	e := n.src.(*bytecode.Exthdr)
	key := map[bytecode.ExthdrOp]string{bytecode.ExthdrTCPOpt: "tcp option", bytecode.ExthdrIPv4: "ip option",
		bytecode.ExthdrSCTP: "sctp chunk", bytecode.ExthdrDCCP: "dccp option"}[e.Op]
	switch {
	case key == "":
		key = "exthdr"
	case e.Op == bytecode.ExthdrDCCP:
		return one(key, obj{{"type", int(e.Type)}})
	case e.Op == bytecode.ExthdrTCPOpt && n.field == nil && proto.FindExthdr(proto.OpTCPOption, p.exthdrName(n, e)) == nil:
		width := n.bits
		if e.Reset {
			width = 0
		}
		return one(key, obj{{"base", int(e.Type)}, {"offset", n.off}, {"len", width}})
	case e.Op == bytecode.ExthdrTCPOpt && n.field == nil && e.Flags&bytecode.ExthdrPresent == 0 && !e.Reset:
		return one(key, obj{{"base", int(e.Type)}, {"offset", n.off}, {"len", n.bits}})
	}
	o := obj{{"name", p.exthdrName(n, e)}}
	if n.field != nil && e.Flags&bytecode.ExthdrPresent == 0 && !e.Reset {
		o.add("field", n.field.Name+n.index())
	}
	return one(key, o)
}

func (p *printer) loadJSON(n *node) any {
	switch e := n.src.(type) {
	case *bytecode.Meta:
		return one("meta", obj{{"key", keyName(proto.MetaKeys, int(e.Key))}})
	case *bytecode.CT:
		return ctJSON(e)
	case *bytecode.Rt:
		family, key, ok := strings.Cut(keyName(proto.RtKeys, int(e.Key)), " ")
		if !ok {
			return one("rt", obj{{"key", family}})
		}
		return one("rt", obj{{"key", key}, {"family", family}})
	case *bytecode.Fib:
		return fibJSON(n, e)
	case *bytecode.Numgen:
		mode := "inc"
		if e.Random {
			mode = "random"
		}
		return one("numgen", obj{{"mode", mode}, {"mod", uint64(e.Modulus)}, {"offset", uint64(e.Offset)}})
	case *bytecode.Hash:
		return p.hashJSON(n, e)
	case *bytecode.Socket:
		q := &printer{}
		q.socket(e)
		return one("socket", obj{{"key", strings.Fields(q.String())[1]}})
	case *bytecode.OSF:
		return osfJSON(e)
	case *bytecode.Xfrm:
		return xfrmJSON(e)
	}
	return nil
}

func ctJSON(e *bytecode.CT) obj {
	key := keyName(proto.CTKeys, int(e.Key))
	o := obj{{"key", key}}
	if hasDir(e) {
		o.add("dir", nf.Dir(e.Dir).String())
	}
	return one("ct", o)
}

func fibJSON(n *node, e *bytecode.Fib) obj {
	words := strings.Fields(strings.ReplaceAll(fibText(n, e, true), " . ", " "))
	if len(words) < 2 {
		return one("fib", obj{})
	}
	return one("fib", obj{{"result", words[len(words)-1]}, {"flags", single(wordList(words[1 : len(words)-1]))}})
}

func (p *printer) hashJSON(n *node, e *bytecode.Hash) obj {
	o := obj{{"mod", uint64(e.Modulus)}}
	if e.HasSeed {
		o.add("seed", uint64(e.Seed))
	}
	if e.Offset != 0 {
		o.add("offset", uint64(e.Offset))
	}
	if e.Symmetric {
		return one("symhash", o)
	}
	o.add("expr", p.exprJSON(n.left))
	return one("jhash", o)
}

func osfJSON(e *bytecode.OSF) obj {
	o := obj{{"key", "name"}}
	if e.Flags != 0 {
		o[0].value = "version"
	}
	switch e.TTL {
	case 1:
		o.add("ttl", "loose")
	case 2:
		o.add("ttl", "skip")
	}
	return one("osf", o)
}

func xfrmJSON(e *bytecode.Xfrm) obj {
	q := &printer{}
	q.xfrm(&bytecode.Xfrm{Key: e.Key})
	words := strings.Fields(q.String())
	o := obj{{"key", words[len(words)-1]}}
	if len(words) > 3 {
		o.add("family", words[2])
	}
	dir := "in"
	if e.Out {
		dir = "out"
	}
	o.add("dir", dir)
	o.add("spnum", uint64(e.Spnum))
	return one("ipsec", o)
}
