package notation

import (
	"fmt"
	"net"
	"net/netip"
)

const etherARP = 0x0806

// arpSize is the size of an ARP packet about IPv4 on Ethernet (RFC 826).
const arpSize = 28

// arpHead is how such a packet begins, before the operation.
var arpHead = []byte{0, 1, 8, 0, 6, 4}

var arpOperations = map[string]uint16{"request": 1, "reply": 2, "rrequest": 3, "rreply": 4}

// arp reads OPERATION MAC IP > MAC IP [pad DATA].
func (s *scanner) arp() []byte {
	b := append([]byte{}, arpHead...)
	op, known := arpOperations[s.peek()]
	if known {
		s.next()
	} else {
		op = uint16(s.num(16))
	}
	b = be.AppendUint16(b, op)
	b = append(append(b, s.mac()...), s.addr4()...)
	s.expect(">")
	b = append(append(b, s.mac()...), s.addr4()...)
	return append(b, s.padding()...)
}

func (s *scanner) addr4() []byte {
	w := s.next()
	a, err := netip.ParseAddr(w)
	if err != nil || !a.Is4() {
		s.fail("%q is not an IPv4 address", w)
		return make([]byte, 4)
	}
	return a.AsSlice()
}

func arpText(b []byte) string {
	if len(b) < arpSize || string(b[:6]) != string(arpHead) {
		return ""
	}
	l := &line{}
	op := fmt.Sprint(be.Uint16(b[6:]))
	for w, n := range arpOperations {
		if n == be.Uint16(b[6:]) {
			op = w
		}
	}
	end := func(b []byte) string {
		return fmt.Sprintf("%v %v", net.HardwareAddr(b[:6]), netip.AddrFrom4([4]byte(b[6:])))
	}
	fmt.Fprintf(l, "arp %s %s > %s", op, end(b[8:]), end(b[18:]))
	if len(b) > arpSize {
		l.put("pad %s", dataText(b[arpSize:]))
	}
	return l.String()
}
