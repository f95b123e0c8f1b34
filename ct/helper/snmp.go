package helper

import (
	"encoding/binary"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

const snmpTrapPort = 162

// snmpTranslate changes addresses that SNMP messages carry as values to those
// that NAT gives the agent, as far as they are its own (RFC 2962, basic form).
// A message that is none of SNMP version 1 or 2 is dropped.
func (t *tracker) snmpTranslate(p *packet.Packet, e *ct.Entry) nf.Verdict {
	u := p.L4()
	dir := p.CTInfo.Dir()
	if len(u) < packet.UDPSize || !translated(e) ||
		binary.BigEndian.Uint16(u) == snmpPort && dir != nf.DirReply ||
		binary.BigEndian.Uint16(u[2:]) == snmpTrapPort && dir != nf.DirOriginal {
		return nf.Accept
	}
	if int(binary.BigEndian.Uint16(u[4:])) != len(u) {
		return nf.Drop
	}
	from, to := e.Tuple[nf.DirOriginal].Src, e.Tuple[nf.DirReply].Dst // in both directions
	if from == to {
		return nf.Accept
	}
	if !p.Pull(p.Len()) {
		return nf.Drop
	}
	m := snmpMessage{sum: u[6:8], all: u[packet.UDPSize:], from: from[:4], to: to[:4]}
	if _, ok := m.message(m.all); !ok {
		return nf.Drop
	}
	return nf.Accept
}
