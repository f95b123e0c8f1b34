package listing

import (
	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/nf"
	"nfvm/proto"
)

// loadNode makes the node of an expression that fills a register, or nil.
func loadNode(family nf.Family, e bytecode.Expr) *node {
	switch e := e.(type) {
	case *bytecode.Payload:
		return &node{kind: kindPayload, base: proto.Base(e.Base), off: int(e.Offset) * 8, bits: bitsOfLoad(e.Len),
			typ: xinteger, order: datatype.BigEndian, src: e}
	case *bytecode.Exthdr:
		return exthdrNode(e)
	case *bytecode.Meta:
		return keyNode(e, proto.MetaKeys, int(e.Key))
	case *bytecode.CT:
		return ctNode(family, e)
	case *bytecode.Rt:
		return keyNode(e, proto.RtKeys, int(e.Key))
	case *bytecode.Fib:
		return fibNode(e)
	case *bytecode.Socket:
		return socketNode(e)
	case *bytecode.Numgen, *bytecode.Hash:
		return loaded(e, datatype.Integer, 32, datatype.HostEnd)
	case *bytecode.OSF:
		return loaded(e, datatype.String, 128, datatype.HostEnd)
	case *bytecode.Xfrm:
		return xfrmNode(e)
	}
	return nil
}

func loaded(e bytecode.Expr, t *datatype.Type, bits int, order datatype.Byteorder) *node {
	return &node{kind: kindLoad, src: e, typ: t, bits: bits, order: order}
}

func keyNode(e bytecode.Expr, table []proto.Key, key int) *node {
	if key >= len(table) {
		return loaded(e, datatype.Integer, 32, datatype.HostEnd)
	}
	k := &table[key]
	return loaded(e, k.Type, k.Len, k.Order)
}

func ctNode(family nf.Family, e *bytecode.CT) *node {
	n := keyNode(e, proto.CTKeys, int(e.Key))
	if e.Key == bytecode.CTSrc || e.Key == bytecode.CTDst {
		n.typ, n.bits = datatype.IPv4Addr, 32
		switch family {
		case nf.FamilyIPv4:
			n.desc = proto.IP
		case nf.FamilyIPv6:
			n.typ, n.bits, n.desc = datatype.IPv6Addr, 128, proto.IP6
		}
	}
	return n
}

func exthdrNode(e *bytecode.Exthdr) *node {
	n := &node{kind: kindExthdr, src: e, off: int(e.Offset) * 8, bits: bitsOfLoad(e.Len),
		typ: datatype.Integer, order: datatype.BigEndian}
	if e.Flags&bytecode.ExthdrPresent != 0 {
		n.typ, n.bits, n.order = datatype.Boolean, 8, datatype.HostEnd
		n.exthdr, _ = proto.ExthdrAt(proto.ExthdrOp(e.Op), e.Type, -1, -1)
		return n
	}
	if !n.nameExthdr(n.off, n.bits) && e.Op == bytecode.ExthdrIPv6 && n.bits < 128 {
		n.nameExthdr(n.off, 128) // the first bytes of an address: a prefix
	}
	return n
}

// maxLoad is the number of bytes that all registers hold.
const maxLoad = 64

// bitsOfLoad is the width in bits of a load of n bytes.
func bitsOfLoad(n uint32) int { return 8 * int(min(n, maxLoad)) }

// nameExthdr gives the header field at a place its name and type.
func (n *node) nameExthdr(off, bits int) bool {
	e := n.src.(*bytecode.Exthdr)
	at := off
	if e.Op == bytecode.ExthdrIPv6 && e.Type == nf.ProtoRouting && bits == 128 && off%128 == 64 {
		at = 64 // any address of the list
	}
	x, f := proto.ExthdrAt(proto.ExthdrOp(e.Op), e.Type, at, bits)
	if n.exthdr = x; f == nil {
		return false
	}
	n.field, n.off, n.bits, n.typ = f, off, bits, f.Type
	return true
}

// fibCheck is the result of a test whether there is a route. A comparison of
// it is printed with the interface as the result, as nft 1.0 does; only as a
// key does it need a name of its own.
const fibCheck = "check"

func fibNode(e *bytecode.Fib) *node {
	if e.Flags&bytecode.FibPresent != 0 {
		n := loaded(e, datatype.Boolean, 8, datatype.HostEnd)
		n.op = fibCheck
		return n
	}
	switch e.Result {
	case bytecode.FibResultOif:
		return loaded(e, datatype.IfaceIndex, 32, datatype.HostEnd)
	case bytecode.FibResultOifName:
		return loaded(e, datatype.IfName, 128, datatype.HostEnd)
	}
	return loaded(e, datatype.FibAddr, 32, datatype.HostEnd)
}

func socketNode(e *bytecode.Socket) *node {
	switch e.Key {
	case bytecode.SocketMark:
		return loaded(e, datatype.Mark, 32, datatype.HostEnd)
	case bytecode.SocketCgroupV2:
		return loaded(e, datatype.CgroupV2, 64, datatype.HostEnd)
	}
	return loaded(e, datatype.Integer, 8, datatype.HostEnd)
}

// Keys of an xfrm expression (enum nft_xfrm_keys).
const (
	xfrmDaddr4 = 1
	xfrmDaddr6 = 2
	xfrmSaddr4 = 3
	xfrmSaddr6 = 4
	xfrmReqID  = 5
	xfrmSPI    = 6
)

func xfrmNode(e *bytecode.Xfrm) *node {
	switch e.Key {
	case xfrmDaddr4, xfrmSaddr4:
		return loaded(e, datatype.IPv4Addr, 32, datatype.BigEndian)
	case xfrmDaddr6, xfrmSaddr6:
		return loaded(e, datatype.IPv6Addr, 128, datatype.BigEndian)
	case xfrmSPI:
		return loaded(e, datatype.Integer, 32, datatype.BigEndian)
	}
	return loaded(e, datatype.Integer, 32, datatype.HostEnd)
}
