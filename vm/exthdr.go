package vm

import (
	"encoding/binary"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/packet"
)

// exthdr loads a field of an extension header or option, or whether it is
// there. A header that is absent breaks, unless its presence is asked for; a
// packet of the wrong network protocol always breaks.
func (m *Machine) exthdr(in *instr) bool {
	e := in.ref.(*bytecode.Exthdr)
	var b []byte
	found := false
	switch e.Op {
	case bytecode.ExthdrIPv6:
		if m.p.EtherType != nf.EtherTypeIPv6 {
			return false
		}
		b = m.p.IP()
		var at int
		if at, found, _ = findHeader6(b, e.Type); found {
			b = b[min(at, len(b)):]
		}
	case bytecode.ExthdrIPv4:
		if m.p.EtherType != nf.EtherTypeIPv4 {
			return false
		}
		b, found = findOption4(m.p.IP(), e.Type)
	case bytecode.ExthdrTCPOpt:
		if e.Flags&bytecode.ExthdrWhole != 0 && !m.wholeTCP() {
			return false
		}
		b, found = m.findOption(e)
	case bytecode.ExthdrSCTP:
		b, found = m.findChunk(e)
	case bytecode.ExthdrDCCP:
		found = m.hasDCCPOption(e.Type)
	}
	if e.Flags&bytecode.ExthdrPresent != 0 {
		m.put(in.dst, 1, boolBit(found))
		return true
	}
	end := int(e.Offset + e.Len)
	if !found || end > len(b) {
		return false
	}
	m.store(in.dst, b[e.Offset:end])
	return true
}

// findHeader6 gives the offset of the first extension header of a type
// (ipv6_find_hdr with a target); bad tells that the packet ends within a header
// before it.
func findHeader6(b []byte, typ uint8) (at int, found, bad bool) {
	if len(b) < packet.IPv6Size {
		return 0, false, true
	}
	next, at := b[6], packet.IPv6Size
	for {
		if !packet.IsExtHeader6(next) || next == nf.ProtoNone {
			return at, next == typ, false
		}
		if at+2 > len(b) {
			return 0, false, true
		}
		size := (int(b[at+1]) + 1) * 8
		switch next {
		case nf.ProtoRouting, nf.ProtoFragment:
			if at+4 > len(b) {
				return 0, false, true
			}
			if next == nf.ProtoRouting {
				break
			}
			if binary.BigEndian.Uint16(b[at+2:])&^7 != 0 { // a later fragment
				return at, next == typ, false
			}
			size = 8
		case nf.ProtoAH:
			size = (int(b[at+1]) + 2) * 4
		}
		if next == typ {
			return at, true, false
		}
		next, at = b[at], at+size
	}
}

// tcpHeader gives the whole TCP header of a packet that has one.
func (m *Machine) tcpHeader() []byte {
	p := m.p
	if !p.L4Known || p.Proto != nf.ProtoTCP || p.FragOffset != 0 {
		return nil
	}
	b := p.L4()
	if len(b) < packet.TCPSize {
		return nil
	}
	n := int(b[12]>>4) * 4
	if n < packet.TCPSize || n > len(b) {
		return nil
	}
	return b[:n]
}

// nextTCPOption gives the offset of the first option of a type at or after
// offset i of a TCP header, and its length. The end of the list does not end
// the search, and an option in the last byte is never seen, as in the kernel.
func nextTCPOption(h []byte, typ uint8) (at, n int, ok bool) {
	for i := packet.TCPSize; i < len(h)-1; i += n {
		n = 1
		if h[i] > 1 && h[i+1] != 0 {
			n = int(h[i+1])
		}
		if h[i] == typ {
			return i, n, true
		}
	}
	return 0, 0, false
}

func (m *Machine) findOption(e *bytecode.Exthdr) ([]byte, bool) {
	h := m.tcpHeader()
	at, n, ok := nextTCPOption(h, e.Type)
	if !ok || at+n > len(h) || int(e.Offset+e.Len) > n {
		return nil, false
	}
	return h[at:], true
}

// findChunk gives the first SCTP chunk of a type. Fields are read only from a
// chunk that the packet holds to its end.
func (m *Machine) findChunk(e *bytecode.Exthdr) ([]byte, bool) {
	const header = 12
	if !m.p.L4Known || m.p.Proto != nf.ProtoSCTP {
		return nil, false
	}
	b := m.p.L4()
	for at := header; at+4 <= len(b); {
		n := int(binary.BigEndian.Uint16(b[at+2:]))
		if n == 0 {
			return nil, false
		}
		if b[at] == e.Type {
			present := e.Flags&bytecode.ExthdrPresent != 0
			return b[at:], present || int(e.Offset+e.Len) <= n && at+n <= len(b)
		}
		at += (n + 3) &^ 3
	}
	return nil, false
}

// tcpOptionSet writes into an option, if it is there. The maximum segment size
// is only ever lowered.
func (m *Machine) tcpOptionSet(in *instr) bool {
	const mss = 2
	e := in.ref.(*bytecode.Exthdr)
	h := m.tcpHeader()
	if h == nil {
		return false
	}
	at, n, ok := nextTCPOption(h, e.Type)
	if !ok {
		return true
	}
	if at+n > len(h) || int(e.Offset+e.Len) > n {
		return false
	}
	old := h[at+int(e.Offset) : at+int(e.Offset+e.Len)]
	data := m.regs[in.src : int(in.src)+len(old)]
	if e.Type == mss && len(old) == 2 && binary.BigEndian.Uint16(old) <= binary.BigEndian.Uint16(data) {
		return true
	}
	sum := h[16:]
	for i := 0; i < len(old); i += 2 {
		s := packet.Update16(binary.BigEndian.Uint16(sum), binary.BigEndian.Uint16(old[i:]), binary.BigEndian.Uint16(data[i:]))
		binary.BigEndian.PutUint16(sum, s)
	}
	copy(old, data)
	return true
}

// tcpOptionReset overwrites an option with padding: Continue, Break for other
// packets than TCP, Drop for an option that runs past the header.
func (m *Machine) tcpOptionReset(in *instr) nf.Verdict {
	const nop = 1
	e := in.ref.(*bytecode.Exthdr)
	h := m.tcpHeader()
	if h == nil {
		return nf.Break
	}
	at, n, ok := nextTCPOption(h, e.Type)
	if !ok {
		return nf.Continue
	}
	if at+n > len(h) {
		return nf.Drop
	}
	for i := at; i < at+n; i++ {
		old, new := uint16(h[i]), uint16(nop)
		if i%2 == 0 {
			old, new = old<<8, new<<8
		}
		binary.BigEndian.PutUint16(h[16:], packet.Update16(binary.BigEndian.Uint16(h[16:]), old, new))
	}
	for i := at; i < at+n; i++ {
		h[i] = nop
	}
	return nf.Continue
}
