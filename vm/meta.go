package vm

import (
	"math/bits"

	"nfvm/bytecode"
	"nfvm/nf"
)

const daySeconds = 24 * 60 * 60

// meta gives a number of the packet's metadata as it stands in a register:
// host (little-endian) order but for `protocol`. It fails where the kernel's
// load breaks.
func (m *Machine) meta(key bytecode.MetaKey) (uint64, bool) {
	p := m.p
	switch key {
	case bytecode.MetaLen:
		return uint64(uint32(m.length())), true
	case bytecode.MetaProtocol:
		return uint64(bits.ReverseBytes16(p.EtherType)), true
	case bytecode.MetaNFProto:
		return uint64(m.nfproto()), true
	case bytecode.MetaL4Proto:
		return uint64(p.Proto), p.L4Known
	case bytecode.MetaPriority:
		return uint64(p.Priority), true
	case bytecode.MetaMark:
		return uint64(p.Mark), true
	case bytecode.MetaSecmark:
		return uint64(p.Secmark), true
	case bytecode.MetaNFTrace:
		return boolBit(p.Trace), true
	case bytecode.MetaPktType:
		return uint64(m.pktType()), true
	case bytecode.MetaPRandom:
		return uint64(m.env.Rand()), true
	case bytecode.MetaTimeNS:
		return uint64(m.now), true
	case bytecode.MetaTimeDay:
		const thursday = 4 // 1 January 1970
		return uint64((m.now/1e9/daySeconds + thursday) % 7), true
	case bytecode.MetaTimeHour:
		return uint64(m.now / 1e9 % daySeconds), true
	case bytecode.MetaRtClassID:
		r, ok := m.env.Route(p, m.hook)
		return uint64(r.Realm), ok
	case bytecode.MetaCPU, bytecode.MetaSecpath, bytecode.MetaSdif:
		return 0, true
	case bytecode.MetaSkuid:
		return uint64(p.UID), p.HasUID
	case bytecode.MetaSkgid, bytecode.MetaCgroup:
		return 0, false // of no packet's socket this is known
	}
	return m.metaLink(key)
}

// metaLink gives the numbers that belong to an interface.
func (m *Machine) metaLink(key bytecode.MetaKey) (uint64, bool) {
	index := func(l *nf.Link) uint64 {
		if l == nil {
			return 0
		}
		return uint64(uint32(l.Index))
	}
	p := m.p
	switch key {
	case bytecode.MetaIif:
		return index(p.In), true
	case bytecode.MetaOif:
		return index(p.Out), true
	case bytecode.MetaIifType:
		if p.Dev == nil {
			return 0, false
		}
		return uint64(p.Dev.Type), true
	case bytecode.MetaOifType:
		if p.Out == nil {
			return 0, false
		}
		return uint64(p.Out.Type), true
	case bytecode.MetaIifGroup:
		if p.In == nil {
			return 0, false
		}
		return uint64(p.In.Group), true
	case bytecode.MetaOifGroup:
		if p.Out == nil {
			return 0, false
		}
		return uint64(p.Out.Group), true
	case bytecode.MetaBriIifPVID, bytecode.MetaBriIifVProto, bytecode.MetaBriIifHWAddr:
		return m.metaBridge(key)
	}
	return 0, false
}

// metaBridge gives the numbers that belong to the bridge whose port a frame came
// by (nft_meta_bridge).
func (m *Machine) metaBridge(key bytecode.MetaKey) (uint64, bool) {
	br := bridgeOf(m.p.In)
	switch {
	case br == nil:
		return 0, false
	case key == bytecode.MetaBriIifHWAddr:
		return littleEndian(br.MAC[:]), true
	case !br.Bridge.VLANFiltering:
		return 0, false
	case key == bytecode.MetaBriIifPVID:
		return uint64(m.p.In.Port.VLANs.PVID), true
	}
	return uint64(bits.ReverseBytes16(br.Bridge.VLANProtocol)), true
}

// bridgeOf gives the bridge that a link is a port of, nil if there is none.
func bridgeOf(l *nf.Link) *nf.Link {
	if l == nil || l.Port == nil {
		return nil
	}
	return l.Port.Bridge
}

func boolBit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// nfproto is the chain's family, or in inet chains the packet's.
func (m *Machine) nfproto() nf.Family {
	if m.base.Family == nf.FamilyInet {
		return m.p.Family
	}
	return m.base.Family
}

// pktType reports packets that the host looped back to itself by their
// destination.
func (m *Machine) pktType() uint8 {
	p := m.p
	if p.PktType != nf.PacketLoopback {
		return p.PktType
	}
	if p.Family == nf.FamilyIPv4 && !p.Dst().IsMulticast(p.Family) {
		return nf.PacketBroadcast
	}
	return nf.PacketMulticast
}

// linkOf gives the interface of a name key, and whether the key is absent
// (rather than empty) without one.
func (m *Machine) linkOf(key bytecode.MetaKey) *nf.Link {
	switch key {
	case bytecode.MetaIifName, bytecode.MetaIifKind:
		return m.p.In
	case bytecode.MetaBriIifName:
		return bridgeOf(m.p.In)
	case bytecode.MetaBriOifName:
		return bridgeOf(m.p.Out)
	}
	return m.p.Out
}

var noName [nf.IfNameSize]byte

// metaName loads an interface's name or kind.
func (m *Machine) metaName(in *instr) bool {
	key := bytecode.MetaKey(in.key)
	l := m.linkOf(key)
	switch {
	case key == bytecode.MetaIifKind || key == bytecode.MetaOifKind:
		if l == nil || l.Kind == "" {
			return false
		}
		m.store(in.dst, noName[:])
		copy(m.regs[in.dst:int(in.dst)+nf.IfNameSize], l.Kind)
	case l == nil || key == bytecode.MetaSdifName:
		m.store(in.dst, noName[:])
	default:
		m.store(in.dst, l.Key[:])
	}
	return true
}

// ifName compares the first n bytes of an interface name.
func (m *Machine) ifName(in *instr) bool {
	want := in.ref.(*[nf.IfNameSize]byte)
	have := &noName
	if l := m.linkOf(bytecode.MetaKey(in.key)); l != nil {
		have = &l.Key
	}
	if in.n == nf.IfNameSize {
		return (*have == *want) != in.invert
	}
	return (string(have[:in.n]) == string(want[:in.n])) != in.invert
}

// metaSet writes metadata. The type of a packet only changes among the four
// that the wire knows.
func (m *Machine) metaSet(in *instr) {
	p, v := m.p, m.word(in.src, in.n)
	switch bytecode.MetaKey(in.key) {
	case bytecode.MetaMark:
		p.Mark = uint32(v)
	case bytecode.MetaSecmark:
		p.Secmark = uint32(v)
	case bytecode.MetaPriority:
		p.Priority = uint32(v)
	case bytecode.MetaNFTrace:
		p.Trace = v != 0
	case bytecode.MetaBroute:
		p.Broute = v != 0
	case bytecode.MetaPktType:
		if v <= nf.PacketOtherHost && p.PktType <= nf.PacketOtherHost {
			p.PktType = uint8(v)
		}
	}
}
