package vm

import (
	"nfvm/bytecode"
	"nfvm/nf"
)

// at is a register as an offset into the register file; Verify has checked it.
func at(r bytecode.Reg) uint8 {
	n, _ := r.Offset()
	return uint8(n)
}

// lower makes an expression an instruction.
func (l *loader) lower(e bytecode.Expr) (instr, error) {
	switch e := e.(type) {
	case *bytecode.Payload:
		if e.Base > bytecode.PayloadInner {
			return instr{}, l.errorf("payload of tunnel headers is not supported by this machine")
		}
		return instr{op: opPayload, dst: at(e.DReg), n: uint8(e.Len), base: uint8(e.Base), off: e.Offset,
			fast: e.Fast(), whole: e.Whole}, nil
	case *bytecode.PayloadSet:
		return instr{op: opPayloadSet, src: at(e.SReg), ref: e}, nil
	case *bytecode.Meta:
		return l.lowerMeta(e)
	case *bytecode.MetaSet:
		return instr{op: opMetaSet, src: at(e.SReg), n: uint8(e.Key.Len()), key: uint8(e.Key)}, nil
	case *bytecode.CT:
		return instr{op: opCT, dst: at(e.DReg), n: uint8(e.Key.Len(l.decl.Family)), key: uint8(e.Key), dir: e.Dir}, nil
	case *bytecode.CTSet:
		return instr{op: opCTSet, src: at(e.SReg), key: uint8(e.Key), dir: e.Dir}, nil
	case *bytecode.Cmp:
		return lowerCmp(e), nil
	case *bytecode.Range:
		return instr{op: opRange, src: at(e.SReg), invert: e.Op == bytecode.CmpNeq, ref: &operands{e.From, e.To}}, nil
	case *bytecode.Bitwise:
		return lowerBitwise(e), nil
	case *bytecode.Byteorder:
		return instr{op: opByteorder, dst: at(e.DReg), src: at(e.SReg), n: uint8(e.Len), base: uint8(e.Size)}, nil
	case *bytecode.Immediate:
		if e.DReg != bytecode.RegVerdict {
			return instr{op: opImmediate, dst: at(e.DReg), ref: &operands{a: e.Data}}, nil
		}
		in := instr{op: opVerdict, dir: int8(e.Verdict)}
		if e.Verdict == nf.Jump || e.Verdict == nf.Goto {
			in.ref = l.chains[e.Chain]
		}
		return in, nil
	case *bytecode.Lookup, *bytecode.Dynset, *bytecode.Objref:
		return l.lowerSet(e), nil
	case *bytecode.Counter, *bytecode.Limit, *bytecode.Quota, *bytecode.Last, *bytecode.Connlimit:
		s := newConf(e).start(l.now)
		if s.conf.kind == stateCounter {
			l.number(&s)
		}
		return instr{op: opState, ref: &s}, nil
	}
	return l.lowerAction(e)
}

func (l *loader) lowerAction(e bytecode.Expr) (instr, error) {
	switch e := e.(type) {
	case *bytecode.Log:
		return instr{op: opLog, ref: e}, nil
	case *bytecode.Reject:
		return instr{op: opReject, ref: e}, nil
	case *bytecode.Synproxy:
		return instr{op: opSynproxy, ref: e}, nil
	case *bytecode.Dup:
		return instr{op: opDup, ref: e}, nil
	case *bytecode.Fwd:
		return instr{op: opFwd, ref: e}, nil
	case *bytecode.FlowOffload:
		return l.lowerFlowAdd(e)
	case *bytecode.TProxy, *bytecode.Socket, *bytecode.Xfrm:
		// No packet has a socket that is known, and none came or goes encrypted.
		return instr{op: opBreak}, nil
	case *bytecode.Queue:
		return lowerQueue(e), nil
	case *bytecode.NAT:
		return instr{op: opNAT, ref: &natOp{kind: e.Type, family: e.Family, flags: e.Flags, addrMin: orNone(e.AddrMin),
			addrMax: orNone(e.AddrMax), protoMin: orNone(e.ProtoMin), protoMax: orNone(e.ProtoMax)}}, nil
	case *bytecode.Masq:
		return instr{op: opMasq, ref: &natOp{flags: e.Flags, protoMin: orNone(e.ProtoMin), protoMax: orNone(e.ProtoMax)}}, nil
	case *bytecode.Redir:
		return instr{op: opRedir, ref: &natOp{flags: e.Flags, protoMin: orNone(e.ProtoMin), protoMax: orNone(e.ProtoMax)}}, nil
	case *bytecode.Notrack:
		return instr{op: opNotrack}, nil
	case *bytecode.Exthdr:
		switch {
		case e.Reset:
			return instr{op: opExthdrReset, ref: e}, nil
		case e.SReg != 0:
			return instr{op: opExthdrSet, src: at(e.SReg), ref: e}, nil
		}
		return instr{op: opExthdr, dst: at(e.DReg), ref: e}, nil
	case *bytecode.Inner:
		return l.lowerInner(e)
	case *bytecode.XT:
		return l.lowerXT(e)
	case *bytecode.Numgen:
		return instr{op: opNumgen, dst: at(e.DReg), ref: newNumgen(e)}, nil
	case *bytecode.Hash:
		return l.lowerHash(e), nil
	case *bytecode.Fib:
		return instr{op: opFib, dst: at(e.DReg), ref: e}, nil
	case *bytecode.OSF:
		if l.decl.Family == nf.FamilyIPv6 { // as Linux 6.18 does, which nft's own tests don't know
			return instr{}, l.errorf("osf knows systems by their IPv4 packets, it does not work in family ip6")
		}
		return instr{op: opOSF, dst: at(e.DReg), ref: e}, nil
	case *bytecode.Rt:
		return instr{op: opRt, dst: at(e.DReg), key: uint8(e.Key)}, nil
	}
	return instr{}, l.errorf("%s is not supported by this machine", e.Name())
}

