package vm

import (
	"math/bits"

	"nfvm/bytecode"
	"nfvm/ct"
	"nfvm/nf"
)

// state is the value of `ct state`. A packet that a rule gave a zone has a
// template, which has a state but no other property.
func (m *Machine) state() uint32 {
	p := m.p
	switch {
	case p.CT != 0, p.ZoneDir != 0:
		return p.CTInfo.StateBit()
	case p.CTInfo == nf.CTUntracked:
		return nf.CTStateUntracked
	}
	return nf.CTStateInvalid
}

// ct gives a number of the packet's connection as it stands in a register. It
// fails where the kernel's load breaks: without a connection everything but the
// state does.
func (m *Machine) ct(in *instr) (uint64, bool) {
	key := bytecode.CTKey(in.key)
	if key == bytecode.CTState {
		return uint64(m.state()), true
	}
	e := m.entry()
	if e == nil {
		return 0, false
	}
	switch key {
	case bytecode.CTDirection:
		return uint64(m.p.CTInfo.Dir()), true
	case bytecode.CTStatus:
		return uint64(e.Status), true
	case bytecode.CTMark:
		return uint64(e.Mark), true
	case bytecode.CTSecmark:
		return uint64(m.env.Conntrack().Secmark(e)), true
	case bytecode.CTExpiration:
		return uint64(uint32(e.Remaining(m.now) / 1e6)), true
	case bytecode.CTID:
		return uint64(e.Number), true
	case bytecode.CTEventMask:
		return uint64(e.EventMask), true
	case bytecode.CTZone:
		if in.dir < 0 {
			return uint64(e.Zone), true
		}
		return uint64(e.ZoneOf().In(nf.Dir(in.dir))), true
	case bytecode.CTPkts, bytecode.CTBytes, bytecode.CTAvgPkt:
		return accounting(m.env.Conntrack().Counters(e), key, in.dir), true
	}
	return tupleNumber(&e.Tuple[max(in.dir, 0)], key)
}

// accounting gives packets, bytes or bytes per packet of one direction or both;
// all are 0 for entries that do not count.
func accounting(n ct.Counters, key bytecode.CTKey, dir int8) uint64 {
	pkts, bytes := n.Packets[0]+n.Packets[1], n.Bytes[0]+n.Bytes[1]
	if dir >= 0 {
		pkts, bytes = n.Packets[dir], n.Bytes[dir]
	}
	switch {
	case key == bytecode.CTPkts:
		return pkts
	case key == bytecode.CTBytes:
		return bytes
	case pkts == 0:
		return 0
	}
	return bytes / pkts
}

// tupleNumber gives the parts of a tuple that fit a number.
func tupleNumber(t *ct.Tuple, key bytecode.CTKey) (uint64, bool) {
	switch key {
	case bytecode.CTL3Proto:
		return uint64(t.L3), true
	case bytecode.CTProtocol:
		return uint64(t.L4), true
	case bytecode.CTProtoSrc:
		return uint64(bits.ReverseBytes16(t.SrcID)), true
	case bytecode.CTProtoDst:
		return uint64(bits.ReverseBytes16(t.DstID)), true
	case bytecode.CTSrc, bytecode.CTSrcIP:
		return littleEndian(t.Src[:4]), key == bytecode.CTSrc || t.L3 == uint8(nf.FamilyIPv4)
	case bytecode.CTDst, bytecode.CTDstIP:
		return littleEndian(t.Dst[:4]), key == bytecode.CTDst || t.L3 == uint8(nf.FamilyIPv4)
	}
	return 0, false
}

// ctBytes loads keys of 16 bytes.
func (m *Machine) ctBytes(in *instr) bool {
	e := m.entry()
	if e == nil {
		return false
	}
	t := &e.Tuple[max(in.dir, 0)]
	switch bytecode.CTKey(in.key) {
	case bytecode.CTSrcIP6, bytecode.CTDstIP6:
		if t.L3 != uint8(nf.FamilyIPv6) {
			return false
		}
		if bytecode.CTKey(in.key) == bytecode.CTSrcIP6 {
			m.store(in.dst, t.Src[:])
		} else {
			m.store(in.dst, t.Dst[:])
		}
	case bytecode.CTSrc:
		m.store(in.dst, t.Src[:])
	case bytecode.CTDst:
		m.store(in.dst, t.Dst[:])
	case bytecode.CTLabels:
		labels := m.env.Conntrack().Labels(e)
		m.store(in.dst, labels[:])
	case bytecode.CTHelper:
		return m.helper(e, in.dst)
	default:
		return false
	}
	return true
}

// helper loads the name of the helper of the connection's master: `ct helper`
// matches data connections, not the one that announced them.
func (m *Machine) helper(e *ct.Entry, dst uint8) bool {
	t := m.env.Conntrack()
	master := t.Entry(e.Master)
	if e.Master == 0 || master == nil || master.Helper == 0 {
		return false
	}
	m.store(dst, noName[:])
	copy(m.regs[dst:int(dst)+len(noName)], t.HelperName(master.Helper))
	return true
}

// ctSet writes a property of the connection; without one it does nothing, but
// for the zone, which can be set only then.
func (m *Machine) ctSet(in *instr) {
	key := bytecode.CTKey(in.key)
	if key == bytecode.CTZone {
		m.setZone(uint16(m.word(in.src, 2)), in.dir)
		return
	}
	if key != bytecode.CTMark { // which is the entry's own
		m.alone()
	}
	e := m.entry()
	if e == nil {
		return
	}
	t := m.env.Conntrack()
	switch key {
	case bytecode.CTMark:
		t.SetMark(e, uint32(m.word(in.src, 4)))
	case bytecode.CTSecmark:
		t.SetSecmark(e, uint32(m.word(in.src, 4)))
	case bytecode.CTLabels:
		var bits [16]byte
		copy(bits[:], m.regs[in.src:])
		t.AddLabels(e, bits)
	case bytecode.CTEventMask:
		t.SetEventMask(e, uint16(m.word(in.src, 4)))
	}
}

// setZone gives a packet that is not yet tracked the zone it will be tracked
// in; an earlier notrack is undone thereby.
func (m *Machine) setZone(zone uint16, dir int8) {
	p := m.p
	if p.CT != 0 || p.ZoneDir != 0 {
		return
	}
	p.Zone = zone
	switch dir {
	case int8(nf.DirOriginal):
		p.ZoneDir = ct.ZoneOriginal
	case int8(nf.DirReply):
		p.ZoneDir = ct.ZoneReply
	default:
		p.ZoneDir = ct.ZoneBoth
	}
	p.CTInfo = nf.CTNew
}

// notrack exempts a packet from tracking; once tracked, or with a zone, it has
// no effect.
func (m *Machine) notrack() {
	if m.p.CT == 0 && m.p.ZoneDir == 0 {
		m.p.CTInfo = nf.CTUntracked
	}
}
