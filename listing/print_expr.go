package listing

import (
	"strconv"
	"strings"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/proto"
)

var precedence = map[string]int{"<<": 1, ">>": 1, "&": 2, "^": 3, "|": 4}

// operand prints an operand of op, in parentheses where it binds less.
func (p *printer) operand(op string, n *node) {
	if n.kind == kindBinop && op != "" && precedence[n.op] > precedence[op] {
		p.WriteByte('(')
		p.expr(n)
		p.WriteByte(')')
		return
	}
	if n.kind == kindValue && op != "" && n.typ.Base == datatype.Bitmask {
		if several := len(bitsOf(n)) > 1; several && op != "|" {
			p.WriteByte('(')
			defer func() { p.WriteByte(')') }()
		}
		p.flagsElement(n)
		return
	}
	p.expr(n)
}

func (p *printer) expr(n *node) {
	if n == nil {
		return
	}
	switch n.kind {
	case kindValue:
		p.WriteString(p.value(n))
	case kindString:
		p.WriteString(p.text(n.raw, n.typ))
	case kindPayload:
		p.payload(n)
	case kindExthdr:
		p.exthdr(n)
	case kindLoad:
		p.load(n)
	case kindBinop:
		p.operand(n.op, n.left)
		p.WriteString(" " + n.op + " ")
		p.operand(n.op, n.right)
	case kindConcat:
		for i, part := range n.parts {
			if i > 0 {
				p.WriteString(" . ")
			}
			p.expr(part)
		}
	case kindSet:
		p.setRef(n)
	case kindMap:
		p.expr(n.left)
		p.WriteString(" map ")
		p.expr(n.right)
	case kindRange:
		p.rangeOf(n)
	case kindPrefix:
		if r := newerRange(n); r != nil && p.opt.Newer {
			p.expr(r)
			return
		}
		p.expr(n.left)
		p.printf("/%d", n.off)
	case kindFlags:
		if n.op == "!=" {
			p.WriteString("!= ")
		}
		p.WriteString(p.bits(n.left) + " / " + p.bits(n.right))
	}
}

// rangeOf prints a range; its ends are numbers even where they have names.
func (p *printer) rangeOf(n *node) {
	q := p.numeric()
	q.expr(n.left)
	q.WriteByte('-')
	q.expr(n.right)
	p.WriteString(q.String())
}

// numeric is a printer of numbers instead of names.
func (p *printer) numeric() *printer {
	opt := *p.opt
	opt.Numeric, opt.NumericProto, opt.NumericTime, opt.Service = true, true, true, false
	opt.AddrName = nil
	return &printer{table: p.table, opt: &opt, depth: p.depth}
}

// value prints a constant; the bits of a mask are listed one by one.
func (p *printer) value(n *node) string {
	if n.typ.Base == datatype.Bitmask {
		return p.bits(n)
	}
	if p.opt.Newer && (n.typ == datatype.ICMPCode || n.typ == datatype.ICMPv6Code) {
		return datatype.FormatInteger(n.typ, n.num()) // the names are those of one type only
	}
	return datatype.FormatValue(n.typ, n.num(), &p.opt.Options)
}

// bits prints the bits of a mask with commas between.
func (p *printer) bits(n *node) string { return p.joinBits(n, ",") }

func (p *printer) joinBits(n *node, sep string) string {
	var names []string
	for _, one := range bitsOf(n) {
		name := newerName(one)
		if name == "" || !p.opt.Newer || p.opt.Numeric {
			name = datatype.FormatValue(n.typ, one.num(), &p.opt.Options)
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return datatype.FormatInteger(n.typ, n.num())
	}
	return strings.Join(names, sep)
}

// text prints a string value. A name compared without its final zero stands
// for all that begin with it.
func (p *printer) text(raw []byte, t *datatype.Type) string {
	s, _, ended := strings.Cut(string(raw), "\x00")
	if !ended && t.IsString() && len(raw) < 16 {
		return `"` + s + `*"`
	}
	return datatype.Format(t, raw, &p.opt.Options)
}

func (p *printer) payload(n *node) {
	if n.field != nil {
		p.WriteString(n.tunnelPrefix() + n.desc.Name + " " + n.field.Name)
		return
	}
	base := [...]string{"ll", "nh", "th", "ih"}
	p.printf("%s@%s,%d,%d", n.tunnelPrefix(), base[n.base&3], n.off, n.bits)
}

func (p *printer) exthdr(n *node) {
	e := n.src.(*bytecode.Exthdr)
	name := p.exthdrName(n, e)
	present := e.Flags&bytecode.ExthdrPresent != 0
	switch e.Op {
	case bytecode.ExthdrIPv6:
		if present {
			p.WriteString("exthdr " + name)
			return
		}
		p.WriteString(name)
	case bytecode.ExthdrTCPOpt:
		if n.field == nil && !present && !e.Reset {
			p.printf("tcp option @%d,%d,%d", e.Type, n.off, n.bits)
			return
		}
		p.WriteString("tcp option " + name)
	case bytecode.ExthdrIPv4:
		p.WriteString("ip option " + name)
	case bytecode.ExthdrSCTP:
		p.WriteString("sctp chunk " + name)
	default:
		p.printf("dccp option %d", e.Type)
		return
	}
	switch {
	case present || e.Reset:
	case n.field != nil:
		p.WriteString(" " + n.field.Name + n.index())
	default:
		p.printf(" @%d,%d", n.off, n.bits)
	}
}

// index tells which address of a routing header's list is meant.
func (n *node) index() string {
	if n.field.Type != datatype.IPv6Addr || n.exthdr.Name == "rt2" {
		return ""
	}
	return "[" + strconv.Itoa((n.off-64)/128+1) + "]"
}

func (p *printer) exthdrName(n *node, e *bytecode.Exthdr) string {
	if n.exthdr != nil {
		return n.exthdr.Name
	}
	return datatype.FormatInteger(datatype.Integer, []byte{e.Type})
}

func (p *printer) load(n *node) {
	switch e := n.src.(type) {
	case *bytecode.Meta:
		p.WriteString(n.tunnelPrefix())
		k := keyName(proto.MetaKeys, int(e.Key))
		if int(e.Key) >= len(proto.MetaKeys) || !proto.MetaKeys[e.Key].Bare {
			p.WriteString("meta ")
		}
		p.WriteString(k)
	case *bytecode.CT:
		p.ct(n, e)
	case *bytecode.Rt:
		p.WriteString("rt " + keyName(proto.RtKeys, int(e.Key)))
	case *bytecode.Fib:
		p.WriteString(fibText(n, e, p.opt.Newer))
	case *bytecode.Numgen:
		mode := "inc"
		if e.Random {
			mode = "random"
		}
		p.printf("numgen %s mod %d", mode, e.Modulus)
		if e.Offset != 0 {
			p.printf(" offset %d", e.Offset)
		}
	case *bytecode.Hash:
		p.hash(n, e)
	case *bytecode.Socket:
		p.socket(e)
	case *bytecode.OSF:
		p.osf(e)
	case *bytecode.Xfrm:
		p.xfrm(e)
	}
}

func keyName(table []proto.Key, i int) string {
	if i < len(table) {
		return table[i].Name
	}
	return "unknown"
}
