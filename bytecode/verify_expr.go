package bytecode

import "nfvm/nf"

// maxData is the size of the largest value that an expression holds.
const maxData = 16

// expr checks an expression's own fields; registers are checked by the caller.
func (v *verifier) expr(e Expr) error {
	switch e := e.(type) {
	case *Payload:
		return v.payload(e.Base, e.Offset, e.Len)
	case *PayloadSet:
		if e.ChecksumType > ChecksumSCTP {
			return v.errorf("unknown checksum type %d", e.ChecksumType)
		}
		return v.payload(e.Base, e.Offset, e.Len)
	case *Meta:
		return v.key("meta", int(e.Key), len(metaNames))
	case *MetaSet:
		return v.metaSet(e)
	case *CT:
		return v.ct(e.Key, e.Dir)
	case *CTSet:
		return v.ctSet(e)
	case *Cmp:
		if e.Op > CmpGte {
			return v.errorf("unknown comparison %d", e.Op)
		}
		return v.dataLen("cmp", e.Data)
	case *Range:
		return v.rangeExpr(e)
	case *Bitwise:
		return v.bitwise(e)
	case *Byteorder:
		return v.byteorder(e)
	case *Immediate:
		if e.DReg == RegVerdict {
			return v.verdict(e.Verdict, e.Chain)
		}
		return v.dataLen("immediate", e.Data)
	case *Exthdr:
		return v.exthdr(e)
	case *Rt:
		return v.key("rt", int(e.Key), len(rtNames))
	case *Fib:
		return v.fib(e)
	case *Socket:
		return v.key("socket", int(e.Key), len(socketNames))
	case *Xfrm:
		return v.key("xfrm", int(e.Key), len(xfrmNames))
	case *Lookup, *Dynset, *Objref:
		return v.setUse(e)
	}
	return v.statement(e)
}

func (v *verifier) key(kind string, key, n int) error {
	if key >= n {
		return v.errorf("unknown %s key %d", kind, key)
	}
	return nil
}

func (v *verifier) dataLen(kind string, data []byte) error {
	if len(data) == 0 || len(data) > maxData {
		return v.errorf("%s with %d bytes of data", kind, len(data))
	}
	return nil
}

func (v *verifier) payload(base PayloadBase, offset, n uint32) error {
	switch {
	case base > PayloadTunnel:
		return v.errorf("unknown payload base %d", base)
	case n == 0 || n > RegBytes:
		return v.errorf("payload expression over %d bytes", n)
	case offset > 0xffff:
		return v.errorf("payload offset %d is too large", offset)
	}
	return nil
}

func (v *verifier) metaSet(e *MetaSet) error {
	switch e.Key {
	case MetaMark, MetaPriority, MetaPktType, MetaNFTrace, MetaSecmark, MetaBroute:
		return nil
	}
	return v.errorf("meta %s can't be set", e.Key)
}

func (v *verifier) ct(key CTKey, dir int8) error {
	if err := v.key("ct", int(key), len(ctNames)); err != nil {
		return err
	}
	if dir < DirNone || dir > int8(nf.DirReply) {
		return v.errorf("unknown direction %d", dir)
	}
	switch key {
	case CTSrc, CTDst, CTProtoSrc, CTProtoDst, CTSrcIP, CTDstIP, CTSrcIP6, CTDstIP6:
		if dir == DirNone {
			return v.errorf("ct %s needs a direction", key)
		}
	case CTPkts, CTBytes, CTAvgPkt, CTZone, CTL3Proto, CTProtocol:
	default:
		if dir != DirNone {
			return v.errorf("ct %s has no direction", key)
		}
	}
	return nil
}

func (v *verifier) ctSet(e *CTSet) error {
	switch e.Key {
	case CTMark, CTLabels, CTZone, CTSecmark, CTEventMask:
	default:
		return v.errorf("ct %s can't be set", e.Key)
	}
	if e.Dir < DirNone || e.Dir > int8(nf.DirReply) {
		return v.errorf("unknown direction %d", e.Dir)
	}
	if e.Dir != DirNone && e.Key != CTZone {
		return v.errorf("ct %s has no direction", e.Key)
	}
	return nil
}

func (v *verifier) rangeExpr(e *Range) error {
	if e.Op > CmpNeq {
		return v.errorf("range with comparison %s", e.Op)
	}
	if len(e.From) != len(e.To) {
		return v.errorf("range with ends of %d and %d bytes", len(e.From), len(e.To))
	}
	return v.dataLen("range", e.From)
}

func (v *verifier) bitwise(e *Bitwise) error {
	n := int(min(e.Len, RegBytes))
	if e.Len == 0 || e.Len > RegBytes {
		return v.errorf("bitwise over %d bytes", e.Len)
	}
	switch e.Op {
	case BitwiseMaskXor:
		if n > maxData || len(e.Mask) != n || len(e.Xor) != n || e.SReg2 != 0 {
			return v.errorf("bitwise over %d bytes with a mask of %d and a value of %d", e.Len, len(e.Mask), len(e.Xor))
		}
	case BitwiseLshift, BitwiseRshift:
		if e.Shift >= 32 || e.SReg2 != 0 {
			return v.errorf("shift by %d bits", e.Shift)
		}
	case BitwiseAnd, BitwiseOr, BitwiseXor:
		if e.SReg2 == 0 && (n > maxData || len(e.Data) != n) {
			return v.errorf("bitwise over %d bytes with an operand of %d", e.Len, len(e.Data))
		}
	default:
		return v.errorf("unknown bitwise operation %d", e.Op)
	}
	return nil
}

func (v *verifier) byteorder(e *Byteorder) error {
	ok := e.Op <= HtoN && (e.Size == 2 || e.Size == 4 || e.Size == 8) && e.Len > 0 && e.Len <= RegBytes
	if !ok {
		return v.errorf("byteorder of %d bytes in units of %d", e.Len, e.Size)
	}
	return nil
}

func (v *verifier) exthdr(e *Exthdr) error {
	switch {
	case e.Op > ExthdrDCCP:
		return v.errorf("unknown kind of header %d", e.Op)
	case (e.Reset || e.SReg != 0) && e.Op != ExthdrTCPOpt:
		return v.errorf("only TCP options can be written")
	case e.Reset:
		return nil
	case e.SReg != 0 && e.Len != 2 && e.Len != 4:
		return v.errorf("write of %d bytes of a TCP option", e.Len)
	case e.Len == 0 || e.Len > RegBytes || e.Offset > 255:
		return v.errorf("exthdr with %d bytes at %d", e.Len, e.Offset)
	}
	return nil
}

func (v *verifier) fib(e *Fib) error {
	addr := e.Flags & (FibSaddr | FibDaddr)
	dev := e.Flags & (FibIif | FibOif)
	switch {
	case e.Result == 0 || e.Result > FibResultType:
		return v.errorf("unknown fib result %d", e.Result)
	case addr != FibSaddr && addr != FibDaddr:
		return v.errorf("fib needs either saddr or daddr")
	case dev == FibIif|FibOif:
		return v.errorf("fib can't use both iif and oif")
	case e.Flags&^(FibSaddr|FibDaddr|FibMark|FibIif|FibOif|FibPresent) != 0:
		return v.errorf("unknown fib flags 0x%x", e.Flags)
	}
	return nil
}
