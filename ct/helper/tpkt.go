package helper

import (
	"encoding/binary"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// tpktHeader is the size of the header that messages have on TCP (RFC 1006):
// version 3, a zero and the length of both.
const tpktHeader = 4

// tpkts calls act for the messages in a TCP packet, until it returns false.
func (t *tracker) tpkts(p *packet.Packet, e *ct.Entry, act func(*h323Message) (more, ok bool)) nf.Verdict {
	if !established(p) {
		return nf.Accept
	}
	m := t.h323(p, e)
	for m.nextTPKT() {
		more, ok := act(m)
		if !ok {
			return nf.Drop
		}
		if !more {
			break
		}
	}
	return nf.Accept
}

// nextTPKT goes to the next message. Some programs send the header and what
// follows in packets of their own.
func (m *h323Message) nextTPKT() bool {
	_, data, _ := payloadTCP(m.p)
	waits := h323TPKT + 2*int(m.dir)
	first := m.b == nil
	if first {
		if len(data) == 0 {
			m.setWord(waits, 0)
			return false
		}
		if n := int(m.word(waits)); len(data) < tpktHeader || data[0] != 3 || data[1] != 0 {
			if n == 0 {
				return false
			}
			m.setWord(waits, 0)
			m.from, m.b = 0, data[:min(n, len(data))]
			return n <= len(data)
		}
	} else {
		data = data[min(m.from+len(m.b), len(data)):]
		m.from += len(m.b)
		if len(data) <= tpktHeader || data[0] != 3 || data[1] != 0 {
			m.setWord(waits, 0)
			return false
		}
	}
	m.setWord(waits, 0)
	size := int(binary.BigEndian.Uint16(data[2:]))
	switch {
	case size < tpktHeader:
		return false
	case size > len(data):
		if len(data) == tpktHeader {
			m.setWord(waits, uint16(size-tpktHeader))
		}
		return false
	}
	m.from, m.b = m.from+tpktHeader, data[tpktHeader:size]
	return true
}
