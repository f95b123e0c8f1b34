package vm

import (
	"encoding/binary"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/packet"
)

// field gives n bytes of the packet, nil where the kernel's load breaks.
func (m *Machine) field(base bytecode.PayloadBase, off, n int, fast bool) []byte {
	start, ok := m.start(base, fast)
	if !ok {
		return nil
	}
	if base == bytecode.PayloadLink && m.p.Tagged && off+n > vlanAt {
		return m.taggedField(off, n)
	}
	start += off
	if start+n > len(m.p.Data) {
		return nil
	}
	return m.p.Data[start : start+n]
}

// start is where a base lies in the packet's data. A load from the transport
// header looks at the fragment offset only on the kernel's slow path.
func (m *Machine) start(base bytecode.PayloadBase, fast bool) (int, bool) {
	p := m.p
	switch base {
	case bytecode.PayloadLink:
		return 0, p.Link && p.Network > 0
	case bytecode.PayloadNetwork:
		return p.Network, true
	case bytecode.PayloadTransport:
		return p.Network + p.Transport, p.L4Known && (fast || p.FragOffset == 0)
	case bytecode.PayloadInner:
		n, ok := m.innerOffset()
		return p.Network + p.Transport + n, ok
	}
	return 0, false
}

// vlanAt is the offset of the VLAN tag in an Ethernet header, afterTag that of
// what follows it.
const vlanAt, afterTag = 12, 16

// taggedField reads from an Ethernet header into which the VLAN tag, which is
// kept beside the data, is put back.
func (m *Machine) taggedField(off, n int) []byte {
	var tag [4]byte
	binary.BigEndian.PutUint16(tag[:], m.p.TPID)
	binary.BigEndian.PutUint16(tag[2:], m.p.TCI)
	for i := range n {
		at := off + i
		switch {
		case at < vlanAt:
		case at < vlanAt+len(tag):
			m.scratch[i] = tag[at-vlanAt]
			continue
		default:
			at -= len(tag)
		}
		if at >= len(m.p.Data) {
			return nil
		}
		m.scratch[i] = m.p.Data[at]
	}
	return m.scratch[:n]
}

// innerOffset is where the payload of the transport header begins, counted
// from that header.
func (m *Machine) innerOffset() (int, bool) {
	p := m.p
	if !p.L4Known || p.FragOffset != 0 {
		return 0, false
	}
	b := p.L4()
	switch p.Proto {
	case nf.ProtoUDP:
		return packet.UDPSize, true
	case nf.ProtoTCP:
		if len(b) < packet.TCPSize {
			return 0, false
		}
		return int(b[12]>>4) * 4, true
	case nf.ProtoGRE:
		return greHeader(b)
	case nf.ProtoIPIP:
		return 0, true
	}
	return 0, false
}

// greHeader is the size of a GRE header of version 0 (RFC 2784, RFC 2890).
func greHeader(b []byte) (int, bool) {
	const checksum, key, sequence = 0x80, 0x20, 0x10
	if len(b) < 4 || b[1]&7 != 0 {
		return 0, false
	}
	n := 4
	for _, bit := range []byte{checksum, key, sequence} {
		if b[0]&bit != 0 {
			n += 4
		}
	}
	return n, true
}

// whole reports whether a packet has all of the transport header, n bytes. As
// with xtables, one that is too short for it is dropped, and so is a TCP
// fragment that could write over the flags of the first one.
func (m *Machine) whole(n int) bool {
	p := m.p
	if !p.L4Known {
		return false
	}
	if p.FragOffset != 0 {
		m.refused = p.FragOffset == 8 && p.Proto == nf.ProtoTCP && n == packet.TCPSize
		return false
	}
	m.refused = len(p.L4()) < n
	return !m.refused
}

// wholeTCP is whole for a TCP header with its options.
func (m *Machine) wholeTCP() bool {
	if !m.whole(packet.TCPSize) {
		return false
	}
	b := m.p.L4()
	size := int(b[12]>>4) * 4
	m.refused = size < packet.TCPSize || size > len(b)
	return !m.refused
}

func (m *Machine) payload(in *instr) bool {
	if in.whole != 0 && !m.whole(int(in.whole)) {
		return false
	}
	b := m.field(bytecode.PayloadBase(in.base), int(in.off), int(in.n), in.fast)
	if b == nil {
		return false
	}
	m.store(in.dst, b)
	return true
}

// littleEndian reads up to 8 bytes.
func littleEndian(b []byte) (v uint64) {
	switch len(b) {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(binary.LittleEndian.Uint16(b))
	case 4:
		return uint64(binary.LittleEndian.Uint32(b))
	case 8:
		return binary.LittleEndian.Uint64(b)
	}
	for i := len(b) - 1; i >= 0; i-- {
		v = v<<8 | uint64(b[i])
	}
	return v
}

// load gives what a fused load would have put into a register.
func (m *Machine) load(in *instr) (uint64, bool) {
	switch in.load {
	case opPayload:
		if in.whole != 0 && !m.whole(int(in.whole)) {
			return 0, false
		}
		b := m.field(bytecode.PayloadBase(in.base), int(in.off), int(in.n), in.fast)
		return littleEndian(b), b != nil
	case opMeta:
		return m.meta(bytecode.MetaKey(in.key))
	case opCT:
		return m.ct(in)
	}
	return m.word(in.src, in.n), true
}

// number is an unfused load of up to 8 bytes.
func (m *Machine) number(in *instr) bool {
	if in.op == opCT && in.n > 8 {
		return m.ctBytes(in)
	}
	var v uint64
	var ok bool
	if in.op == opMeta {
		v, ok = m.meta(bytecode.MetaKey(in.key))
	} else {
		v, ok = m.ct(in)
	}
	if ok {
		m.put(in.dst, in.n, v)
	}
	return ok
}
