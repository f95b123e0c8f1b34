package notation

// header4 holds the words of an IPv4 header.
type header4 struct {
	ttl, id, tos, off, length uint64
	flags                     uint16
	opts                      []byte
	sum                       checksum
	cut                       *cut
	hasLength                 bool
}

func (s *scanner) header4() header4 {
	h := header4{ttl: 64, id: 1}
	for {
		switch s.peek() {
		case "ttl":
			s.next()
			h.ttl = s.num(8)
		case "id":
			s.next()
			h.id = s.num(16)
		case "tos":
			s.next()
			h.tos = s.num(8)
		case "df":
			s.next()
			h.flags |= 0x4000
		case "mf":
			s.next()
			h.flags |= 0x2000
		case "evil":
			s.next()
			h.flags |= 0x8000
		case "off":
			s.next()
			h.off = s.num(16)
		case "len":
			s.next()
			h.length, h.hasLength = s.num(16), true
		case "opts":
			s.next()
			h.opts = s.hex()
		case "sum":
			s.next()
			h.sum = s.sum(16)
		case "cut":
			s.next()
			h.cut = s.cut()
		default:
			return h
		}
	}
}

func (s *scanner) ip4() []byte {
	src := s.addr(4)
	s.expect(">")
	dst := s.addr(4)
	h := s.header4()
	if len(h.opts)%4 != 0 || len(h.opts) > 40 || h.off%8 != 0 {
		s.fail("options come in units of 4 bytes, offsets in units of 8")
		return nil
	}
	proto, payload := s.l4(flow{src, dst, false})
	if h.cut != nil {
		var more bool
		h.off = uint64(h.cut.off)
		if payload, more = h.cut.of(payload); more {
			h.flags |= 0x2000
		}
	}
	if !h.hasLength {
		h.length = uint64(20 + len(h.opts) + len(payload))
	}
	b := []byte{0x45 + byte(len(h.opts)/4), byte(h.tos)}
	b = be.AppendUint16(b, uint16(h.length))
	b = be.AppendUint16(b, uint16(h.id))
	b = be.AppendUint16(b, h.flags|uint16(h.off/8))
	b = append(b, byte(h.ttl), proto, 0, 0)
	b = append(append(append(b, src...), dst...), h.opts...)
	be.PutUint16(b[10:], uint16(h.sum.of(uint64(inetSum(b)))))
	return append(append(b, payload...), s.padding()...)
}

// header6 holds the words of an IPv6 header.
type header6 struct {
	hl, tc, label, length, id uint64
	cut                       *cut
	hasLength                 bool
}

func (s *scanner) header6() header6 {
	h := header6{hl: 64, id: 1}
	for {
		switch s.peek() {
		case "hl":
			s.next()
			h.hl = s.num(8)
		case "tc":
			s.next()
			h.tc = s.num(8)
		case "flow":
			s.next()
			h.label = s.num(20)
		case "len":
			s.next()
			h.length, h.hasLength = s.num(16), true
		case "cut":
			s.next()
			h.cut = s.cut()
		case "id":
			s.next()
			h.id = s.num(32)
		default:
			return h
		}
	}
}

func (s *scanner) ip6() []byte {
	src := s.addr(16)
	s.expect(">")
	dst := s.addr(16)
	h := s.header6()
	next, payload := s.chain6(flow{src, dst, true})
	if h.cut != nil {
		piece, more := h.cut.of(payload)
		next, payload = protoFragment, append(fragment6(next, h.id, uint64(h.cut.off), more), piece...)
	}
	if !h.hasLength {
		h.length = uint64(len(payload))
	}
	b := be.AppendUint32(nil, 6<<28|uint32(h.tc)<<20|uint32(h.label))
	b = be.AppendUint16(b, uint16(h.length))
	b = append(b, next, byte(h.hl))
	b = append(append(b, src...), dst...)
	return append(append(b, payload...), s.padding()...)
}

// extensions are the IPv6 extension headers written as a word and their bytes
// after the length field.
var extensions = map[string]uint8{"hbh": 0, "routing": 43, "dstopts": 60}

// chain6 reads extension headers and what follows them.
func (s *scanner) chain6(f flow) (next uint8, b []byte) {
	word := s.peek()
	if proto, ok := extensions[word]; ok {
		s.next()
		body := s.hex()
		if len(body)%8 != 6 {
			s.fail("the bytes after %s make no multiple of 8 with the two before them", word)
			return 0, nil
		}
		inner, rest := s.chain6(f)
		b = append([]byte{inner, byte(len(body) / 8)}, body...)
		return proto, append(b, rest...)
	}
	if s.accept("frag") {
		s.expect("id")
		id := s.num(32)
		s.expect("off")
		off := s.num(16)
		more := s.accept("mf")
		inner, rest := s.chain6(f)
		return protoFragment, append(fragment6(inner, id, off, more), rest...)
	}
	return s.l4(f)
}

func fragment6(next uint8, id, off uint64, more bool) []byte {
	field := uint16(off) &^ 7
	if more {
		field |= 1
	}
	b := be.AppendUint16([]byte{next, 0}, field)
	return be.AppendUint32(b, uint32(id))
}
