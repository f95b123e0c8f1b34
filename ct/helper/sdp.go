package helper

import (
	"bytes"

	"nfvm/nf"
	"nfvm/packet"
)

// An sdpField is a line of a session description (RFC 8866).
type sdpField uint8

// Fields of session descriptions.
const (
	sdpAny sdpField = iota
	sdpVersion
	sdpOwner
	sdpConnection
	sdpMedia
)

var sdpNames = [...]string{sdpVersion: "v=", sdpOwner: "o=", sdpConnection: "c=", sdpMedia: "m="}

// description finds what counts in a field of the session description from a
// place on, before the next line with the field until, if that is not sdpAny:
// the number of v=, the address of o= and c=, kind and port of m=. Of a bad one it
// gives where the value begins.
func (s sipText) description(at int, f, until sdpField) (v sipSpan, found sipFound) {
	for at, ok := s.lineAfter(at); ok; at, ok = s.lineAfter(at + 1) {
		if until != sdpAny && s.word(at, sdpNames[until]) {
			break
		}
		if s.word(at, sdpNames[f]) {
			return s.described(at+len(sdpNames[f]), f)
		}
	}
	return v, sipNone
}

// described reads the value of a field.
func (s sipText) described(at int, f sdpField) (v sipSpan, found sipFound) {
	v = sipSpan{at: at}
	switch f {
	case sdpVersion:
		_, v.size = s.digits(at)
	case sdpMedia:
		v.size = s.media(at)
	default:
		if v.at, found = s.netType(at); found != sipOK {
			return v, found
		}
		_, size, ok := readAddr(s.b[v.at:], s.family)
		if !ok {
			return sipSpan{at: at}, sipBad
		}
		v.size = size
	}
	if v.size == 0 {
		return v, sipBad
	}
	return v, sipOK
}

// netType finds the address behind the name of its kind in a line.
func (s sipText) netType(at int) (addr int, found sipFound) {
	kind := []byte("IN IP4 ")
	if s.family == nf.FamilyIPv6 {
		kind[5] = '6'
	}
	line := s.b[at:]
	if end := bytes.IndexAny(line, "\r\n"); end >= 0 {
		line = line[:end]
	}
	i := bytes.Index(line, kind)
	if i < 0 || i+len(kind) >= len(s.b)-at {
		return at, sipBad
	}
	return at + i + len(kind), sipOK
}

// media takes kind and port of a medium.
func (s sipText) media(at int) (size int) {
	size = s.letters(at)
	if at+size >= len(s.b) || s.b[at+size] != ' ' {
		return 0
	}
	size++
	_, n := s.digits(at + size)
	return size + n
}

// connection reads the address of a c= line before the next medium.
func (s sipText) connection(at int) (a packet.Addr, ok bool) {
	v, found := s.description(at, sdpConnection, sdpMedia)
	if found != sipOK {
		return a, false
	}
	a, _, ok = readAddr(s.b[v.at:v.end()], s.family)
	return a, ok
}