// lowerQueue gives the verdict of a queue statement where no program listens:
// with bypass the packet goes on, else it is lost.
func lowerQueue(e *bytecode.Queue) instr {
	v := nf.Queue
	if e.Flags&bytecode.QueueBypass != 0 {
		v = nf.Accept
	}
	return instr{op: opVerdict, dir: int8(v)}
}

// orNone is a register's offset, -1 for none.
func orNone(r bytecode.Reg) int {
	if r == 0 {
		return -1
	}
	return int(at(r))
}

func (l *loader) lowerHash(e *bytecode.Hash) instr {
	in := instr{op: opHash, dst: at(e.DReg), n: uint8(e.Len), val: uint64(e.Seed), ref: e}
	if e.Symmetric {
		in.op = opSymhash
	} else {
		in.src = at(e.SReg)
	}
	if !e.HasSeed && e.Seed == 0 && l.Rand != nil {
		in.val = uint64(l.Rand())
	}
	return in
}

func (l *loader) lowerMeta(e *bytecode.Meta) (instr, error) {
	in := instr{op: opMeta, dst: at(e.DReg), n: uint8(e.Key.Len()), key: uint8(e.Key)}
	switch e.Key {
	case bytecode.MetaIifName, bytecode.MetaOifName, bytecode.MetaIifKind, bytecode.MetaOifKind, bytecode.MetaSdifName,
		bytecode.MetaBriIifName, bytecode.MetaBriOifName:
		in.op = opMetaName
	case bytecode.MetaBroute:
		return in, l.errorf("meta %s is not supported by this machine", e.Key)
	}
	return in, nil
}

func lowerCmp(e *bytecode.Cmp) instr {
	if len(e.Data) <= 8 && e.Op <= bytecode.CmpNeq {
		return instr{op: opCmp, src: at(e.SReg), n: uint8(len(e.Data)), val: littleEndian(e.Data), invert: e.Op == bytecode.CmpNeq}
	}
	return instr{op: opCmpBytes, src: at(e.SReg), n: uint8(len(e.Data)), key: uint8(e.Op), ref: &operands{a: e.Data}}
}

func lowerBitwise(e *bytecode.Bitwise) instr {
	in := instr{dst: at(e.DReg), src: at(e.SReg), n: uint8(e.Len), key: uint8(e.Op)}
	switch e.Op {
	case bytecode.BitwiseMaskXor:
		if e.Len <= 8 {
			in.op, in.mask, in.val = opMask, littleEndian(e.Mask), littleEndian(e.Xor)
		} else {
			in.op, in.ref = opMaskBytes, &operands{e.Mask, e.Xor}
		}
	case bytecode.BitwiseLshift, bytecode.BitwiseRshift:
		in.op, in.val = opShift, uint64(e.Shift)
	default:
		in.op = opBitop
		if e.SReg2 != 0 {
			in.off = uint32(at(e.SReg2))
		} else {
			in.ref = &operands{a: e.Data}
		}
	}
	return in
}

func (l *loader) lowerSet(e bytecode.Expr) instr {
	switch e := e.(type) {
	case *bytecode.Lookup:
		s := l.sets[e.SetID]
		in := instr{op: opLookup, src: at(e.SReg), n: uint8(s.decl.KeyLen), invert: e.Invert, ref: s}
		if e.HasDReg {
			in.op, in.dst, in.invert = opMap, at(e.DReg), e.DReg == bytecode.RegVerdict
		}
		return in
	case *bytecode.Dynset:
		s := l.sets[e.SetID]
		o := &dynset{set: s, op: e.Op, src: at(e.SReg), data: orNone(e.SRegData), timeout: int64(e.Timeout) * 1e6,
			invert: e.Invert, confs: s.confs}
		for i, x := range e.Exprs {
			if i == 0 {
				o.confs = nil
			}
			o.confs = append(o.confs, newConf(x))
		}
		return instr{op: opDynset, ref: o}
	case *bytecode.Objref:
		if e.Set == "" {
			return instr{op: opObject, ref: l.objects[objectKey{e.Type, e.Object}]}
		}
		s := l.sets[e.SetID]
		return instr{op: opObjectMap, src: at(e.SReg), n: uint8(s.decl.KeyLen), ref: s}
	}
	return instr{}
}
