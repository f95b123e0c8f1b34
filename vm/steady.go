package vm

import (
	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/packet"
)

// Plain packets are those of an established TCP or UDP flow, of one direction, that
// differ in nothing but their length, their data, hop limit, IPv4 id and DF, sequence
// and acknowledgment numbers, window, the options of time and selective acknowledgment,
// PSH, and congestion notification.
// Steady says what rules do with all of them, where they do the same.

// Steady evaluates base chain c for a plain packet as Run does, and changes nothing. It
// reports true if all plain packets of the packet's direction pass the chain in the
// same way, and it has no effect but to accept them and to count them: by the counters
// that are appended to a list. Where it reports false there may be nothing wrong but
// that it does not know better.
func (m *Machine) Steady(c *Chain, p *packet.Packet, hook nf.Hook, list []*State) (counters []*State, steady bool) {
	m.p, m.hook, m.base, m.now = p, hook, c, m.env.Now()
	next, depth := 0, 0
	for {
		m.current = c
		for next < len(c.rules) {
			var v nf.Verdict
			if v, list, steady = m.steadyRule(c.rules[next].code, list); !steady {
				return list, false
			}
			next++
			switch v {
			case nf.Break, nf.Continue:
				continue
			case nf.Jump:
				if depth == len(m.stack) {
					return list, false
				}
				m.stack[depth] = frame{c, next}
				depth++
				fallthrough
			case nf.Goto:
				c, next = m.target, 0
				m.current = c
				continue
			case nf.Return:
				next = len(c.rules)
				continue
			}
			return list, v == nf.Accept
		}
		if depth == 0 {
			return list, m.base.Base == nil || m.base.Base.Policy == nf.Accept
		}
		depth--
		c, next = m.stack[depth].chain, m.stack[depth].next
	}
}

func (m *Machine) steadyRule(code []instr, list []*State) (v nf.Verdict, counters []*State, steady bool) {
	for i := range code {
		if s := counterOf(&code[i]); s != nil {
			list = append(list, s)
			continue
		}
		if !m.steady(&code[i]) {
			return v, list, false
		}
		if v = m.eval(code[i : i+1]); v != nf.Continue {
			return v, list, true
		}
	}
	return nf.Continue, list, true
}

// counterOf is the counter that an instruction is, nil if it is none.
func counterOf(in *instr) *State {
	var s *State
	switch in.op {
	case opState:
		s = in.ref.(*State)
	case opObject:
		s = &in.ref.(*object).state
	}
	if s != nil && s.conf != nil && s.conf.kind == stateCounter {
		return s
	}
	return nil
}

// steady reports whether an instruction reads only what is the same of each plain
// packet, and changes nothing but registers.
func (m *Machine) steady(in *instr) bool {
	switch in.op {
	case opCmp, opCmpBytes, opRange, opMask, opMaskBytes, opShift, opBitop, opByteorder, opImmediate, opVerdict,
		opIfName, opMetaName, opHash, opFib, opBreak, opTouch:
		return true
	case opTest:
		switch in.load {
		case opPayload:
			return m.steadyPayload(in, in.mask)
		case opMeta:
			return steadyMeta[bytecode.MetaKey(in.key)]
		case opCT:
			return steadyCT[bytecode.CTKey(in.key)]
		}
	case opPayload:
		return m.steadyPayload(in, ^uint64(0))
	case opMeta:
		return steadyMeta[bytecode.MetaKey(in.key)]
	case opCT:
		return steadyCT[bytecode.CTKey(in.key)]
	case opLookup, opMap:
		s := in.ref.(*Set)
		if s.changing || s.decl.Flags&(bytecode.SetTimeout|bytecode.SetEval) != 0 {
			return false
		}
		e := s.find(m.regs[in.src:int(in.src)+int(in.n)], m.now)
		return e == nil || len(e.states) == 0 && e.expires == 0
	}
	return false
}

// steadyMeta are the metadata that plain packets have in common. The mark is among
// them: a packet comes without one, and what sets it is not steady.
var steadyMeta = map[bytecode.MetaKey]bool{
	bytecode.MetaProtocol: true, bytecode.MetaNFProto: true, bytecode.MetaL4Proto: true, bytecode.MetaMark: true,
	bytecode.MetaPktType: true, bytecode.MetaIif: true, bytecode.MetaOif: true, bytecode.MetaIifType: true,
	bytecode.MetaOifType: true, bytecode.MetaIifGroup: true, bytecode.MetaOifGroup: true,
}

// steadyCT are the properties of a connection that only programs change once it is
// established and assured.
var steadyCT = map[bytecode.CTKey]bool{
	bytecode.CTState: true, bytecode.CTDirection: true, bytecode.CTStatus: true, bytecode.CTL3Proto: true,
	bytecode.CTProtocol: true, bytecode.CTProtoSrc: true, bytecode.CTProtoDst: true, bytecode.CTSrc: true,
	bytecode.CTDst: true, bytecode.CTSrcIP: true, bytecode.CTDstIP: true, bytecode.CTSrcIP6: true,
	bytecode.CTDstIP6: true, bytecode.CTZone: true, bytecode.CTID: true,
}

// A span is a part of a header, in bytes from its beginning.
type span struct{ from, to uint32 }

var (
	steady4     = []span{{0, 1}, {9, 10}, {12, 20}} // version and size, protocol, addresses
	steady6     = []span{{6, 7}, {8, 40}}
	steadyPorts = []span{{0, 4}}
)

// steadyPayload reports whether the bits of a load that a mask (a little-endian number)
// leaves are the same in all plain packets.
func (m *Machine) steadyPayload(in *instr, mask uint64) bool {
	const tos, flags = 1, 13
	var spans []span
	switch base := bytecode.PayloadBase(in.base); {
	case base == bytecode.PayloadNetwork && m.p.Family == nf.FamilyIPv4:
		spans = steady4
		if in.off == tos && in.n == 1 && mask&3 == 0 {
			return true
		}
	case base == bytecode.PayloadNetwork && m.p.Family == nf.FamilyIPv6:
		spans = steady6
	case base == bytecode.PayloadTransport:
		spans = steadyPorts
		if in.off == flags && in.n == 1 && m.p.Proto == nf.ProtoTCP && mask&(nf.TCPPsh|nf.TCPEce|nf.TCPCwr) == 0 {
			return true
		}
	}
	for _, s := range spans {
		if in.off >= s.from && in.off+uint32(in.n) <= s.to {
			return true
		}
	}
	return false
}

// AddMany counts so many packets, of so many bytes, that passed a counter without a
// Machine. No Machine may run meanwhile.
func (s *State) AddMany(packets, bytes uint64) {
	s.a += packets
	s.b += bytes
}
