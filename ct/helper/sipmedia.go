package helper

import (
	"math"
	"strings"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// Classes of what a SIP connection expects: calls, and media by kind.
const (
	sipSignalling uint8 = iota
	sipAudio
	sipVideo
	sipImage
)

// sipPolicies bound them. Each direction of a call has a flow for the medium and,
// but for images, one of RTCP (RFC 3550).
var sipPolicies = []ct.ExpectPolicy{
	sipSignalling: {Name: "signalling", Max: 1, Timeout: 180 * seconds},
	sipAudio:      {Name: "audio", Max: 4, Timeout: 180 * seconds},
	sipVideo:      {Name: "video", Max: 4, Timeout: 180 * seconds},
	sipImage:      {Name: "image", Max: 2, Timeout: 180 * seconds},
}

// sipMedia are the kinds of media that are expected.
var sipMedia = []struct {
	name  string
	class uint8
}{{"audio ", sipAudio}, {"video ", sipVideo}, {"image ", sipImage}}

// invite begins a call.
func (m *sipMessage) invite(seq uint32) nf.Verdict {
	m.forgetMedia()
	v := m.offer(seq)
	if v == nf.Accept {
		m.state().setInvited(seq)
	}
	return v
}

// answered ends a call that is refused.
func (m *sipMessage) answered(seq, code uint32) nf.Verdict {
	switch {
	case code >= 100 && code <= 299:
		return m.offer(seq)
	case m.state().invited() == seq:
		m.forgetMedia()
	}
	return nf.Accept
}

// bye ends a call.
func (m *sipMessage) bye(uint32) nf.Verdict {
	m.forgetMedia()
	return nf.Accept
}

func (m *sipMessage) forgetMedia() {
	m.table.ExpectationsOf(m.e.ID, func(x *ct.Expectation) bool {
		if x.Class != sipSignalling {
			m.table.Unexpect(x)
		}
		return true
	})
}

// offer expects the media that a session description offers.
func (m *sipMessage) offer(uint32) nf.Verdict {
	session, found := m.description(0, sdpVersion, sdpAny)
	if found != sipOK {
		return nf.Accept
	}
	common, hasCommon := m.connection(session.at)
	to, any := common, hasCommon // without media, NAT still writes what it has read
	for at, n := session.at, 0; n < len(sipMedia); {
		v, found := m.description(at, sdpMedia, sdpAny)
		if found != sipOK {
			break
		}
		kind := sipKind(m.b[v.at:v.end()])
		if kind < 0 {
			at = v.end()
			continue
		}
		at = v.at + len(sipMedia[kind].name)
		size := v.end() - at
		port, _ := m.number(at)
		if port == 0 { // an inactive stream
			continue
		}
		own, hasOwn := m.connection(at)
		if to = own; !hasOwn {
			to = common
		}
		if port < 1024 || port > math.MaxUint16 || !hasOwn && !hasCommon {
			return nf.Drop
		}
		if v := m.expectMedia(&to, uint16(port), sipMedia[kind].class, sipSpan{at, size}); v != nf.Accept {
			return v
		}
		if hasOwn && translated(m.e) && !m.mangleMedium(at, to) {
			return nf.Drop
		}
		any = true
		n++
	}
	if any && translated(m.e) && !m.mangleSession(session.at, to) {
		return nf.Drop
	}
	return nf.Accept
}

// sipKind gives the place of a medium in sipMedia, -1 for other ones.
func sipKind(medium []byte) int {
	for i := range sipMedia {
		if strings.HasPrefix(string(medium), sipMedia[i].name) {
			return i
		}
	}
	return -1
}

// expectMedia expects a medium and its control, the port above it; where is the
// port in the message. NAT changes to.
func (m *sipMessage) expectMedia(to *packet.Addr, port uint16, class uint8, where sipSpan) nf.Verdict {
	from, ok := m.mediaSource(to)
	if !ok {
		return nf.Accept
	}
	direct, known := m.sharedMedia(from, to, &port, class)
	port &^= 1
	if direct && !m.manglePort(where, port) {
		return nf.Drop
	}
	if known {
		return nf.Accept
	}
	rtp := ct.NewExpectation(m.e, class, nf.ProtoUDP, from, *to, nil, port)
	rtcp := ct.NewExpectation(m.e, class, nf.ProtoUDP, from, *to, nil, port+1)
	if translated(m.e) && !direct {
		return m.translateMedia(rtp, rtcp, to, where)
	}
	switch m.table.ExpectForAny(rtp) {
	case ct.Expected, ct.ExpectAlready: // the same port for several media, or calls
		if r := m.table.ExpectForAny(rtcp); r == ct.Expected || r == ct.ExpectAlready {
			return nf.Accept
		}
		m.table.Unexpect(rtp)
	}
	return nf.Drop
}

// mediaSource gives where media to an address may come from, nil for anywhere; ok
// is false if they are none of the helper's business.
func (m *sipMessage) mediaSource(to *packet.Addr) (from *packet.Addr, ok bool) {
	switch {
	case m.params.SIPDirectMedia:
		return &m.e.Tuple[1-m.dir].Src, *to == m.e.Tuple[m.dir].Src
	case m.params.SIPExternalMedia:
		return nil, !m.host.LeavesBy(m.p, *to)
	}
	return nil, true
}

// sharedMedia looks whether another connection expects the same media, as when
// several phones get the same call. If both connections are translated, the
// phones may reach each other: then direct is set, and the address is the one
// behind the translation. known is set if that is expected as well.
func (m *sipMessage) sharedMedia(from, to *packet.Addr, port *uint16, class uint8) (direct, known bool) {
	tuple := ct.Tuple{Dst: *to, DstID: *port, L3: uint8(m.family), L4: nf.ProtoUDP}
	if from != nil {
		tuple.Src = *from
	}
	for {
		x := m.table.FindExpected(&tuple, m.e.Zone)
		if x == nil || x.Master == m.e.ID || x.Class != class || m.table.HelperOf(x.Master) != m.e.Helper {
			return direct, false
		}
		moved := x.SavedAddr != x.Tuple.Dst || x.SavedID != x.Tuple.DstID
		if direct || !moved || !translated(m.e) {
			return direct, true
		}
		direct = true
		*to, *port = x.SavedAddr, x.SavedID
		tuple.Dst, tuple.DstID = *to, *port
	}
}
