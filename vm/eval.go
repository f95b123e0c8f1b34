package vm

import (
	"bytes"
	"encoding/binary"

	"nfvm/bytecode"
	"nfvm/nf"
)

// eval runs a rule: Break if it does not match, Continue if it ran to its end,
// else its verdict.
func (m *Machine) eval(code []instr) nf.Verdict {
	for i := range code {
		in := &code[i]
		ok := true
		switch in.op {
		case opTouch:
			m.changed = true
		case opTest:
			v, loaded := m.load(in)
			ok = loaded && (v&in.mask == in.val) != in.invert
		case opIfName:
			ok = m.ifName(in)
		case opPayload:
			ok = m.payload(in)
		case opMeta, opCT:
			ok = m.number(in)
		case opMetaName:
			ok = m.metaName(in)
		case opCmp:
			ok = (m.word(in.src, in.n) == in.val) != in.invert
		case opCmpBytes:
			ok = m.compare(in)
		case opRange:
			ok = m.inRange(in)
		case opMask:
			m.mask(in)
		case opMaskBytes:
			m.maskBytes(in)
		case opShift:
			m.shift(in)
		case opBitop:
			m.bitop(in)
		case opByteorder:
			m.byteorder(in)
		case opImmediate:
			m.store(in.dst, in.ref.(*operands).a)
		case opVerdict:
			if v := nf.Verdict(in.dir); v != nf.Continue {
				m.target, _ = in.ref.(*Chain)
				return v
			}
		case opLookup:
			ok = m.lookup(in)
		case opMap:
			v, found := m.mapValue(in)
			if found && v != nf.Continue {
				return v
			}
			ok = found
		case opDynset:
			ok = m.dynset(in.ref.(*dynset))
		case opObject:
			if v := m.object(in.ref.(*object)); v != nf.Continue {
				return v
			}
		case opObjectMap:
			if v := m.objectMap(in); v != nf.Continue {
				return v
			}
		case opState:
			ok = in.ref.(*State).eval(m)
		case opPayloadSet:
			ok = m.payloadSet(in.ref.(*bytecode.PayloadSet), in.src)
		case opMetaSet:
			m.metaSet(in)
		case opCTSet:
			m.ctSet(in)
		case opNotrack:
			m.notrack()
		case opInner:
			ok = m.inner(in)
		case opExthdr:
			ok = m.exthdr(in)
		case opExthdrSet:
			ok = m.tcpOptionSet(in)
		case opExthdrReset:
			v := m.tcpOptionReset(in)
			if v == nf.Drop {
				return v
			}
			ok = v == nf.Continue
		case opNumgen:
			m.numgen(in)
		case opHash:
			m.jhash(in)
		case opSymhash:
			m.symhash(in)
		case opFib:
			m.fib(in)
		case opRt:
			ok = m.rt(in)
		case opOSF:
			ok = m.osf(in)
		case opLog:
			m.env.Log(m.p, m.hook, m.current, in.ref.(*bytecode.Log))
		case opReject:
			m.env.Reject(m.p, m.hook, in.ref.(*bytecode.Reject))
			return nf.Drop
		case opSynproxy:
			if v := m.env.Synproxy(m.p, in.ref.(*bytecode.Synproxy)); v != nf.Continue {
				return v
			}
		case opDup:
			m.dup(in.ref.(*bytecode.Dup))
		case opFlowAdd:
			ok = m.flowAdd(in.ref.(*bytecode.Flowtable))
		case opFwd:
			return m.fwd(in.ref.(*bytecode.Fwd))
		case opBreak:
			ok = false
		case opNAT:
			if v := m.nat(in.ref.(*natOp)); v != nf.Continue {
				return v
			}
		case opMasq:
			return m.masquerade(in.ref.(*natOp))
		case opRedir:
			return m.redirect(in.ref.(*natOp))
		case opXTMatch:
			ok = in.ref.(xtMatch).match(m)
		case opXTTarget:
			if v := in.ref.(xtTarget).target(m); v != nf.Continue {
				return v
			}
		}
		if !ok {
			return m.broken()
		}
	}
	return nf.Continue
}

// broken is the end of a rule that does not match: Drop if an expression could
// not do its work.
func (m *Machine) broken() nf.Verdict {
	if m.refused {
		m.refused = false
		return nf.Drop
	}
	return nf.Break
}

// word reads up to 8 bytes of registers as a little-endian number.
func (m *Machine) word(at, n uint8) uint64 {
	if at <= bytecode.RegBytes-8 {
		return binary.LittleEndian.Uint64(m.regs[at:]) & lowBytes(n)
	}
	return uint64(binary.LittleEndian.Uint32(m.regs[bytecode.RegBytes-4:])) & lowBytes(n)
}

// lowBytes masks the first n bytes, up to 8, of a little-endian number.
func lowBytes(n uint8) uint64 {
	if n >= 8 {
		return ^uint64(0)
	}
	return 1<<(8*n) - 1
}

// put stores a number of n bytes, filling its last register word with zeros.
func (m *Machine) put(at, n uint8, v uint64) {
	binary.LittleEndian.PutUint32(m.regs[at:], uint32(v))
	if n > 4 {
		binary.LittleEndian.PutUint32(m.regs[at+4:], uint32(v>>32))
	}
}

// store writes data, filling its last register word with zeros.
func (m *Machine) store(at uint8, data []byte) {
	n := copy(m.regs[at:], data)
	for end := int(at) + n; end%4 != 0 && end < len(m.regs); end++ {
		m.regs[end] = 0
	}
}

func (m *Machine) compare(in *instr) bool {
	data := in.ref.(*operands).a
	c := bytes.Compare(m.regs[in.src:int(in.src)+len(data)], data)
	switch bytecode.CmpOp(in.key) {
	case bytecode.CmpEq:
		return c == 0
	case bytecode.CmpNeq:
		return c != 0
	case bytecode.CmpLt:
		return c < 0
	case bytecode.CmpLte:
		return c <= 0
	case bytecode.CmpGt:
		return c > 0
	}
	return c >= 0
}

func (m *Machine) inRange(in *instr) bool {
	r := in.ref.(*operands)
	v := m.regs[in.src : int(in.src)+len(r.a)]
	return (bytes.Compare(v, r.a) >= 0 && bytes.Compare(v, r.b) <= 0) != in.invert
}
