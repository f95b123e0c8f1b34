package notation

import "strings"

// l4 reads the payload of an IP header and gives its protocol number.
func (s *scanner) l4(f flow) (proto uint8, b []byte) {
	switch w := s.next(); w {
	case "tcp":
		return protoTCP, s.tcp(f)
	case "udp":
		return protoUDP, s.udp(f)
	case "icmp":
		return protoICMP, s.icmp(f, protoICMP)
	case "icmp6":
		return protoICMPv6, s.icmp(f, protoICMPv6)
	case "sctp":
		return protoSCTP, s.sctp()
	case "proto":
		proto = uint8(s.num(8))
		return proto, s.tail()
	default:
		s.fail("%q is no payload; expected tcp, udp, icmp, icmp6, sctp or proto", w)
	}
	return 0, nil
}

// tail reads an optional "data …".
func (s *scanner) tail() []byte {
	if s.accept("data") {
		return s.data()
	}
	return nil
}

func (s *scanner) ports() []byte {
	b := be.AppendUint16(nil, uint16(s.num(16)))
	s.expect(">")
	return be.AppendUint16(b, uint16(s.num(16)))
}

// flagLetters are the TCP flags from bit 0 upward: FIN SYN RST PSH ACK URG ECE CWR.
const flagLetters = "FSRPAUEC"

func (s *scanner) tcpFlags() (flags byte) {
	w := s.next()
	if len(w) < 2 || w[0] != '[' || w[len(w)-1] != ']' {
		s.fail("%q is not a list of tcp flags such as [SA]", w)
		return 0
	}
	for _, c := range w[1 : len(w)-1] {
		i := strings.IndexRune(flagLetters, c)
		if i < 0 {
			s.fail("%q is no tcp flag; they are %s", c, flagLetters)
			return 0
		}
		flags |= 1 << i
	}
	return flags
}

func (s *scanner) tcp(f flow) []byte {
	b := s.ports()
	flags := s.tcpFlags()
	var seq, ack, urg, doff, res uint64
	var opts []byte
	var sum checksum
	win := uint64(8192)
	for {
		switch s.peek() {
		case "seq":
			s.next()
			seq = s.num(32)
			continue
		case "ack":
			s.next()
			ack = s.num(32)
			continue
		case "win":
			s.next()
			win = s.num(16)
			continue
		case "urg":
			s.next()
			urg = s.num(16)
			continue
		case "doff":
			s.next()
			doff = s.num(4)
			continue
		case "res":
			s.next()
			res = s.num(4)
			continue
		case "opts":
			s.next()
			opts = s.tcpOptions()
			continue
		case "sum":
			s.next()
			sum = s.sum(16)
			continue
		}
		break
	}
	if doff == 0 {
		doff = uint64(5 + len(opts)/4)
	}
	b = be.AppendUint32(b, uint32(seq))
	b = be.AppendUint32(b, uint32(ack))
	b = append(b, byte(doff<<4|res), flags)
	b = be.AppendUint16(b, uint16(win))
	b = be.AppendUint16(b, 0)
	b = be.AppendUint16(b, uint16(urg))
	b = append(append(b, opts...), s.tail()...)
	be.PutUint16(b[16:], uint16(sum.of(uint64(f.l4Sum(protoTCP, b, 16)))))
	return b
}

func (s *scanner) udp(f flow) []byte {
	b := s.ports()
	var length uint64
	var hasLength bool
	var sum checksum
	if s.accept("len") {
		length, hasLength = s.num(16), true
	}
	if s.accept("sum") {
		sum = s.sum(16)
	}
	data := s.tail()
	if !hasLength {
		length = uint64(8 + len(data))
	}
	b = be.AppendUint16(b, uint16(length))
	b = append(be.AppendUint16(b, 0), data...)
	be.PutUint16(b[6:], uint16(sum.of(uint64(f.l4Sum(protoUDP, b, 6)))))
	return b
}

func (s *scanner) sctp() []byte {
	b := s.ports()
	s.expect("vtag")
	b = be.AppendUint32(b, uint32(s.num(32)))
	var sum checksum
	if s.accept("sum") {
		sum = s.sum(32)
	}
	b = append(be.AppendUint32(b, 0), s.tail()...)
	be.PutUint32(b[8:], uint32(sum.of(uint64(sctpSum(b)))))
	return b
}
