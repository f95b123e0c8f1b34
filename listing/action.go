package listing

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/nf"
	"nfvm/proto"
)

// action evaluates an expression that acts.
func (r *reader) action(e bytecode.Expr) {
	switch e := e.(type) {
	case *bytecode.PayloadSet:
		target := loadNode(r.table.Family, &bytecode.Payload{Base: e.Base, Offset: e.Offset, Len: e.Len})
		r.add(&stmt{kind: stmtSet, left: target, right: r.get(e.SReg), src: e})
	case *bytecode.MetaSet:
		target := keyNode(&bytecode.Meta{Key: e.Key}, proto.MetaKeys, int(e.Key))
		r.write(target, e.SReg, e)
	case *bytecode.CTSet:
		target := ctNode(r.table.Family, &bytecode.CT{Key: e.Key, Dir: e.Dir})
		r.write(target, e.SReg, e)
	case *bytecode.Exthdr:
		r.exthdrAction(e)
	case *bytecode.Dynset:
		r.dynset(e)
	case *bytecode.Objref:
		s := &stmt{kind: stmtObjref, src: e}
		if e.Set != "" {
			set := r.set(e.Set, e.SetID)
			s.left = &node{kind: kindMap, left: r.key(e.SReg, keyBits(set)), set: set, right: &node{kind: kindSet, set: set}}
		}
		r.add(s)
	case *bytecode.NAT:
		r.nat(e, e.Family, e.AddrMin, e.AddrMax, e.ProtoMin, e.ProtoMax)
	case *bytecode.Masq:
		r.nat(e, r.table.Family, 0, 0, e.ProtoMin, e.ProtoMax)
	case *bytecode.Redir:
		r.nat(e, r.table.Family, 0, 0, e.ProtoMin, e.ProtoMax)
	case *bytecode.TProxy:
		r.nat(e, e.Family, e.Addr, 0, e.Port, 0)
		r.stmts[len(r.stmts)-1].kind = stmtTProxy
	case *bytecode.Dup:
		r.add(&stmt{kind: stmtDup, src: e, parts: [4]*node{
			r.typed(e.Addr, addrType(r.table.Family)), r.typed(e.Dev, datatype.IfaceIndex)}})
	case *bytecode.Fwd:
		r.add(&stmt{kind: stmtFwd, src: e, parts: [4]*node{
			r.typed(e.Dev, datatype.IfaceIndex), r.typed(e.Addr, addrType(e.Family))}})
	case *bytecode.Queue:
		s := &stmt{kind: stmtQueue, src: e}
		if e.SReg != 0 {
			s.left = r.get(e.SReg)
		}
		r.add(s)
	default:
		r.add(&stmt{kind: stmtPlain, src: e})
	}
}

func (r *reader) write(target *node, from bytecode.Reg, e bytecode.Expr) {
	v := r.get(from)
	if v.kind == kindValue {
		setType(v, target.typ, target.order)
	}
	r.add(&stmt{kind: stmtSet, left: target, right: v, src: e})
}

func (r *reader) exthdrAction(e *bytecode.Exthdr) {
	target := exthdrNode(e)
	if e.Reset {
		r.add(&stmt{kind: stmtPlain, left: target, src: e})
		return
	}
	r.write(target, e.SReg, e)
}

// typed is the expression in a register, with a type if it is a plain value;
// nil for register 0.
func (r *reader) typed(reg bytecode.Reg, t *datatype.Type) *node {
	if reg == 0 {
		return nil
	}
	n := r.get(reg)
	if n.kind == kindValue {
		setType(n, t, t.Byteorder)
	}
	return n
}

func (r *reader) nat(e bytecode.Expr, family nf.Family, addrMin, addrMax, portMin, portMax bytecode.Reg) {
	addr, port := addrType(family), datatype.InetService
	s := &stmt{kind: stmtNAT, src: e, parts: [4]*node{
		r.typed(addrMin, addr), r.typed(addrMax, addr), r.typed(portMin, port), r.typed(portMax, port)}}
	if addrMax == addrMin {
		s.parts[1] = nil
	}
	if portMax == portMin {
		s.parts[3] = nil
	}
	r.add(s)
}

func (r *reader) dynset(e *bytecode.Dynset) {
	set := r.set(e.Set, e.SetID)
	s := &stmt{kind: stmtDynset, src: e, left: r.key(e.SReg, keyBits(set)), parts: [4]*node{{kind: kindSet, set: set}}}
	setKeyType(s.left, set)
	if e.SRegData != 0 {
		s.right = r.key(e.SRegData, int(set.DataLen)*8)
		t := typeByID(set.DataType)
		setType(s.right, t, t.Byteorder)
	}
	r.add(s)
}

// setKeyType gives constants of a key the types of the set's key. Where keys
// are intervals, they are in network order.
func setKeyType(n *node, set *bytecode.Set) {
	t := typeByID(set.KeyType)
	if n.kind != kindValue && n.kind != kindConcat {
		return
	}
	setType(n, t, t.Byteorder)
	if set.Flags&bytecode.SetInterval == 0 {
		return
	}
	for _, p := range n.parts {
		if p.kind == kindValue {
			p.order = datatype.BigEndian
		}
	}
}
