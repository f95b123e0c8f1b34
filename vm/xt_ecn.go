package vm

import (
	"encoding/binary"

	"nfvm/nf"
	"nfvm/packet"
	"nfvm/xt"
)

// xtECN sets the codepoint of IP, and the flags ECE and CWR of TCP.
type xtECN struct {
	bits, value byte // of TCP
	setIP       bool
	ip          byte
}

func loadECN(_ *loader, info []byte) (xtTarget, error) {
	var c xt.ECN
	err := xt.Decode(info, &c)
	t := &xtECN{setIP: c.Operation&xt.ECNSetIP != 0, ip: c.IP & 3}
	const ece, cwr = 0x40, 0x80
	if c.Operation&xt.ECNSetECE != 0 {
		t.bits, t.value = t.bits|ece, t.value|c.TCP&1*ece
	}
	if c.Operation&xt.ECNSetCWR != 0 {
		t.bits, t.value = t.bits|cwr, t.value|c.TCP>>1&1*cwr
	}
	return t, err
}

func (t *xtECN) target(m *Machine) nf.Verdict {
	p := m.p
	if t.setIP {
		p.SetTOS(p.TOS()&^3 | t.ip)
	}
	if t.bits == 0 || p.Proto != nf.ProtoTCP {
		return nf.Continue
	}
	b := p.L4()
	if p.FragOffset != 0 || len(b) < packet.TCPSize {
		return nf.Drop
	}
	old := binary.BigEndian.Uint16(b[12:])
	b[13] = b[13]&^t.bits | t.value
	tcpSum(b, old, binary.BigEndian.Uint16(b[12:]))
	return nf.Continue
}

// xtEUI64 compares the interface identifier of an IPv6 source with the one made
// from the MAC address (RFC 4291, appendix A).
type xtEUI64 struct{}

func loadEUI64(_ *loader, info []byte) (xtMatch, error) {
	return xtEUI64{}, xt.Decode(info, new(xt.EUI64))
}

func (xtEUI64) match(m *Machine) bool {
	mac := m.p.EtherSrc()
	if mac == nil || m.p.Family != nf.FamilyIPv6 {
		return false
	}
	id := [8]byte{mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]}
	src := m.p.Src()
	return [8]byte(src[8:]) == id
}
