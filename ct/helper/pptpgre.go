package helper

import (
	"encoding/binary"

	"nfvm/ct"
	"nfvm/nf"
)

// expectTunnel expects GRE in both directions. Without room for both, or where
// other ids of a call are in use, there is neither.
func (m *pptpMessage) expectTunnel() {
	client, server := m.id(pptpPNS), m.id(pptpPAC)
	if translated(m.e) {
		client = m.id(pptpClientPNS)
	}
	out := m.tunnel(nf.DirOriginal, client, server)
	back := m.tunnel(nf.DirReply, server, m.id(pptpPNS))
	if translated(m.e) {
		out.SavedID, out.Dir = m.id(pptpPNS), nf.DirOriginal
		back.SavedID, back.Dir = client, nf.DirReply
	}
	if m.table.Expect(out) != ct.Expected {
		return
	}
	if m.table.Expect(back) != ct.Expected {
		m.table.Unexpect(out)
		return
	}
	if m.enterKeys(m.e) {
		*m.keyed() = 1
		return
	}
	m.table.Unexpect(back)
	m.table.Unexpect(out)
}

// tunnel announces GRE in one direction of the control connection.
func (m *pptpMessage) tunnel(d nf.Dir, src, dst uint16) *ct.Expectation {
	t := &m.e.Tuple[d]
	x := ct.NewExpectation(m.e, 0, nf.ProtoGRE, &t.Src, t.Dst, &src, dst)
	x.Fn = ct.ExpectPPTP
	return x
}

// enterKeys makes the table know by which keys the tunnel of a control connection
// is found.
func (m *pptpMessage) enterKeys(e *ct.Entry) bool {
	client := m.id(pptpPNS)
	if translated(e) {
		client = m.id(pptpClientPNS)
	}
	if !m.table.AddGREKeys(e, nf.DirOriginal, client, m.id(pptpPAC)) {
		return false
	}
	if !m.table.AddGREKeys(e, nf.DirReply, m.id(pptpPAC), m.id(pptpPNS)) {
		m.table.DropGREKeys(e.ID)
		return false
	}
	return true
}

// restorePPTP does so again for a connection that was saved.
func (t *tracker) restorePPTP(e *ct.Entry) {
	m := pptpMessage{tracker: t, pptpState: pptpState{t.table.HelpData(e)}, e: e}
	if *m.keyed() != 0 {
		m.enterKeys(e)
	}
}

// endPPTP ends the tunnel of a control connection that goes away.
func (t *tracker) endPPTP(e *ct.Entry, when int64) {
	m := pptpMessage{tracker: t, pptpState: pptpState{t.table.HelpData(e)}, e: e}
	m.endTunnel(e, when)
}

// endTunnel ends a tunnel, or no longer expects it, in both directions
// (pptp_destroy_siblings).
func (m *pptpMessage) endTunnel(e *ct.Entry, when int64) {
	*m.keyed() = 0
	m.table.DropGREKeys(e.ID)
	keys := [2]uint16{m.id(pptpPNS), m.id(pptpPAC)}
	for d := range e.Tuple {
		tuple := e.Tuple[d]
		tuple.L4, tuple.SrcID, tuple.DstID = nf.ProtoGRE, keys[d], keys[1-d]
		if id, _, ok := m.table.Lookup(&tuple, e.ZoneOf()); ok {
			m.table.KillAt(id, when)
		} else if x := m.table.FindExpected(&tuple, e.Zone); x != nil {
			m.table.Unexpect(x)
		}
	}
}

// pptpExpected is done with the first packet of a tunnel: the other direction is
// no longer expected, since it has an entry now, and NAT is as the control
// connection's (pptp_expectfn, pptp_nat_expected).
func (t *tracker) pptpExpected(e *ct.Entry, x *ct.Expectation) {
	master := t.table.Entry(e.Master)
	if master == nil {
		return
	}
	if !translated(master) {
		if other, ok := x.Tuple.Invert(); ok {
			t.unexpectTuple(&other, e.Zone)
		}
		return
	}
	s := pptpState{t.table.HelpData(master)}
	back := &master.Tuple[1-x.Dir]
	other := ct.Tuple{Src: back.Src, Dst: back.Dst, L3: back.L3, L4: nf.ProtoGRE}
	from, to := x.SavedID, uint16(0)
	if x.Dir == nf.DirOriginal {
		other.SrcID, other.DstID = s.id(pptpPAC), s.id(pptpPNS)
	} else {
		from, to = 0, x.SavedID // Linux 6.18 looks for keys of 0, and so for nothing
	}
	t.unexpectTuple(&other, e.Zone)
	t.nat.BindSource(e, back.Dst, from)
	t.nat.BindDestination(e, back.Src, to)
}

func (t *tracker) unexpectTuple(tuple *ct.Tuple, zone uint16) {
	if x := t.table.FindExpected(tuple, zone); x != nil {
		t.table.Unexpect(x)
	}
}

// translate gives a call of the client the port of the control connection for an
// id, which is the only one of a host behind NAT, and puts the client's own back
// into what comes from the server.
func (m *pptpMessage) translate() nf.Verdict {
	at, id := -1, m.id(pptpPNS)
	if m.p.CTInfo.Dir() == nf.DirOriginal {
		switch m.kind {
		case pptpOutRequest:
			m.setID(pptpClientPNS, id)
			id = m.e.Tuple[nf.DirReply].DstID
			m.setID(pptpPNS, id)
			at = 0
		case pptpInReply, pptpClearRequest:
			at = 0
		}
	} else {
		id = m.id(pptpClientPNS)
		switch m.kind {
		case pptpOutReply:
			at = 2
		case pptpInConnected, pptpWANErrorNotify, pptpDisconnectNotify, pptpSetLinkInfo:
			at = 0
		}
	}
	if at >= 0 && !m.nat.MangleTCP(m.p, m.e, pptpHeader+at, 2, binary.BigEndian.AppendUint16(nil, id)) {
		return nf.Drop
	}
	return nf.Accept
}
