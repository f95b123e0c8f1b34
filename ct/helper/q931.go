package helper

import (
	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// q931 is the helper for call signalling: H.225.0 messages in those of Q.931.
func (t *tracker) q931(p *packet.Packet, e *ct.Entry) nf.Verdict {
	root := &perField{name: "information", kind: perSeq, size: 1, low: 2, high: 2, ext: true, keep: true,
		parts: perBlocks()["H323-UserInformation"]}
	return t.tpkts(p, e, func(m *h323Message) (more, ok bool) {
		at, end, ok := userInformation(m.b)
		if !ok {
			return false, true
		}
		n, err := decodePER(m.b[:end], at, root)
		if err != nil {
			return false, true
		}
		return true, m.signal(n.get("h323-uu-pdu"))
	})
}

// userInformation finds the element of a Q.931 message that is for the parties of
// a call.
func userInformation(b []byte) (at, end int, ok bool) {
	const discriminator, element = 8, 0x7e
	if len(b) < 2 || b[0] != discriminator {
		return 0, 0, false
	}
	at = 2 + int(b[1]) // behind the call reference
	if len(b) < at+2 {
		return 0, 0, false
	}
	if at++; b[at]&0x80 != 0 { // behind the kind of message
		at++
	}
	for at < len(b) {
		if b[at] == element {
			if at+3 > len(b) {
				break
			}
			size := int(b[at+1])<<8 | int(b[at+2])
			at += 3
			return at + 1, at + size, size > 1 && at+size <= len(b) // a protocol discriminator again
		}
		if at+2 > len(b) {
			break
		}
		at += 2 + int(b[at+1])
	}
	return 0, 0, false
}

// signal acts on a message; false drops the packet.
func (m *h323Message) signal(pdu *perNode) bool {
	body := pdu.get("h323-message-body")
	ok := true
	if body != nil {
		n := body.get(body.choice)
		switch body.choice {
		case "setup":
			ok = m.callControl(n) && m.setup(n) && m.fastStart(n)
		case "callProceeding", "connect", "alerting", "progress":
			ok = m.callControl(n) && m.fastStart(n)
		case "facility":
			if n.get("reason").chosen("callForwarded") {
				ok = m.forwarded(n.get("alternativeAddress"))
			} else {
				ok = m.callControl(n) && m.fastStart(n)
			}
		}
	}
	if !ok {
		return false
	}
	for _, n := range pdu.get("h245Control").items() {
		if !m.control(n) {
			return false
		}
	}
	return true
}

// fastStart expects the channels that are opened with a call.
func (m *h323Message) fastStart(n *perNode) bool {
	for _, channel := range n.get("fastStart").items() {
		if !m.openChannel(channel) {
			return false
		}
	}
	return true
}

// callControl expects the connection for H.245.
func (m *h323Message) callControl(n *perNode) bool {
	a, fn, ok := m.offered(m.transport(n.get("h245Address")))
	if !ok {
		return true
	}
	x := m.announce(nf.ProtoTCP, &m.other().Src, m.other().Dst, a.port, fn)
	x.Helper = m.helperNamed("H.245")
	if fn == ct.ExpectPlain {
		return m.expects(x)
	}
	return m.signalAt(x, &a)
}

// signalAt expects a flow at a port of NAT, that of the last such one if this is
// announced again, and remembers it.
func (m *h323Message) signalAt(x *ct.Expectation, a *h323Addr) bool {
	port := a.port
	if m.port(m.dir) == a.port {
		port = m.port(1 - m.dir)
	}
	port, ok := m.moved(x, a.at, port)
	if ok && port != 0 {
		m.setPort(m.dir, a.port)
		m.setPort(1-m.dir, port)
	}
	return ok
}

// setup translates who is called and who calls.
func (m *h323Message) setup(n *perNode) bool {
	if !m.translates() {
		return true
	}
	if a, ok := m.transport(n.get("destCallSignalAddress")); ok && a.addr != m.other().Src &&
		!m.set(a.at, m.other().Src, m.other().SrcID) {
		return false
	}
	a, ok := m.transport(n.get("sourceCallSignalAddress"))
	return !ok || a.addr == m.other().Dst || m.set(a.at, m.other().Dst, m.other().DstID)
}

// forwarded expects the call to another party that this one is forwarded to.
func (m *h323Message) forwarded(n *perNode) bool {
	a, ok := m.transport(n)
	if !ok || a.port == 0 || m.params.H323ForwardFilter && m.host.SameWay(m.p, a.addr, m.other().Src) {
		return true
	}
	x := m.announce(nf.ProtoTCP, &m.other().Src, a.addr, a.port, ct.ExpectPlain)
	x.Helper = m.helperNamed("Q.931")
	if !m.moves() {
		return m.expects(x)
	}
	x.SavedAddr, x.SavedID, x.Dir, x.Fn = a.addr, a.port, 1-m.dir, ct.ExpectCallForwarding
	x.Tuple.Dst = m.other().Dst
	_, ok = m.moved(x, a.at, a.port)
	return ok
}
