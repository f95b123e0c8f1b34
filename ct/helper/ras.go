package helper

import (
	"encoding/binary"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// ras is the helper for RAS, by which terminals register with a gatekeeper and
// ask it for admission of calls.
func (t *tracker) ras(p *packet.Packet, e *ct.Entry) nf.Verdict {
	m := t.h323(p, e)
	if m.b = payloadUDP(p); len(m.b) == 0 {
		return nf.Accept
	}
	root := &perField{name: "message", kind: perChoice, size: 5, low: 24, high: 32, ext: true, keep: true,
		parts: perBlocks()["RasMessage"]}
	n, err := decodePER(m.b, 0, root)
	if err != nil || n == nil {
		return nf.Accept
	}
	if act := rasMessages[n.choice]; act != nil && !act(m, n.get(n.choice)) {
		return nf.Drop
	}
	return nf.Accept
}

// rasMessages are what is done on messages; false drops the packet.
var rasMessages = map[string]func(*h323Message, *perNode) bool{
	"gatekeeperRequest":     func(m *h323Message, n *perNode) bool { return m.rasAddress(n.get("rasAddress")) },
	"gatekeeperConfirm":     (*h323Message).discovered,
	"registrationRequest":   (*h323Message).registers,
	"registrationConfirm":   (*h323Message).registered,
	"unregistrationRequest": (*h323Message).unregisters,
	"admissionRequest":      (*h323Message).admission,
	"admissionConfirm":      (*h323Message).admitted,
	"locationRequest":       func(m *h323Message, n *perNode) bool { return m.rasAddress(n.get("replyAddress")) },
	"locationConfirm":       (*h323Message).located,
	"infoRequestResponse": func(m *h323Message, n *perNode) bool {
		return m.rasAddress(n.get("rasAddress")) && m.signalAddress(n.get("callSignalAddress").items()...)
	},
}

// rasAddress translates the first address that is the packet's own.
func (m *h323Message) rasAddress(list ...*perNode) bool {
	if !m.translates() {
		return true
	}
	for _, n := range list {
		if a, ok := m.transport(n); ok && a.addr == m.own().Src && a.port == m.own().SrcID {
			return m.set(a.at, m.other().Dst, m.other().DstID)
		}
	}
	return true
}

// signalAddress translates the first address that is the one of either end for
// calls.
func (m *h323Message) signalAddress(list ...*perNode) bool {
	if !m.translates() {
		return true
	}
	for i, n := range list {
		a, ok := m.transport(n)
		switch {
		case !ok || a.port != m.port(m.dir):
		case a.addr == m.own().Src:
			if first, ok := m.transport(list[0]); i > 0 && ok && loopback(&first) {
				a = first // some programs put it before their own
			}
			return m.set(a.at, m.other().Dst, m.port(1-m.dir))
		case a.addr == m.own().Dst:
			return m.set(a.at, m.other().Src, m.port(1-m.dir))
		}
	}
	return true
}

func loopback(a *h323Addr) bool { return a.addr[0] == 127 }

// discovered expects registrations with a gatekeeper that wants them elsewhere.
func (m *h323Message) discovered(n *perNode) bool {
	a, ok := m.transport(n.get("rasAddress"))
	if !ok || a.addr == m.own().Src && a.port == m.own().SrcID || m.e.Status&nf.CTStatusExpected != 0 {
		return true
	}
	x := m.announce(nf.ProtoUDP, &m.other().Src, a.addr, a.port, ct.ExpectPlain)
	x.Helper = m.helperNamed("RAS")
	return m.expects(x)
}

func (m *h323Message) lifetime() []byte { return m.data()[h323Lifetime:] }

// registers expects calls to a terminal.
func (m *h323Message) registers(n *perNode) bool {
	if !m.expectCalls(n.get("callSignalAddress").items()) || !m.rasAddress(n.get("rasAddress").items()...) {
		return false
	}
	ttl := m.params.H323Lifetime
	if t := n.get("timeToLive"); t != nil {
		ttl = t.value
	}
	binary.LittleEndian.PutUint32(m.lifetime(), ttl)
	return true
}

// expectCalls expects those to the first address that is the terminal's own.
func (m *h323Message) expectCalls(list []*perNode) bool {
	for i, n := range list {
		a, ok := m.transport(n)
		if !ok || !m.said(&a) {
			continue
		}
		var from *packet.Addr
		if m.params.H323RoutedOnly {
			from = &m.other().Src
		}
		x := m.announce(nf.ProtoTCP, from, m.other().Dst, a.port, ct.ExpectPlain)
		x.Helper, x.Flags = m.helperNamed("Q.931"), ct.ExpectPermanent
		if m.translates() {
			return m.translateRegistration(x, &a, list[0], i)
		}
		if !m.expects(x) {
			return false
		}
		m.setPort(m.dir, a.port)
		return true
	}
	return true
}

// translateRegistration does so at a port of NAT (nat_q931). A loopback address
// before that of the terminal becomes the same.
func (m *h323Message) translateRegistration(x *ct.Expectation, a *h323Addr, first *perNode, i int) bool {
	x.SavedID, x.Dir, x.Fn = a.port, 1-m.dir, ct.ExpectQ931NAT
	if !m.signalAt(x, a) {
		return false
	}
	if b, ok := m.transport(first); x.Pending() && i > 0 && ok && loopback(&b) && !m.set(b.at, m.other().Dst, m.port(1-m.dir)) {
		m.table.Unexpect(x)
		return false
	}
	return true
}

// registered makes connection and expectation last as long as the registration.
func (m *h323Message) registered(n *perNode) bool {
	if !m.signalAddress(n.get("callSignalAddress").items()...) {
		return false
	}
	if t := n.get("timeToLive"); t != nil {
		binary.LittleEndian.PutUint32(m.lifetime(), t.value)
	}
	ttl := int64(binary.LittleEndian.Uint32(m.lifetime())) * seconds
	if ttl == 0 {
		return true
	}
	m.table.Refresh(m.e, ttl)
	to := m.own()
	calls := ct.Tuple{Dst: to.Dst, DstID: m.port(1 - m.dir), L3: to.L3, L4: nf.ProtoTCP}
	if x := m.table.FindExpected(&calls, m.e.Zone); x != nil && x.Master == m.e.ID {
		m.table.SetExpectExpiry(x, m.table.Now()+ttl)
	}
	return true
}

// unregisters ends what is expected.
func (m *h323Message) unregisters(n *perNode) bool {
	const rest = 30 // for the answer
	if !m.signalAddress(n.get("callSignalAddress").items()...) {
		return false
	}
	m.table.ExpectationsOf(m.e.ID, func(x *ct.Expectation) bool { m.table.Unexpect(x); return true })
	m.setPort(nf.DirOriginal, 0)
	m.setPort(nf.DirReply, 0)
	m.table.Refresh(m.e, rest*seconds)
	return true
}

// admission translates the address of who is called, if it is the terminal, or of
// who calls.
func (m *h323Message) admission(n *perNode) bool {
	if !m.translates() {
		return true
	}
	if a, ok := m.transport(n.get("destCallSignalAddress")); ok && a.addr == m.own().Src && a.port == m.port(m.dir) {
		return m.set(a.at, m.other().Dst, m.port(1-m.dir))
	}
	if a, ok := m.transport(n.get("srcCallSignalAddress")); ok && a.addr == m.own().Src {
		return m.set(a.at, m.other().Dst, a.port)
	}
	return true
}

// admitted expects the call that a gatekeeper allows.
func (m *h323Message) admitted(n *perNode) bool {
	to := n.get("destCallSignalAddress")
	if a, ok := m.transport(to); ok && a.addr == m.own().Dst {
		return m.signalAddress(to)
	}
	return m.expectCall(to)
}

// located expects the call to a terminal that a gatekeeper knows.
func (m *h323Message) located(n *perNode) bool { return m.expectCall(n.get("callSignalAddress")) }

func (m *h323Message) expectCall(to *perNode) bool {
	a, ok := m.transport(to)
	if !ok {
		return true
	}
	x := m.announce(nf.ProtoTCP, &m.other().Src, a.addr, a.port, ct.ExpectPlain)
	x.Helper, x.Flags = m.helperNamed("Q.931"), ct.ExpectPermanent
	return m.expects(x)
}
