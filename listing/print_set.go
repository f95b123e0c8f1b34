package listing

import (
	"math/big"

	"nfvm/bytecode"
	"nfvm/datatype"
)

// setRef prints a set in a rule: its name, or the elements of an anonymous one.
func (p *printer) setRef(n *node) {
	if n.set.Flags&bytecode.SetAnonymous == 0 {
		p.WriteString("@" + n.set.Name)
		return
	}
	p.WriteString("{ ")
	for i, e := range n.shape().elements(p.opt.Newer) {
		if i > 0 {
			p.WriteString(", ")
		}
		p.element(n.set, &e)
	}
	p.WriteString(" }")
}

// element prints a set element with its options.
func (p *printer) element(set *bytecode.Set, e *element) {
	switch {
	case e.key == nil:
		p.WriteByte('*')
	case e.key.kind == kindValue && e.key.typ.Base == datatype.Bitmask:
		p.flagsElement(e.key)
	default:
		p.expr(e.key)
	}
	for _, x := range e.el.Exprs {
		p.WriteByte(' ')
		p.plain(x)
	}
	if e.el.HasTimeout && e.el.Timeout != 0 && e.el.Timeout != set.Timeout {
		p.WriteString(" timeout " + p.duration(e.el.Timeout))
	}
	if e.el.Expires != 0 && !p.opt.Stateless {
		p.WriteString(" expires " + p.duration(e.el.Expires))
	}
	if e.el.Comment != "" {
		p.printf(" comment %q", nft(e.el.Comment))
	}
	switch {
	case e.el.Object != "":
		p.printf(" : %q", nft(e.el.Object))
	case e.data != nil:
		p.WriteString(" : ")
		p.expr(e.data)
	case set.Flags&bytecode.SetMap != 0 && set.VerdictMap():
		p.WriteString(" : ")
		p.verdict(e.el.Verdict, e.el.Chain)
	}
}

// flagsElement prints several flags as one element.
func (p *printer) flagsElement(n *node) {
	p.WriteString(p.joinBits(n, " | "))
}

// bitsOf are the single bits of a value.
func bitsOf(n *node) []*node {
	var out []*node
	v := n.big()
	for i := 0; i < v.BitLen(); i++ {
		if v.Bit(i) == 1 {
			out = append(out, number(new(big.Int).Lsh(big.NewInt(1), uint(i)), n.bits, n.typ, n.order))
		}
	}
	return out
}

// perLine is how many elements of a set nft puts on a line.
func (p *printer) perLine(s *bytecode.Set, sh *setShape, elements []element) int {
	if sh.concat {
		return 1
	}
	if p.opt.Newer {
		return newerPerLine(s, sh.keys[0].typ, elements)
	}
	switch sh.keys[0].typ.ID {
	case datatype.IDNFProto, datatype.IDInteger, datatype.IDARPOp, datatype.IDInetProto, datatype.IDInetService,
		datatype.IDTCPFlag, datatype.IDMark, datatype.IDIfaceIndex, datatype.IDClassID, datatype.IDUID, datatype.IDGID:
		return 5
	case datatype.IDIPv4Addr, datatype.IDCTState, datatype.IDCTStatus, datatype.IDPktType, datatype.IDCTDir,
		datatype.IDVerdict, datatype.IDString, datatype.IDBitmask:
		return 2
	}
	return 1
}
