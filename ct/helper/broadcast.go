package helper

import (
	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// Ports of the protocols that ask a whole subnet.
const (
	netbiosPort = 137
	snmpPort    = 161
)

// broadcast waits for the answers to what the host itself asks a subnet, which
// may come from any machine there and its port of the protocol, for some time
// (nf_conntrack_broadcast_help).
func (t *tracker) broadcast(p *packet.Packet, e *ct.Entry, port uint16, wait int64) {
	if !p.Local || p.Out == nil || p.CTInfo.Dir() != nf.DirOriginal {
		return
	}
	mask, ok := t.host.BroadcastMask(p)
	if !ok {
		return
	}
	x := &ct.Expectation{Master: e.ID, Tuple: e.Tuple[nf.DirReply], Flags: ct.ExpectPermanent}
	x.Tuple.SrcID = port
	x.Mask = ct.SourceMask{Addr: mask, ID: 0xffff}
	t.table.Expect(x) // a question that can't be expected to be answered is asked all the same
	t.table.Refresh(e, wait)
}

// netbios is the helper for names of NetBIOS hosts.
func (t *tracker) netbios(p *packet.Packet, e *ct.Entry) nf.Verdict {
	t.broadcast(p, e, netbiosPort, 3*seconds)
	return nf.Accept
}

// snmp is the helper for SNMP.
func (t *tracker) snmp(p *packet.Packet, e *ct.Entry) nf.Verdict {
	t.broadcast(p, e, snmpPort, 30*seconds)
	return t.snmpTranslate(p, e)
}
