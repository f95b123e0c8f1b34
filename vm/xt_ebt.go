package vm

import (
	"encoding/binary"

	"nfvm/nf"
	"nfvm/xt"
)

// xtSTP compares fields of a spanning tree message (IEEE 802.1D). The kernel
// takes the identifier of the protocol to have one byte, while it has two: what it
// compares as the type is the version, and its fields start at the type.
type xtSTP struct{ xt.STP }

func loadSTP(_ *loader, info []byte) (xtMatch, error) {
	x := &xtSTP{}
	return x, xt.Decode(info, &x.STP)
}

// stpHeader begins a spanning tree message: IEEE 802.2, then what the kernel takes
// for the protocol, the version and the type.
const stpHeader = "\x42\x42\x03\x00\x00\x00"

func (x *xtSTP) match(m *Machine) bool {
	const config = 31
	b := m.p.IP()
	if len(b) < len(stpHeader) || string(b[:len(stpHeader)]) != stpHeader || !x.holds(xt.STPType, x.Type == 0) {
		return false
	}
	b = b[len(stpHeader):]
	return x.Match&^xt.STPType == 0 || len(b) >= config && x.config(b)
}

func (x *xtSTP) holds(field uint16, result bool) bool {
	return x.Match&field == 0 || result != (x.Invert&field != 0)
}

func (x *xtSTP) config(b []byte) bool {
	in := func(at int, r xt.STPRange) bool {
		n := binary.BigEndian.Uint16(b[at:])
		return r.Low <= n && n <= r.High
	}
	cost := binary.BigEndian.Uint32(b[9:])
	return x.holds(xt.STPFlags, b[0] == x.Flags) &&
		x.holds(xt.STPRootPrio, in(1, x.RootPrio)) && x.holds(xt.STPRootAddr, sameMAC(b[3:], &x.RootAddr)) &&
		x.holds(xt.STPRootCost, x.RootCost.Low <= cost && cost <= x.RootCost.High) &&
		x.holds(xt.STPSenderPrio, in(13, x.SenderPrio)) && x.holds(xt.STPSenderAddr, sameMAC(b[15:], &x.SenderAddr)) &&
		x.holds(xt.STPPort, in(21, x.Port)) && x.holds(xt.STPMsgAge, in(23, x.MsgAge)) && x.holds(xt.STPMaxAge, in(25, x.MaxAge)) &&
		x.holds(xt.STPHelloTime, in(27, x.HelloTime)) && x.holds(xt.STPForward, in(29, x.Forward))
}

func sameMAC(b []byte, a *xt.STPAddr) bool {
	for i, m := range a.Mask {
		if (b[i]^a.Addr[i])&m != 0 {
			return false
		}
	}
	return true
}

// xtLLC compares the service access points of a frame of IEEE 802.2, and the
// type behind them where they are those of SNAP.
type xtLLC struct{ xt.LLC }

func loadLLC(_ *loader, info []byte) (xtMatch, error) {
	x := &xtLLC{}
	return x, xt.Decode(info, &x.LLC)
}

func (x *xtLLC) match(m *Machine) bool {
	b := m.p.IP()
	if len(b) < 3 {
		return false
	}
	if not := x.Invert&xt.LLCSAP != 0; x.Match&xt.LLCSAP != 0 && ((b[0] == x.SAP) == not || (b[1] == x.SAP) == not) {
		return false
	}
	if x.Match&xt.LLCType == 0 {
		return true
	}
	// The control field has one byte in unnumbered frames, else two; here any of
	// the two bits that tell them is enough. Behind one of two bytes the kernel
	// looks for the type in an even place.
	const snap, unnumbered = 0xaa, 0x03
	at := 8
	if b[2]&unnumbered != 0 {
		at = 6
	}
	return b[0] == snap && b[1] == snap && len(b) >= at+2 && ([2]byte(b[at:]) == x.Type) != (x.Invert&xt.LLCType != 0)
}

// ebtVerdict is the verdict that a target of ebtables ends with.
func ebtVerdict(target int32) nf.Verdict {
	switch target | ^xt.EbtVerdict {
	case xt.EbtAccept:
		return nf.Accept
	case xt.EbtContinue:
		return nf.Continue
	case xt.EbtReturn:
		return nf.Return
	}
	return nf.Drop
}

// xtARPReply answers ARP requests about IPv4, whoever they ask for.
type xtARPReply struct{ xt.FrameMAC }

func loadARPReply(_ *loader, info []byte) (xtTarget, error) {
	x := &xtARPReply{}
	return x, xt.Decode(info, &x.FrameMAC)
}

func (x *xtARPReply) target(m *Machine) nf.Verdict {
	const header, size = 8, 28
	b := m.p.IP()
	switch {
	case len(b) < header:
		return nf.Drop
	case string(b[2:header]) != "\x08\x00\x06\x04\x00\x01": // a request about IPv4 on Ethernet
		return nf.Continue
	case len(b) < size:
		return nf.Drop
	}
	var f [14 + size]byte
	copy(f[:], b[header:header+6])
	copy(f[6:], x.MAC[:])
	copy(f[12:], "\x08\x06\x00\x01\x08\x00\x06\x04\x00\x02")
	copy(f[22:], x.MAC[:])
	copy(f[28:], b[24:28])             // the address that was asked for
	copy(f[32:], b[header:header+6+4]) // who has asked
	m.env.SendARP(m.p, f[:])
	return ebtVerdict(x.Target)
}

// xtSnat writes the source address of a frame, and that within ARP packets.
type xtSnat struct{ xt.FrameMAC }

func loadSnat(_ *loader, info []byte) (xtTarget, error) {
	x := &xtSnat{}
	return x, xt.Decode(info, &x.FrameMAC)
}

func (x *xtSnat) target(m *Machine) nf.Verdict {
	const header, size = 8, 14
	src, b := m.p.EtherSrc(), m.p.IP()
	if src == nil {
		return nf.Drop
	}
	copy(src, x.MAC[:])
	if x.Target&xt.SnatARP == 0 && m.p.EtherType == nf.EtherTypeARP {
		if len(b) < header {
			return nf.Drop
		}
		if b[4] == 6 {
			if len(b) < size {
				return nf.Drop
			}
			copy(b[header:], x.MAC[:])
		}
	}
	return ebtVerdict(x.Target)
}
