package notation

import (
	"strconv"
	"strings"
)

// icmpNames are nft's names of the ICMP types.
var icmpNames = map[string]uint8{
	"echo-reply": 0, "destination-unreachable": 3, "source-quench": 4, "redirect": 5,
	"echo-request": 8, "router-advertisement": 9, "router-solicitation": 10,
	"time-exceeded": 11, "parameter-problem": 12, "timestamp-request": 13,
	"timestamp-reply": 14, "info-request": 15, "info-reply": 16,
	"address-mask-request": 17, "address-mask-reply": 18,
}

// icmp6Names are nft's names of the ICMPv6 types.
var icmp6Names = map[string]uint8{
	"destination-unreachable": 1, "packet-too-big": 2, "time-exceeded": 3,
	"parameter-problem": 4, "echo-request": 128, "echo-reply": 129,
	"mld-listener-query": 130, "mld-listener-report": 131, "mld-listener-done": 132,
	"nd-router-solicit": 133, "nd-router-advert": 134, "nd-neighbor-solicit": 135,
	"nd-neighbor-advert": 136, "nd-redirect": 137, "mld2-listener-report": 143,
}

func namesOf(proto uint8) map[string]uint8 {
	if proto == protoICMPv6 {
		return icmp6Names
	}
	return icmpNames
}

// icmpType reads TYPE or TYPE/CODE, the type by name or number.
func (s *scanner) icmpType(proto uint8) (typ, code uint8) {
	name, number, hasCode := strings.Cut(s.next(), "/")
	typ, ok := namesOf(proto)[name]
	if !ok {
		v, err := strconv.ParseUint(name, 0, 8)
		if err != nil {
			s.fail("%q is no icmp type", name)
		}
		typ = uint8(v)
	}
	if hasCode {
		v, err := strconv.ParseUint(number, 0, 8)
		if err != nil {
			s.fail("%q is no icmp code", number)
		}
		code = uint8(v)
	}
	return typ, code
}

// icmp reads either family's ICMP: the four bytes after the checksum as `id N
// seq N`, `mtu N` or `rest N`, then data or a quoted packet in braces.
func (s *scanner) icmp(f flow, proto uint8) []byte {
	typ, code := s.icmpType(proto)
	var rest uint32
	var sum checksum
	for {
		switch s.peek() {
		case "id":
			s.next()
			rest |= uint32(s.num(16)) << 16
			continue
		case "seq":
			s.next()
			rest |= uint32(s.num(16))
			continue
		case "mtu":
			s.next()
			rest |= uint32(s.num(32))
			continue
		case "rest":
			s.next()
			rest = uint32(s.num(32))
			continue
		case "sum":
			s.next()
			sum = s.sum(16)
			continue
		}
		break
	}
	b := be.AppendUint32([]byte{typ, code, 0, 0}, rest)
	if s.accept("{") {
		b = append(b, s.ip()...)
		s.expect("}")
	} else {
		b = append(b, s.tail()...)
	}
	be.PutUint16(b[2:], uint16(sum.of(uint64(f.l4Sum(proto, b, 2)))))
	return b
}
