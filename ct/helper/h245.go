package helper

import (
	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// h245 is the helper for H.245, which opens the channels for media.
func (t *tracker) h245(p *packet.Packet, e *ct.Entry) nf.Verdict {
	root := &perField{name: "control", kind: perChoice, size: 2, low: 4, high: 4, ext: true, keep: true,
		parts: perBlocks()["MultimediaSystemControlMessage"]}
	return t.tpkts(p, e, func(m *h323Message) (more, ok bool) {
		n, err := decodePER(m.b, 0, root)
		if err != nil {
			return false, true
		}
		return true, m.control(n)
	})
}

// control acts on a message of H.245, from Q.931 too; false drops the packet.
func (m *h323Message) control(n *perNode) bool {
	if n.get("request").chosen("openLogicalChannel") {
		return m.openChannel(n.get("request", "openLogicalChannel"))
	}
	if n.get("response").chosen("openLogicalChannelAck") {
		return m.openedChannel(n.get("response", "openLogicalChannelAck"))
	}
	return true
}

const h2250 = "h2250LogicalChannelParameters"

// openChannel expects what a channel to be opened shall carry.
func (m *h323Message) openChannel(n *perNode) bool {
	forward := n.get("forwardLogicalChannelParameters")
	if !m.media(forward.get("multiplexParameters", h2250)) ||
		!m.media(n.get("reverseLogicalChannelParameters", "multiplexParameters", h2250)) {
		return false
	}
	data := forward.get("dataType", "data", "application")
	if data.chosen("t120") && data.get("t120").chosen("separateLANStack") {
		return m.t120(n.get("separateStack", "networkAddress", "localAreaAddress"))
	}
	return true
}

// openedChannel expects what the answer to that promises.
func (m *h323Message) openedChannel(n *perNode) bool {
	return m.media(n.get("reverseLogicalChannelParameters", "multiplexParameters", h2250)) &&
		m.media(n.get("forwardMultiplexAckParameters", "h2250LogicalChannelAckParameters")) &&
		m.t120(n.get("separateStack", "networkAddress", "localAreaAddress"))
}

// media expects a medium and its control.
func (m *h323Message) media(n *perNode) bool {
	return m.rtp(n.get("mediaChannel")) && m.rtp(n.get("mediaControlChannel"))
}

// said reports whether an address is the sender's own, with a port.
func (m *h323Message) said(a *h323Addr) bool { return a.addr == m.own().Src && a.port != 0 }

// offered gives an address that the sender offers, and how connections to it are
// translated; false where it is not its own.
func (m *h323Message) offered(a h323Addr, is bool) (own h323Addr, fn ct.ExpectFunc, ok bool) {
	if !is || !m.said(&a) {
		return a, ct.ExpectPlain, false
	}
	if m.moves() {
		return a, ct.ExpectFollowMaster, true
	}
	return a, ct.ExpectPlain, true
}

// rtp expects a medium at an even port and its control at the one above, whichever
// of them is named.
func (m *h323Message) rtp(n *perNode) bool {
	a, fn, ok := m.offered(m.channel(n))
	if !ok {
		return true
	}
	peer := m.other()
	rtp := m.announce(nf.ProtoUDP, &peer.Src, peer.Dst, a.port&^1, fn)
	rtcp := m.announce(nf.ProtoUDP, &peer.Src, peer.Dst, a.port|1, fn)
	if fn != ct.ExpectPlain {
		return m.translateRTP(rtp, rtcp, &a)
	}
	if !m.expects(rtp) {
		return false
	}
	if !m.expects(rtcp) {
		m.table.Unexpect(rtp)
		return false
	}
	return true
}

// translateRTP does so at ports of NAT, those that the medium had before if there
// are such (nat_rtp_rtcp). For more media than are remembered, and without a free
// pair of ports, the message stays as it is.
func (m *h323Message) translateRTP(rtp, rtcp *ct.Expectation, a *h323Addr) bool {
	slot := func(i int, d nf.Dir) int { return h323RTP + 4*i + 2*int(d) }
	even, i := rtp.SavedID, 0
	for i < h323Channels && m.word(slot(i, m.dir)) != even && m.word(slot(i, m.dir)) != 0 {
		i++
	}
	if i == h323Channels {
		return true
	}
	for port := even; port != 0; port += 2 {
		rtp.Tuple.DstID, rtcp.Tuple.DstID = port, port+1
		r := m.table.Expect(rtp)
		if r == ct.Expected {
			if r = m.table.Expect(rtcp); r != ct.Expected {
				m.table.Unexpect(rtp)
			}
		}
		if r == ct.ExpectBusy {
			continue
		}
		if r != ct.Expected {
			return true
		}
		if !m.set(a.at, m.other().Dst, port|a.port&1) {
			m.table.Unexpect(rtp)
			m.table.Unexpect(rtcp)
			return false
		}
		m.setWord(slot(i, m.dir), even)
		m.setWord(slot(i, 1-m.dir), port)
		return true
	}
	return true
}

// t120 expects the connections of a data conference.
func (m *h323Message) t120(n *perNode) bool {
	a, fn, ok := m.offered(m.channel(n))
	if !ok {
		return true
	}
	x := m.announce(nf.ProtoTCP, &m.other().Src, m.other().Dst, a.port, fn)
	x.Flags = ct.ExpectPermanent
	if fn == ct.ExpectPlain {
		return m.expects(x)
	}
	_, ok = m.moved(x, a.at, a.port)
	return ok
}
