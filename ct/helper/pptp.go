package helper

import (
	"encoding/binary"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// Control messages of PPTP (RFC 2637, section 2), which a client, the PNS, and a
// server, the PAC, exchange.
const (
	pptpStartRequest = 1 + iota
	pptpStartReply
	pptpStopRequest
	pptpStopReply
	pptpEchoRequest
	pptpEchoReply
	pptpOutRequest
	pptpOutReply
	pptpInRequest
	pptpInReply
	pptpInConnected
	pptpClearRequest
	pptpDisconnectNotify
	pptpWANErrorNotify
	pptpSetLinkInfo
	pptpMessages
)

// pptpSizes are what the messages have at least behind their header.
var pptpSizes = [pptpMessages]int{
	pptpStartRequest: 144, pptpStartReply: 144, pptpStopRequest: 4, pptpStopReply: 4,
	pptpOutRequest: 156, pptpOutReply: 20, pptpInRequest: 208, pptpInReply: 12, pptpInConnected: 16,
	pptpClearRequest: 4, pptpDisconnectNotify: 136, pptpWANErrorNotify: 28, pptpSetLinkInfo: 12,
}

// Layout of the messages.
const (
	pptpHeader  = 12
	pptpControl = 1          // the type of packet
	pptpCookie  = 0x1a2b3c4d // what all packets have
	pptpOK      = 1          // the result code of all that succeeds
)

// States of a session and of its call; only one call at a time is followed.
const (
	pptpSessionNone = iota
	pptpSessionError
	pptpSessionStopping
	pptpSessionRequested
	pptpSessionConfirmed
)

const (
	pptpCallNone = iota
	pptpCallError
	pptpCallOutRequested
	pptpCallOutConfirmed
	pptpCallInRequested
	pptpCallInReplied
	pptpCallInConfirmed
	pptpCallClearing
)

// A pptpState is what the helper remembers of a control connection.
type pptpState struct{ data *ct.HelpData }

// Call ids in the state: those that are used between the translating host and the
// server, and those that the client uses, where they differ.
const (
	pptpPNS       = 2 // of the client, as the server knows it
	pptpPAC       = 4 // of the server
	pptpClientPNS = 6
)

func (s pptpState) session() *byte { return &s.data[0] }
func (s pptpState) call() *byte    { return &s.data[1] }
func (s pptpState) keyed() *byte   { return &s.data[10] } // tells that keys of GRE were entered

func (s pptpState) id(at int) uint16       { return binary.LittleEndian.Uint16(s.data[at:]) }
func (s pptpState) setID(at int, n uint16) { binary.LittleEndian.PutUint16(s.data[at:], n) }

// A pptpMessage is a control message in a packet.
type pptpMessage struct {
	*tracker
	pptpState
	p    *packet.Packet
	e    *ct.Entry
	kind uint16
	body []byte
}

func (m *pptpMessage) word(at int) uint16 { return binary.BigEndian.Uint16(m.body[at:]) }

// pptp is the helper for control connections of PPTP, which expects the tunnel: GRE
// with the call ids of both sides as keys.
func (t *tracker) pptp(p *packet.Packet, e *ct.Entry) nf.Verdict {
	_, data, ok := payloadTCP(p)
	if !ok || !established(p) || len(data) < pptpHeader ||
		binary.BigEndian.Uint16(data[2:]) != pptpControl || binary.BigEndian.Uint32(data[4:]) != pptpCookie {
		return nf.Accept
	}
	m := pptpMessage{tracker: t, pptpState: pptpState{t.table.HelpData(e)}, p: p, e: e, body: data[pptpHeader:]}
	m.kind = binary.BigEndian.Uint16(data[8:])
	if m.kind < pptpMessages && len(m.body) < pptpSizes[m.kind] {
		return nf.Accept
	}
	act := m.fromServer
	if p.CTInfo.Dir() == nf.DirOriginal { // who connects is taken for the client
		act = m.fromClient
	}
	if act() && translated(e) {
		return m.translate()
	}
	return nf.Accept
}

// fromClient follows the state of the session; false for what does not fit it.
func (m *pptpMessage) fromClient() bool {
	session, call := m.session(), m.call()
	switch m.kind {
	case pptpStartRequest:
		if *session != pptpSessionNone {
			return false
		}
		*session = pptpSessionRequested
	case pptpStopRequest:
		*session = pptpSessionStopping
	case pptpOutRequest:
		if *session != pptpSessionConfirmed {
			return false
		}
		*call = pptpCallOutRequested
		m.setID(pptpPNS, m.word(0))
	case pptpInReply:
		if *call != pptpCallInRequested && *call != pptpCallInReplied || m.id(pptpPAC) != m.word(2) {
			return false
		}
		*call = pptpCallNone
		if m.body[4] == pptpOK {
			*call = pptpCallInReplied
			m.setID(pptpPNS, m.word(0))
		}
	case pptpClearRequest:
		if *session != pptpSessionConfirmed {
			return false
		}
		*call = pptpCallClearing
	case pptpSetLinkInfo, pptpEchoRequest, pptpEchoReply:
	default:
		return false
	}
	return true
}

// fromServer is the same for the other side.
func (m *pptpMessage) fromServer() bool {
	session, call := m.session(), m.call()
	confirmed := *session == pptpSessionConfirmed
	switch m.kind {
	case pptpStartReply:
		if *session < pptpSessionRequested {
			return false
		}
		*session = pptpOutcome(m.body[2], pptpSessionConfirmed)
	case pptpStopReply:
		if *session > pptpSessionStopping {
			return false
		}
		*session = pptpOutcome(m.body[0], pptpSessionNone)
	case pptpOutReply:
		if !confirmed || *call != pptpCallOutRequested && *call != pptpCallOutConfirmed || m.id(pptpPNS) != m.word(2) {
			return false
		}
		*call = pptpCallNone
		if m.body[4] == pptpOK {
			*call = pptpCallOutConfirmed
			m.setID(pptpPAC, m.word(0))
			m.expectTunnel()
		}
	case pptpInRequest:
		if !confirmed {
			return false
		}
		*call = pptpCallInRequested
		m.setID(pptpPAC, m.word(0))
	case pptpInConnected:
		if !confirmed || *call != pptpCallInReplied && *call != pptpCallInConfirmed || m.id(pptpPNS) != m.word(0) {
			return false
		}
		*call = pptpCallInConfirmed
		m.expectTunnel()
	case pptpDisconnectNotify:
		*call = pptpCallNone
		m.endTunnel(m.e, m.table.Now())
	case pptpWANErrorNotify, pptpSetLinkInfo, pptpEchoRequest, pptpEchoReply:
	default:
		return false
	}
	return true
}

// pptpOutcome is the state of a session by a result code.
func pptpOutcome(code byte, good byte) byte {
	if code == pptpOK {
		return good
	}
	return pptpSessionError
}
