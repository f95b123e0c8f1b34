package helper

import (
	"bytes"

	"nfvm/nf"
	"nfvm/packet"
)

// A sipText is a SIP message (RFC 3261) on a connection of an address family.
// Places in it are offsets of bytes. It is read as loosely as by the kernel: by
// words to look for rather than by the grammar.
type sipText struct {
	b      []byte
	family nf.Family
}

// A sipFound is what a search has come to.
type sipFound int8

// Results of a search. sipBad means that what there is can't be understood, or is
// none of the forms that concern the helper, such as a host name.
const (
	sipBad sipFound = iota - 1
	sipNone
	sipOK
)

// A sipSpan is a part of a message.
type sipSpan struct{ at, size int }

func (s sipSpan) end() int { return s.at + s.size }

// A sipField is a line that a message may have: a name, in short a letter, and
// what in its value counts: what follows the word search, as far as read takes it.
// read gives how much it skips and how much it takes, 0 for what it does not
// understand.
type sipField struct {
	name, short, search string
	read                func(s sipText, at int) (skip, size int)
}

// Fields of messages.
var (
	sipCSeq    = sipField{name: "CSeq", read: sipText.digits}
	sipFrom    = sipField{"From", "f", "sip:", sipText.endpointOfUser}
	sipTo      = sipField{"To", "t", "sip:", sipText.endpointOfUser}
	sipContact = sipField{"Contact", "m", "sip:", sipText.endpointOfUser}
	sipViaUDP  = sipField{"Via", "v", "UDP ", sipText.endpoint}
	sipViaTCP  = sipField{"Via", "v", "TCP ", sipText.endpoint}
	sipExpires = sipField{name: "Expires", read: sipText.digits}
	sipLength  = sipField{name: "Content-Length", short: "l", read: sipText.digits}
)

// word reports whether a word, in capitals or not, stands at a place.
func (s sipText) word(at int, w string) bool {
	return len(s.b)-at >= len(w) && bytes.EqualFold(s.b[at:at+len(w)], []byte(w))
}

func (s sipText) newline(at int) bool { return s.b[at] == '\r' || s.b[at] == '\n' }

func (s sipText) blank(at int) bool { return s.b[at] == ' ' || s.b[at] == '\t' }

// nextLine gives where the line after the line end at a place begins.
func (s sipText) nextLine(at, limit int) (next int, ok bool) {
	if at++; at < limit && s.b[at-1] == '\r' && s.b[at] == '\n' {
		at++
	}
	return at, at < limit
}

// continued gives where a value goes on in the next line, which it does if this
// begins with a blank.
func (s sipText) continued(at, limit int) (next int, ok bool) {
	if at, ok = s.nextLine(at, limit); !ok || !s.blank(at) {
		return 0, false
	}
	for at < limit && s.blank(at) {
		at++
	}
	return at, true
}

// skipBlanks goes to what follows blanks, at most into the next line.
func (s sipText) skipBlanks(at int) (next int, ok bool) {
	for at < len(s.b) && s.blank(at) {
		at++
	}
	if at < len(s.b) && s.newline(at) {
		at, ok = s.continued(at, len(s.b))
		return at, ok && at < len(s.b)
	}
	return at, at < len(s.b)
}

// search looks for a word, in capitals or not, in the rest of a value before
// limit.
func (s sipText) search(at, limit int, w string) (found int, ok bool) {
	for limit -= len(w); at < limit; at++ {
		if s.newline(at) {
			if at, ok = s.continued(at, limit); !ok {
				break
			}
		} else if s.word(at, w) {
			return at, true
		}
	}
	return 0, false
}

// lineAfter finds the beginning of the next line from a place on.
func (s sipText) lineAfter(at int) (next int, ok bool) {
	for ; at < len(s.b); at++ {
		if s.newline(at) {
			return s.nextLine(at, len(s.b))
		}
	}
	return 0, false
}

// field finds the first line with a field from a place on. Of a bad one it gives
// where the value begins.
func (s sipText) field(at int, f *sipField) (v sipSpan, found sipFound) {
	for at, ok := s.lineAfter(at); ok; at, ok = s.lineAfter(at + 1) {
		size := s.fieldName(at, f)
		if size == 0 {
			continue
		}
		if at, ok = s.skipBlanks(at + size); !ok || s.b[at] != ':' || at+1 == len(s.b) {
			break
		}
		if at, ok = s.skipBlanks(at + 1); !ok {
			break
		}
		return s.value(at, at, f)
	}
	return v, sipNone
}

// fieldName gives the size of the name of a field at a place, 0 if the line there
// has another one.
func (s sipText) fieldName(at int, f *sipField) int {
	switch short := at + len(f.short); {
	case s.word(at, f.name):
		return len(f.name)
	case f.short != "" && short < len(s.b) && s.word(at, f.short) && !isLetter(s.b[short]):
		return len(f.short)
	}
	return 0
}

// value reads what counts in the value of a field from a place on; bad is the
// place of one that can't be read.
func (s sipText) value(at, bad int, f *sipField) (v sipSpan, found sipFound) {
	if f.search != "" {
		var ok bool
		if at, ok = s.search(at, len(s.b), f.search); !ok {
			return sipSpan{at: bad}, sipBad
		}
		at += len(f.search)
	}
	skip, size := f.read(s, at)
	if size == 0 {
		return sipSpan{at: bad}, sipBad
	}
	return sipSpan{at + skip, size}, sipOK
}

// nextValue finds what counts in the next value of a field's line, behind a
// comma.
func (s sipText) nextValue(at int, f *sipField) (v sipSpan, found sipFound) {
	at, ok := s.search(at, len(s.b), ",")
	if !ok {
		return v, sipNone
	}
	if at, ok = s.search(at, len(s.b), f.search); !ok {
		return v, sipNone
	}
	at += len(f.search)
	skip, size := f.read(s, at)
	if size == 0 {
		return sipSpan{at: at}, sipBad
	}
	return sipSpan{at + skip, size}, sipOK
}

// A sipURI is an address, and a port, in a message; end is where to search on.
type sipURI struct {
	sipSpan
	addr packet.Addr
	port uint16
	end  int
}

// A sipWalk goes through the addresses in all lines and values of a field.
type sipWalk struct {
	from   int
	inLine bool // the last one had values: others may follow in the same line
}

// next finds the next address that can be read.
func (w *sipWalk) next(s sipText, f *sipField) (u sipURI, found sipFound) {
	for at := w.from; w.inLine; at = u.at {
		if u.sipSpan, found = s.nextValue(at, f); found == sipOK {
			return w.read(s, u)
		}
		w.inLine = found == sipBad
	}
	for at := w.from; ; at = u.at {
		switch u.sipSpan, found = s.field(at, f); found {
		case sipNone:
			return u, found
		case sipOK:
			w.inLine = true
			return w.read(s, u)
		}
	}
}

func (w *sipWalk) read(s sipText, u sipURI) (sipURI, sipFound) {
	size := 0
	var ok bool
	if u.addr, size, ok = s.addr(u.at, len(s.b), true); !ok {
		return u, sipBad
	}
	if u.port, u.end, ok = s.port(u.at + size); !ok {
		return u, sipBad
	}
	w.from = u.end
	return u, sipOK
}

// uri finds the first address of a field.
func (s sipText) uri(f *sipField) (u sipURI, found sipFound) {
	var w sipWalk
	return w.next(s, f)
}
