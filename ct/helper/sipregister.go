package helper

import (
	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// register expects the calls to a phone that registers itself, once the registrar
// says that it did.
func (m *sipMessage) register(seq uint32) nf.Verdict {
	if m.e.Status&nf.CTStatusExpected != 0 {
		return nf.Accept
	}
	expires := m.expires()
	contact, found := m.uri(&sipContact)
	switch {
	case found == sipBad:
		return nf.Drop
	case found == sipNone, contact.addr != m.e.Tuple[m.dir].Src, // a registration for others
		!m.transport(contact.sipSpan.end(), m.e.L4()):
		return nf.Accept
	}
	n, _, found := m.numberParameter(contact.sipSpan.end(), "expires=")
	switch found {
	case sipBad:
		return nf.Drop
	case sipOK:
		expires = n
	}
	if expires != 0 {
		if v := m.expectCalls(&contact); v != nf.Accept {
			return v
		}
	}
	m.state().setRegistered(seq)
	return nf.Accept
}

// expires reads the lifetime of a registration in seconds, 0 for none.
func (m *sipMessage) expires() uint32 {
	v, found := m.field(0, &sipExpires)
	if found != sipOK {
		return 0
	}
	n, _ := m.number(v.at)
	return n
}

func (m *sipMessage) expectCalls(contact *sipURI) nf.Verdict {
	var from *packet.Addr
	if m.params.SIPDirectSignalling {
		from = &m.e.Tuple[1-m.dir].Src
	}
	x := ct.NewExpectation(m.e, sipSignalling, m.e.L4(), from, contact.addr, nil, contact.port)
	x.Helper, x.Flags = m.e.Helper, ct.ExpectPermanent|ct.ExpectInactive
	if translated(m.e) {
		return m.translateCalls(x, contact.sipSpan)
	}
	return m.expect(x)
}

// registered lets calls in, for as long as the registrar knows the phone; a
// refusal, or the end of a registration, ends that.
func (m *sipMessage) registered(seq, code uint32) nf.Verdict {
	switch {
	case m.state().registered() != seq, code >= 100 && code <= 199:
		return nf.Accept
	case code >= 200 && code <= 299:
		done, v := m.bindings()
		if done || v != nf.Accept {
			return v
		}
	}
	m.table.ExpectationsOf(m.e.ID, func(x *ct.Expectation) bool {
		if x.Class != sipSignalling {
			return true
		}
		m.table.Unexpect(x)
		return false
	})
	return nf.Accept
}

// bindings looks for the phone among the contacts that a registrar lists; done
// tells that calls to it are expected from now on.
func (m *sipMessage) bindings() (done bool, v nf.Verdict) {
	common := m.expires()
	var walk sipWalk
	for {
		u, found := walk.next(m.sipText, &sipContact)
		switch {
		case found == sipBad:
			return false, nf.Drop
		case found == sipNone:
			return false, nf.Accept
		case u.addr != m.e.Tuple[m.dir].Dst, !m.transport(u.sipSpan.end(), m.e.L4()):
			continue
		}
		expires, _, found := m.numberParameter(u.sipSpan.end(), "expires=")
		switch found {
		case sipBad:
			return false, nf.Drop
		case sipNone:
			expires = common
		}
		if expires == 0 {
			return false, nf.Accept
		}
		if m.activate(&u, expires) {
			return true, nf.Accept
		}
	}
}

// activate makes the expectation of calls to a contact hold for some seconds.
func (m *sipMessage) activate(to *sipURI, expires uint32) (found bool) {
	m.table.ExpectationsOf(m.e.ID, func(x *ct.Expectation) bool {
		if x.Class != sipSignalling || x.Tuple.Dst != to.addr || x.Tuple.DstID != to.port || x.Tuple.L4 != m.e.L4() {
			return true
		}
		m.table.SetExpectExpiry(x, m.table.Now()+int64(expires)*seconds)
		x.Flags &^= ct.ExpectInactive
		found = true
		return false
	})
	return found
}
