package helper

import (
	"encoding/binary"
	"strconv"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// mangle replaces a part of the message; false when the packet has no room.
func (m *sipMessage) mangle(old sipSpan, text []byte) bool {
	size := len(m.b) + len(text) - old.size
	if m.e.L4() == nf.ProtoTCP {
		if !m.nat.ReplaceTCP(m.p, m.from+old.at, old.size, text) {
			return false
		}
		_, m.b, _ = payloadTCP(m.p)
		m.b = m.b[m.from:]
	} else {
		if !m.nat.MangleUDP(m.p, m.from+old.at, old.size, text) {
			return false
		}
		m.b = payloadUDP(m.p)
	}
	m.b = m.b[:size]
	return true
}

// addrText writes an address, of IPv6 in brackets where SIP wants them.
func (m *sipMessage) addrText(a packet.Addr, brackets bool) []byte {
	if m.family == nf.FamilyIPv6 && brackets {
		return []byte("[" + a.Text(m.family) + "]")
	}
	return []byte(a.Text(m.family))
}

func (m *sipMessage) mangleAddr(old sipSpan, a packet.Addr, port uint16) bool {
	text := append(m.addrText(a, true), ':')
	return m.mangle(old, strconv.AppendUint(text, uint64(port), 10))
}

// mapAddr translates an address in the message that is one of the packet's own.
func (m *sipMessage) mapAddr(u *sipURI) bool {
	own, other := &m.e.Tuple[m.dir], &m.e.Tuple[1-m.dir]
	to, port := u.addr, u.port
	switch {
	case u.addr == own.Src && u.port == own.SrcID:
		to, port = other.Dst, other.DstID
	case u.addr == own.Dst && u.port == own.DstID:
		to, port = other.Src, other.SrcID
		if forced := m.state().forced(); forced != 0 {
			port = forced
		}
	}
	return to == u.addr && port == u.port || m.mangleAddr(u.sipSpan, to, port)
}

// mapField translates the first address of a field.
func (m *sipMessage) mapField(f *sipField) bool {
	u, found := m.uri(f)
	return found != sipOK || m.mapAddr(&u)
}

// translate translates the addresses by which the parties of a message are
// reached (nf_nat_sip).
func (m *sipMessage) translate() nf.Verdict {
	request := !m.word(0, "SIP/2.0")
	if request {
		if u, ok := m.requestURI(); ok && !m.mapAddr(&u) {
			return nf.Drop
		}
	}
	if !m.translateVia(request) || !m.translateContacts() || !m.mapField(&sipFrom) || !m.mapField(&sipTo) {
		return nf.Drop
	}
	if forced := m.state().forced(); m.dir == nf.DirReply && forced != 0 {
		if !m.p.Pull(m.p.Len()) {
			return nf.Drop
		}
		binary.BigEndian.PutUint16(m.p.L4()[2:], forced)
		if !m.nat.MangleUDP(m.p, 0, 0, nil) {
			return nf.Drop
		}
	}
	return nf.Accept
}

// translateContacts translates the addresses for messages to come.
func (m *sipMessage) translateContacts() bool {
	var walk sipWalk
	for {
		u, found := walk.next(m.sipText, &sipContact)
		if found != sipOK {
			return true
		}
		if !m.mapAddr(&u) {
			return false
		}
	}
}

// translateVia translates the first address in the way that a request took, if it
// is the sender's, or the one that a response takes, if it is the receiver's, with
// the parameters that say where responses go.
func (m *sipMessage) translateVia(request bool) bool {
	field := &sipViaUDP
	if m.e.L4() == nf.ProtoTCP {
		field = &sipViaTCP
	}
	own, other := &m.e.Tuple[m.dir], &m.e.Tuple[1-m.dir]
	addr, port := own.Dst, own.DstID
	if request {
		addr, port = own.Src, own.SrcID
	}
	u, found := m.uri(field)
	if found != sipOK || u.addr != addr || u.port != port {
		return true
	}
	size := len(m.b)
	if !m.mapAddr(&u) {
		return false
	}
	end := u.sipSpan.end() + len(m.b) - size
	a, v, ok := m.addrParameter(end, "maddr=", true)
	if ok && a == own.Src && a != other.Dst && !m.mangle(v, m.addrText(other.Dst, true)) {
		return false
	}
	a, v, ok = m.addrParameter(end, "received=", false)
	if ok && a == own.Dst && a != other.Src && !m.mangle(v, m.addrText(other.Src, false)) {
		return false
	}
	n, v, found := m.numberParameter(end, "rport=")
	if found != sipOK || n < 1024 || n != uint32(own.DstID) || n == uint32(other.SrcID) {
		return true
	}
	return m.mangle(v, strconv.AppendUint(nil, uint64(other.SrcID), 10))
}

// reachable is the address by which the sender of the packet is reached, where it
// has said x.
func (m *sipMessage) reachable(x *ct.Expectation) packet.Addr {
	if own, other := m.e.Tuple[m.dir].Src, m.e.Tuple[1-m.dir].Dst; own != other {
		return other
	}
	return x.Tuple.Dst
}

// moveTo makes an expectation one of flows to a translated address.
func (m *sipMessage) moveTo(x *ct.Expectation, a packet.Addr) {
	x.SavedAddr, x.SavedID = x.Tuple.Dst, x.Tuple.DstID
	x.Tuple.Dst, x.Dir, x.Fn = a, 1-m.dir, ct.ExpectSIP
}

// translateCalls expects calls at an address and port of NAT, and writes these in
// the place of those that were said (nf_nat_sip_expect).
func (m *sipMessage) translateCalls(x *ct.Expectation, said sipSpan) nf.Verdict {
	own, port := m.e.Tuple[m.dir].SrcID, x.Tuple.DstID
	if forced := m.state().forced(); forced != 0 {
		own = forced
	}
	if port == own {
		port = m.e.Tuple[1-m.dir].DstID
	}
	m.moveTo(x, m.reachable(x))
	port, ok := m.nat.ExpectPort(x, port)
	if !ok {
		return nf.Drop
	}
	if (x.Tuple.Dst != x.SavedAddr || port != x.SavedID) && !m.mangleAddr(said, x.Tuple.Dst, port) {
		m.table.Unexpect(x)
		return nf.Drop
	}
	return nf.Accept
}

// translateMedia expects a medium at an address of NAT, which to becomes, and at
// the first even port from its own one on where both it and its control find room
// (nf_nat_sdp_media).
func (m *sipMessage) translateMedia(rtp, rtcp *ct.Expectation, to *packet.Addr, where sipSpan) nf.Verdict {
	*to = m.reachable(rtp)
	m.moveTo(rtp, *to)
	m.moveTo(rtcp, *to)
	for port := rtp.SavedID; port != 0; port += 2 {
		rtp.Tuple.DstID, rtcp.Tuple.DstID = port, port+1
		r := m.table.ExpectForAny(rtp)
		if r == ct.Expected {
			if r = m.table.ExpectForAny(rtcp); r != ct.Expected {
				m.table.Unexpect(rtp)
			}
		}
		switch {
		case r == ct.ExpectBusy:
			continue
		case r == ct.Expected && (port == rtp.SavedID || m.manglePort(where, port)):
			return nf.Accept
		}
		break
	}
	m.table.Unexpect(rtp)
	m.table.Unexpect(rtcp)
	return nf.Drop
}

// manglePort writes the port of a medium.
func (m *sipMessage) manglePort(where sipSpan, port uint16) bool {
	return m.mangle(where, strconv.AppendUint(nil, uint64(port), 10)) && m.mangleLength()
}

// mangleMedium writes the address of the medium whose line holds a place.
func (m *sipMessage) mangleMedium(at int, a packet.Addr) bool {
	return m.mangleDescription(at, sdpConnection, a) == sipOK && m.mangleLength()
}

// mangleSession writes the address of a session as a whole.
func (m *sipMessage) mangleSession(at int, a packet.Addr) bool {
	return m.mangleDescription(at, sdpOwner, a) == sipOK &&
		m.mangleDescription(at, sdpConnection, a) != sipBad && m.mangleLength()
}

// mangleDescription writes an address into a field before the next medium; sipNone
// tells that there is none to replace.
func (m *sipMessage) mangleDescription(at int, f sdpField, a packet.Addr) sipFound {
	v, found := m.description(at, f, sdpMedia)
	switch {
	case found != sipOK:
		return sipNone
	case !m.mangle(v, m.addrText(a, false)):
		return sipBad
	}
	return sipOK
}

// mangleLength brings the size of the body up to date. A message without one can't
// be changed.
func (m *sipMessage) mangleLength() bool {
	body, found := m.description(0, sdpVersion, sdpAny)
	if found != sipOK {
		return false
	}
	size := len(m.b) - body.at + len("v=")
	v, found := m.field(0, &sipLength)
	return found == sipOK && m.mangle(v, strconv.AppendUint(nil, uint64(size), 10))
}
