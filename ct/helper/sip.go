package helper

import (
	"bytes"
	"encoding/binary"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// sipShortest is what a message has at least: "SIP/2.0 200".
const sipShortest = 11

// A sipMessage is a message in a packet of the connection e.
type sipMessage struct {
	sipText
	*tracker
	p    *packet.Packet
	e    *ct.Entry
	dir  nf.Dir
	from int // where in the payload it begins
}

// sip is the helper for SIP over UDP, where a packet is a message, and TCP.
func (t *tracker) sip(p *packet.Packet, e *ct.Entry) nf.Verdict {
	m := sipMessage{tracker: t, p: p, e: e, dir: p.CTInfo.Dir()}
	m.family = nf.Family(e.Tuple[m.dir].L3)
	if e.L4() == nf.ProtoTCP {
		return m.stream()
	}
	if p.Proto != nf.ProtoUDP { // an ICMP error, which counts for the kernel
		if len(p.L4()) > packet.UDPSize {
			t.table.Refresh(e, int64(t.params.SIPTimeout)*seconds)
		}
		return nf.Accept
	}
	m.b = payloadUDP(p)
	if len(m.b) == 0 {
		return nf.Accept
	}
	t.table.Refresh(e, int64(t.params.SIPTimeout)*seconds)
	if len(m.b) < sipShortest {
		return nf.Accept
	}
	return m.process()
}

// stream reads the messages that a TCP packet holds as a whole. Of those whose
// end is in a later one, addresses stay as they are.
func (m *sipMessage) stream() nf.Verdict {
	_, data, ok := payloadTCP(m.p)
	if !ok || !established(m.p) {
		return nf.Accept
	}
	m.table.Refresh(m.e, int64(m.params.SIPTimeout)*seconds)
	if len(data) < sipShortest {
		return nf.Accept
	}
	grown := 0
	for {
		m.b = data[min(m.from, len(data)):]
		size, ok := m.size()
		if !ok {
			break
		}
		if size > len(m.b) {
			return nf.Accept
		}
		m.b = m.b[:size]
		if v := m.process(); v != nf.Accept {
			return v
		}
		grown += len(m.b) - size
		m.from += len(m.b)
		_, data, _ = payloadTCP(m.p)
	}
	if translated(m.e) {
		m.nat.Resized(m.p, m.e, grown)
	}
	return nf.Accept
}

// size gives the size of the message at the begin of m.b, which may be more than
// there is; ok is false if there is none.
func (m *sipMessage) size() (size int, ok bool) {
	v, found := m.field(0, &sipLength)
	if found != sipOK {
		return 0, false
	}
	n, digits := m.number(v.at)
	if digits == 0 {
		return 0, false
	}
	at := v.at + digits
	const end = "\r\n\r\n"
	body := bytes.Index(m.b[at:], []byte(end))
	if body < 0 {
		return 0, false
	}
	return at + body + len(end) + int(n), true
}

// process acts on a message, then translates its addresses.
func (m *sipMessage) process() nf.Verdict {
	v := nf.Accept
	if m.word(0, "SIP/2.0 ") {
		v = m.response()
	} else {
		v = m.request()
	}
	if v == nf.Accept && translated(m.e) {
		return m.translate()
	}
	return v
}

// A sipMethod is what is done on requests of a method and on the responses to
// them, whose CSeq field names it.
type sipMethod struct {
	name     string
	request  func(m *sipMessage, seq uint32) nf.Verdict
	response func(m *sipMessage, seq, code uint32) nf.Verdict
}

var sipMethods = []sipMethod{
	{"INVITE", (*sipMessage).invite, (*sipMessage).answered},
	{"UPDATE", (*sipMessage).offer, (*sipMessage).answered},
	{"ACK", (*sipMessage).offer, nil},
	{"PRACK", (*sipMessage).offer, (*sipMessage).answered},
	{"BYE", (*sipMessage).bye, nil},
	{"REGISTER", (*sipMessage).register, (*sipMessage).registered},
}

// request acts on a request.
func (m *sipMessage) request() nf.Verdict {
	// A phone may send from another port than the one it wants responses at.
	via, found := m.uri(&sipViaUDP)
	if own := &m.e.Tuple[m.dir]; found == sipOK && via.port != own.SrcID && via.addr == own.Src {
		m.state().setForced(via.port)
	}
	for i := range sipMethods {
		method := &sipMethods[i]
		n := len(method.name)
		if len(m.b) < n+2 || !m.word(0, method.name) || m.b[n] != ' ' || !isLetter(m.b[n+1]) {
			continue
		}
		seq, _, ok := m.sequence()
		if !ok {
			return nf.Drop
		}
		return method.request(m, seq)
	}
	return nf.Accept
}

// response acts on a response.
func (m *sipMessage) response() nf.Verdict {
	if len(m.b) < sipShortest {
		return nf.Accept
	}
	code, _ := m.number(len("SIP/2.0 "))
	seq, end, ok := m.sequence()
	if code == 0 || !ok {
		return nf.Drop
	}
	for i := range sipMethods {
		if method := &sipMethods[i]; method.response != nil && m.word(end+1, method.name) {
			return method.response(m, seq, code)
		}
	}
	return nf.Accept
}

// sequence reads the number that requests and responses have in common, and gives
// where it ends.
func (m *sipMessage) sequence() (seq uint32, end int, ok bool) {
	v, found := m.field(0, &sipCSeq)
	if found != sipOK {
		return 0, 0, false
	}
	seq, size := m.number(v.at)
	return seq, v.end(), size != 0
}

// A sipState is what the helper remembers of a connection: the numbers of the last
// INVITE and REGISTER, and the port that responses are wanted at, if it is another
// one than requests come from.
type sipState struct{ data *ct.HelpData }

func (m *sipMessage) state() sipState { return sipState{m.table.HelpData(m.e)} }

func (s sipState) registered() uint32     { return binary.LittleEndian.Uint32(s.data[0:]) }
func (s sipState) invited() uint32        { return binary.LittleEndian.Uint32(s.data[4:]) }
func (s sipState) forced() uint16         { return binary.LittleEndian.Uint16(s.data[8:]) }
func (s sipState) setRegistered(n uint32) { binary.LittleEndian.PutUint32(s.data[0:], n) }
func (s sipState) setInvited(n uint32)    { binary.LittleEndian.PutUint32(s.data[4:], n) }
func (s sipState) setForced(port uint16)  { binary.LittleEndian.PutUint16(s.data[8:], port) }
