package helper

import (
	"bytes"
	"encoding/binary"

	"nfvm/packet"
)

// Tags of BER (X.690) as SNMP uses them (RFC 3416); a PDU's is pduTag plus its
// number.
const (
	berInteger  = 0x02
	berOctets   = 0x04
	berNull     = 0x05
	berObjectID = 0x06
	berSequence = 0x30
	ipAddress   = 0x40
	noSuchTag   = 0x80 // and the two after it: noSuchInstance, endOfMibView
	pduTag      = 0x80 // and berConstructed, which need not be

	lastPDU     = 8
	obsoletePDU = 4 // the trap of version 1

	berIndefinite  = 0x80
	berLongTag     = 0x1f
	berConstructed = 0x20
)

// An snmpMessage is a message under translation. Its methods take what is left
// of the message at some place and give what is left behind the element there. As
// in the kernel's decoder, the PDU and the value of a variable may be missing,
// something may follow the message, and what values contain is not looked at.
type snmpMessage struct {
	sum, all []byte
	from, to []byte
}

// message is a whole message: version, community, PDU.
func (m *snmpMessage) message(b []byte) (rest []byte, ok bool) {
	return m.sequence(b, berSequence, false, func(b []byte) ([]byte, bool) {
		tag, version, b, ok := element(b)
		if !ok || tag != berInteger || len(version) != 1 || version[0] > 1 {
			return nil, false
		}
		if b, ok = skipElement(b, berOctets); !ok || len(b) == 0 {
			return b, ok
		}
		if n := b[0]&^berConstructed - pduTag; n > lastPDU || n == obsoletePDU {
			return nil, false
		}
		return m.sequence(b, b[0], true, m.pdu)
	})
}

// pdu is the content of a PDU: three numbers and the variables.
func (m *snmpMessage) pdu(b []byte) (rest []byte, ok bool) {
	for range 3 {
		if b, ok = skipElement(b, berInteger); !ok {
			return nil, false
		}
	}
	return m.sequence(b, berSequence, true, func(b []byte) ([]byte, bool) {
		for more := true; more; more = len(b) > 0 && b[0] != 0 {
			if b, ok = m.sequence(b, berSequence, false, m.variable); !ok {
				return nil, false
			}
		}
		return b, true
	})
}

// variable is the name and the value of a variable.
func (m *snmpMessage) variable(b []byte) (rest []byte, ok bool) {
	if b, ok = skipElement(b, berObjectID); !ok || len(b) == 0 {
		return b, ok
	}
	tag, value, b, ok := element(b)
	switch tag {
	case berInteger, berOctets, berObjectID, berNull, noSuchTag, noSuchTag + 1, noSuchTag + 2,
		ipAddress + 1, ipAddress + 2, ipAddress + 3, ipAddress + 4, ipAddress + 6:
		return b, ok
	case ipAddress:
		return b, ok && m.address(value)
	}
	return nil, false
}

// address changes a value if it is the one to be translated.
func (m *snmpMessage) address(value []byte) bool {
	if len(value) != 4 {
		return false
	}
	if bytes.Equal(value, m.from) {
		if m.sum[0]|m.sum[1] != 0 {
			at := cap(m.all) - cap(value) // both end where their array does
			m.fixSum(at&1 != 0)
		}
		copy(value, m.to)
	}
	return true
}

// fixSum brings the checksum up to date; odd tells that the address begins
// within a word of it.
func (m *snmpMessage) fixSum(odd bool) {
	old, new := append([]byte{}, m.from...), append([]byte{}, m.to...)
	if odd {
		old, new = append(append([]byte{0}, old...), 0), append(append([]byte{0}, new...), 0)
	}
	binary.BigEndian.PutUint16(m.sum, packet.UpdateBytes(binary.BigEndian.Uint16(m.sum), old, new))
}

// sequence is an element with a tag whose content body understands in full. Its
// length may be unstated where open says so: then two zero bytes end it.
func (m *snmpMessage) sequence(b []byte, tag byte, open bool, body func([]byte) ([]byte, bool)) (rest []byte, ok bool) {
	if open && len(b) > 2 && b[0] == tag|berConstructed && b[1] == berIndefinite {
		rest, ok = body(b[2:])
		if !ok || len(rest) < 2 || rest[0]|rest[1] != 0 {
			return nil, false
		}
		return rest[2:], true
	}
	got, value, rest, ok := element(b)
	if !ok || got|berConstructed != tag|berConstructed {
		return nil, false
	}
	left, ok := body(value)
	return rest, ok && len(left) == 0
}

// skipElement skips an element with a tag.
func skipElement(b []byte, tag byte) (rest []byte, ok bool) {
	got, _, rest, ok := element(b)
	return rest, ok && got == tag
}

// element splits the first element off, of a stated length up to 65535.
func element(b []byte) (tag byte, value, rest []byte, ok bool) {
	if len(b) < 2 || b[0]&berLongTag == berLongTag {
		return 0, nil, nil, false
	}
	tag, n := b[0], int(b[1])
	b = b[2:]
	if n > 0x7f {
		digits := n - 0x80
		if digits == 0 || digits > 2 || digits >= len(b) {
			return 0, nil, nil, false
		}
		n = 0
		for _, d := range b[:digits] {
			n = n<<8 | int(d)
		}
		b = b[digits:]
	}
	if n > len(b) {
		return 0, nil, nil, false
	}
	return tag, b[:n], b[n:], true
}
