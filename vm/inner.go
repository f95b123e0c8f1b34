package vm

import (
	"encoding/binary"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/packet"
)

// What an inner expression says of its tunnel (NFT_INNER_ in
// linux/netfilter/nf_tables.h).
const (
	innerHdrSize = 1 << iota // a tunnel header of a given size comes first
	innerLink                // the tunnel carries Ethernet frames
	innerNetwork
	innerTransport
)

const innerGeneve = 2 // enum nft_inner_type: its header has options

// An innerOp is a load from the packet inside a tunnel.
type innerOp struct {
	*bytecode.Inner
	payload *bytecode.Payload // or
	key     bytecode.MetaKey
}

func (l *loader) lowerInner(e *bytecode.Inner) (instr, error) {
	op := &innerOp{Inner: e}
	switch x := e.Expr.(type) {
	case *bytecode.Payload:
		op.payload = x
		return instr{op: opInner, dst: at(x.DReg), ref: op}, nil
	case *bytecode.Meta:
		if x.Key == bytecode.MetaProtocol || x.Key == bytecode.MetaL4Proto {
			op.key = x.Key
			return instr{op: opInner, dst: at(x.DReg), ref: op}, nil
		}
	}
	return instr{}, l.errorf("this load from the packet inside a tunnel is not supported")
}

// A tunnel is where the headers of a packet within a packet lie; -1 is nowhere.
type tunnel struct {
	header, link, network, transport int
	etherType                        uint16
	proto                            uint8
}

// inner evaluates a load on the packet inside a tunnel (nft_inner): it breaks
// where the packet is no such tunnel, carries neither IPv4 nor IPv6, or lacks
// the header.
func (m *Machine) inner(in *instr) bool {
	op := in.ref.(*innerOp)
	n, ok := m.innerOffset()
	if !ok {
		return false
	}
	t := tunnel{header: -1, link: -1, network: -1, transport: -1}
	if !m.enterTunnel(op.Inner, m.p.Network+m.p.Transport+n, &t) {
		return false
	}
	if op.payload == nil {
		return m.innerMeta(op.key, in.dst, &t)
	}
	start := -1
	switch op.payload.Base {
	case bytecode.PayloadTunnel:
		start = t.header
	case bytecode.PayloadLink:
		start = t.link
	case bytecode.PayloadNetwork:
		start = t.network
	case bytecode.PayloadTransport:
		start = t.transport
	}
	from := start + int(op.payload.Offset)
	to := from + int(op.payload.Len)
	if start < 0 || to > len(m.p.Data) {
		return false
	}
	m.store(in.dst, m.p.Data[from:to])
	return true
}

func (m *Machine) innerMeta(key bytecode.MetaKey, dst uint8, t *tunnel) bool {
	if key == bytecode.MetaProtocol {
		m.store(dst, binary.BigEndian.AppendUint16(m.scratch[:0], t.etherType))
		return true
	}
	if t.transport < 0 {
		return false
	}
	m.put(dst, 1, uint64(t.proto))
	return true
}

// enterTunnel finds the headers behind the outer packet's payload at off.
func (m *Machine) enterTunnel(e *bytecode.Inner, off int, t *tunnel) bool {
	b := m.p.Data
	if e.Flags&innerHdrSize != 0 {
		switch m.p.Proto {
		case nf.ProtoGRE:
			t.header = m.p.Network + m.p.Transport
		case nf.ProtoUDP:
			t.header = off
			if e.Type == innerGeneve {
				if off+8 > len(b) {
					return false
				}
				off += int(b[off]&0x3f) * 4
			}
			off += int(e.HdrSize)
		default:
			return false
		}
	}
	if e.Flags&(innerLink|innerNetwork) == 0 {
		t.transport = off
		return true
	}
	off, carried, ok := enterLink(e, b, off, t)
	if !ok {
		return false
	}
	switch carried {
	case nf.EtherTypeIPv4:
		return enterIPv4(b, off, t)
	case nf.EtherTypeIPv6:
		return enterIPv6(b, off, t)
	}
	return false
}

// enterLink passes the Ethernet header, with one VLAN tag at most, or tells
// from the version what a tunnel without one carries. A tagged frame's protocol
// is that of the tag.
func enterLink(e *bytecode.Inner, b []byte, off int, t *tunnel) (next int, carried uint16, ok bool) {
	if e.Flags&innerLink == 0 {
		if off+4 > len(b) {
			return 0, 0, false
		}
		t.etherType = nf.EtherTypeIPv4
		if b[off]>>4 == 6 {
			t.etherType = nf.EtherTypeIPv6
		}
		return off, t.etherType, true
	}
	if off+14 > len(b) {
		return 0, 0, false
	}
	t.etherType = binary.BigEndian.Uint16(b[off+12:])
	carried, next = t.etherType, off+14
	if carried == nf.EtherTypeVLAN {
		if next += 4; next > len(b) {
			return 0, 0, false
		}
		carried = binary.BigEndian.Uint16(b[off+16:])
	}
	t.link = off
	return next, carried, true
}

func enterIPv4(b []byte, off int, t *tunnel) bool {
	if off+packet.IPv4Size > len(b) || b[off]>>4 != 4 || b[off]&15 < 5 {
		return false
	}
	t.network = off
	if binary.BigEndian.Uint16(b[off+6:])&0x1fff == 0 {
		t.transport, t.proto = off+int(b[off]&15)*4, b[off+9]
	}
	return true
}

func enterIPv6(b []byte, off int, t *tunnel) bool {
	if off+packet.IPv6Size > len(b) || b[off]>>4 != 6 {
		return false
	}
	h, ok := packet.FindTransport6(b[off:])
	if !ok {
		return false
	}
	t.network = off
	if h.FragOffset == 0 {
		t.transport, t.proto = off+h.Offset, h.Proto
	}
	return true
}
