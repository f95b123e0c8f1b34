package vm

import (
	"encoding/binary"

	"nfvm/nf"
	"nfvm/packet"
	"nfvm/xt"
)

// xtMSS lowers the maximum segment size that a SYN announces, and adds the
// option where it is missing.
type xtMSS struct {
	mss   uint16
	clamp bool // to what fits the route there and back
}

func loadTCPMSS(_ *loader, info []byte) (xtTarget, error) {
	var c xt.TCPMSS
	err := xt.Decode(info, &c)
	return &xtMSS{c.MSS, c.MSS == xt.ClampPMTU}, err
}

// Kind and length of the option (RFC 9293).
const (
	mssKind   = 2
	mssLength = 4
)

// target changes the packet. What has no TCP header as it should be is dropped;
// only a later fragment, which has none, is left alone.
func (t *xtMSS) target(m *Machine) nf.Verdict {
	p := m.p
	if p.FragOffset != 0 {
		return nf.Continue
	}
	b := p.L4()
	if len(b) < packet.TCPSize {
		return nf.Drop
	}
	header := int(b[12]>>4) * 4
	if len(b) < header || header < packet.TCPSize {
		return nf.Drop
	}
	size, ok := t.size(m)
	if !ok {
		return nf.Drop
	}
	for i := packet.TCPSize; i <= header-mssLength; {
		if b[i] == mssKind && b[i+1] == mssLength {
			lower(b, i+2, size)
			return nf.Continue
		}
		n := 1
		if b[i] > 1 && b[i+1] != 0 {
			n = int(b[i+1])
		}
		i += n
	}
	// Data behind the header would have to move, and the header's length is
	// counted in four bits.
	if len(b) == header && header < 15*4 {
		t.add(p, size)
	}
	return nf.Continue
}

// size is the segment size to announce.
func (t *xtMSS) size(m *Machine) (uint16, bool) {
	if !t.clamp {
		return t.mss, true
	}
	headers := 40
	if m.p.Family == nf.FamilyIPv6 {
		headers = 60
	}
	r, ok := m.env.Route(m.p, m.hook)
	if !ok || r.MTU <= headers {
		return 0, false
	}
	return uint16(min(r.MTU-headers, 0xffff)), true
}

// lower writes a segment size that is smaller than the one there.
func lower(b []byte, at int, size uint16) {
	old := binary.BigEndian.Uint16(b[at:])
	if old <= size {
		return
	}
	binary.BigEndian.PutUint16(b[at:], size)
	tcpSum(b, old, size)
}

func tcpSum(b []byte, old, now uint16) {
	binary.BigEndian.PutUint16(b[16:], packet.Update16(binary.BigEndian.Uint16(b[16:]), old, now))
}

// add puts the option before all others; it is at most what a host assumes that
// sees none.
func (t *xtMSS) add(p *packet.Packet, size uint16) {
	most := uint16(536)
	if p.Family == nf.FamilyIPv6 {
		most = 1220
	}
	size = min(size, most)
	option := [mssLength]byte{mssKind, mssLength, byte(size >> 8), byte(size)}
	if !p.Splice(p.Transport+packet.TCPSize, 0, option[:]) {
		return
	}
	b := p.L4()
	tcpSum(b, uint16(len(b)-mssLength), uint16(len(b)))
	tcpSum(b, 0, binary.BigEndian.Uint16(option[:]))
	tcpSum(b, 0, size)
	old := binary.BigEndian.Uint16(b[12:])
	b[12] += mssLength / 4 << 4
	tcpSum(b, old, binary.BigEndian.Uint16(b[12:]))
}

// xtMSSMatch compares the maximum segment size that a packet announces; one that
// announces none is outside of every range.
type xtMSSMatch struct{ xt.MSS }

func loadMSS(_ *loader, info []byte) (xtMatch, error) {
	t := &xtMSSMatch{}
	return t, xt.Decode(info, &t.MSS)
}

func (t *xtMSSMatch) match(m *Machine) bool {
	p := m.p
	if p.FragOffset != 0 {
		return false
	}
	b := p.L4()
	if len(b) < packet.TCPSize || int(b[12]>>4)*4 < packet.TCPSize || len(b) < int(b[12]>>4)*4 {
		m.refused = true
		return false
	}
	for i, header := packet.TCPSize, int(b[12]>>4)*4; i < header; {
		n := 1
		switch {
		case b[i] == mssKind && header-i >= mssLength && b[i+1] == mssLength:
			size := binary.BigEndian.Uint16(b[i+2:])
			return (t.Min <= size && size <= t.Max) != (t.Invert != 0)
		case b[i] > 1 && i+1 < header && b[i+1] != 0:
			n = int(b[i+1])
		}
		i += n
	}
	return t.Invert != 0
}
