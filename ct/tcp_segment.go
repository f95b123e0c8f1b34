package ct

import (
	"nfvm/nf"
	"nfvm/packet"
)

// after reports a > b for sequence numbers, modulo 2^32 (RFC 9293, 3.4).
func after(a, b uint32) bool { return int32(b-a) < 0 }

// before reports a < b for sequence numbers.
func before(a, b uint32) bool { return int32(a-b) < 0 }

// A segment is a decoded TCP header.
type segment struct {
	seq, ack uint32
	end      uint32 // sequence after the segment, SYN and FIN counted
	win      uint16 // as sent, before scaling
	flags    uint8
	class    tcpClass
	options  []byte
	size     int // bytes of the IP packet
}

func (s *segment) has(flag uint8) bool { return s.flags&flag != 0 }

// parseTCP decodes and checks a header: it must be whole, its flags must make
// sense and its checksum must be right.
func parseTCP(h *header, checked bool) (s segment, ok bool) {
	b := h.l4
	if len(b) < packet.TCPSize {
		return s, false
	}
	size := int(b[12]>>4) * 4
	if size < packet.TCPSize || size > len(b) {
		return s, false
	}
	if checked && !h.sumOK(nf.ProtoTCP, len(b)) {
		return s, false
	}
	s = segment{
		seq: be.Uint32(b[4:]), ack: be.Uint32(b[8:]), win: be.Uint16(b[14:]),
		flags: b[13], options: b[packet.TCPSize:size], size: len(h.ip),
	}
	s.end = s.seq + uint32(len(b)-size)
	if s.has(nf.TCPSyn) {
		s.end++
	}
	if s.has(nf.TCPFin) {
		s.end++
	}
	s.class = classOf(s.flags)
	return s, validFlags(s.flags)
}

func classOf(flags uint8) tcpClass {
	switch {
	case flags&nf.TCPRst != 0:
		return classRst
	case flags&nf.TCPSyn != 0 && flags&nf.TCPAck != 0:
		return classSynAck
	case flags&nf.TCPSyn != 0:
		return classSyn
	case flags&nf.TCPFin != 0:
		return classFin
	case flags&nf.TCPAck != 0:
		return classAck
	}
	return classNone
}

// validFlags reports whether a combination of flags occurs in honest traffic.
// PSH and the flags of explicit congestion notification may be added to any.
func validFlags(flags uint8) bool {
	switch flags &^ (nf.TCPPsh | nf.TCPEce | nf.TCPCwr) {
	case nf.TCPSyn, nf.TCPSyn | nf.TCPUrg, nf.TCPSyn | nf.TCPAck,
		nf.TCPRst, nf.TCPRst | nf.TCPAck,
		nf.TCPFin | nf.TCPAck, nf.TCPFin | nf.TCPAck | nf.TCPUrg,
		nf.TCPAck, nf.TCPAck | nf.TCPUrg:
		return true
	}
	return false
}

// TCP option kinds (RFC 9293, RFC 7323, RFC 2018).
const (
	optEnd         = 0
	optNop         = 1
	optWindowScale = 3
	optSackPerm    = 4
	optSack        = 5
	optTimestamp   = 8

	maxWindowScale = 14
)

// nextOption splits the first option, of kind at least 2, off a list. It
// reports false at the end of the list and at a damaged option.
func nextOption(list []byte) (kind uint8, body, rest []byte, ok bool) {
	for len(list) > 0 && list[0] == optNop {
		list = list[1:]
	}
	if len(list) < 2 || list[0] == optEnd {
		return 0, nil, nil, false
	}
	n := int(list[1])
	if n < 2 || n > len(list) {
		return 0, nil, nil, false
	}
	return list[0], list[2:n], list[n:], true
}

// setOptions notes what a SYN offers. A header without options leaves all as it
// was.
func (side *TCPSide) setOptions(options []byte) {
	if len(options) == 0 {
		return
	}
	side.Scale = 0
	side.Flags &= tcpBeLiberal
	for {
		kind, body, rest, ok := nextOption(options)
		if !ok {
			return
		}
		switch {
		case kind == optSackPerm && len(body) == 0:
			side.Flags |= tcpSackPerm
		case kind == optWindowScale && len(body) == 1:
			side.Scale = min(body[0], maxWindowScale)
			side.Flags |= tcpWindowScale
		}
		options = rest
	}
}

// sack gives the highest sequence that the segment acknowledges, selectively
// or not. Only the first SACK option counts.
func (s *segment) sack() uint32 {
	high, options := s.ack, s.options
	if len(options) == 12 && be.Uint32(options) == optNop<<24|optNop<<16|optTimestamp<<8|10 {
		return high
	}
	for {
		kind, body, rest, ok := nextOption(options)
		if !ok {
			return high
		}
		if kind == optSack && len(body) >= 8 && len(body)%8 == 0 {
			for ; len(body) > 0; body = body[8:] {
				if right := be.Uint32(body[4:]); after(right, high) {
					high = right
				}
			}
			return high
		}
		options = rest
	}
}
