package helper

import (
	"math"

	"nfvm/nf"
	"nfvm/packet"
)

// sipPort is the port of SIP where none is named.
const sipPort = 5060

// digits takes a number.
func (s sipText) digits(at int) (skip, size int) {
	for at+size < len(s.b) && isDigit(s.b[at+size]) {
		size++
	}
	return 0, size
}

// letters is how many follow.
func (s sipText) letters(at int) (size int) {
	for at+size < len(s.b) && isLetter(s.b[at+size]) {
		size++
	}
	return size
}

// endpoint takes an address with its port, if it has one.
func (s sipText) endpoint(at int) (skip, size int) {
	_, size, ok := s.addr(at, len(s.b), true)
	if !ok {
		return 0, 0
	}
	_, end, ok := s.port(at + size)
	if !ok {
		return 0, 0
	}
	return 0, end - at
}

// endpointOfUser takes the same from a URI, where the name of a user may precede it.
func (s sipText) endpointOfUser(at int) (skip, size int) {
	for i := at; i < len(s.b) && !s.newline(i); i++ {
		if s.b[i] == '@' {
			skip = i + 1 - at
			break
		}
	}
	_, size = s.endpoint(at + skip)
	return skip, size
}

// addr reads an address before limit. Brackets around one of IPv6 belong to it;
// they may be missing unless strict.
func (s sipText) addr(at, limit int, strict bool) (a packet.Addr, size int, ok bool) {
	b := s.b[min(at, limit):limit]
	if s.family == nf.FamilyIPv4 {
		return readAddr(b, s.family)
	}
	open := len(b) > 0 && b[0] == '['
	if open {
		b = b[1:]
	} else if strict {
		return a, 0, false
	}
	if a, size, ok = readAddr(b, s.family); !ok {
		return a, 0, false
	}
	closed := size < len(b) && b[size] == ']'
	if !closed && strict {
		return a, 0, false
	}
	if open {
		size++
	}
	if closed {
		size++
	}
	return a, size, true
}

// port reads the port that may follow an address, and gives where it ends. Those
// below 1024 and those that end with the message are refused.
func (s sipText) port(at int) (port uint16, end int, ok bool) {
	if at >= len(s.b) {
		return 0, 0, false
	}
	if s.b[at] != ':' {
		return sipPort, at, true
	}
	const digits, least = 5, 1024
	n, size := s.number(at + 1)
	end = at + 1 + size
	return uint16(n), end, size <= digits && end < len(s.b) && n >= least && n <= math.MaxUint16
}

// number reads a number of at most 32 bits; of others, and of those with more
// than eleven digits, size is 0.
func (s sipText) number(at int) (value uint32, size int) {
	const digits = 11
	n := uint64(0)
	for ; at+size < len(s.b) && isDigit(s.b[at+size]); size++ {
		n = n*10 + uint64(s.b[at+size]-'0')
		if size == digits || n > math.MaxUint32 {
			return 0, 0
		}
	}
	return uint32(n), size
}

// parameter finds a parameter of the value before a place, and gives where what
// it is set to begins and where the value ends.
func (s sipText) parameter(at int, name string) (from, limit int, ok bool) {
	if limit, ok = s.search(at, len(s.b), ","); !ok {
		limit = len(s.b)
	}
	from, ok = s.search(at, limit, name)
	return from + len(name), limit, ok
}

// addrParameter reads a parameter that is an address.
func (s sipText) addrParameter(at int, name string, strict bool) (a packet.Addr, v sipSpan, ok bool) {
	from, limit, ok := s.parameter(at, name)
	if !ok {
		return a, v, false
	}
	a, size, ok := s.addr(from, limit, strict)
	return a, sipSpan{from, size}, ok
}

// numberParameter reads a parameter that is a number.
func (s sipText) numberParameter(at int, name string) (n uint32, v sipSpan, found sipFound) {
	from, _, ok := s.parameter(at, name)
	if !ok {
		return 0, v, sipNone
	}
	n, size := s.number(from)
	if size == 0 {
		return 0, v, sipBad
	}
	return n, sipSpan{from, size}, sipOK
}

// transport reports whether the parameter of that name agrees with a protocol, as
// it does if it is missing.
func (s sipText) transport(at int, l4 uint8) bool {
	from, _, ok := s.parameter(at, "transport=")
	switch {
	case !ok:
		return true
	case s.word(from, "TCP"):
		return l4 == nf.ProtoTCP
	}
	return s.word(from, "UDP") && l4 == nf.ProtoUDP
}

// requestURI finds the address in the first line of a request.
func (s sipText) requestURI() (u sipURI, ok bool) {
	const scheme = "sip:"
	at := s.letters(0)
	if at++; at == 1 || at >= len(s.b) {
		return u, false
	}
	for ; at < len(s.b)-len(scheme); at++ {
		if s.newline(at) {
			return u, false
		}
		if s.word(at, scheme) {
			at += len(scheme)
			break
		}
	}
	skip, size := s.endpointOfUser(at)
	if size == 0 {
		return u, false
	}
	u.at = at + skip
	u.addr, size, _ = s.addr(u.at, len(s.b), true)
	u.port, u.end, ok = s.port(u.at + size)
	u.size = u.end - u.at
	return u, ok
}
