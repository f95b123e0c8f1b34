package notation

import (
	"bytes"
	"fmt"
	"strings"
)

// text writes the payload of an IP header; raw says that b begins in the
// middle of a datagram.
func (f flow) text(proto uint8, b []byte, raw bool) string {
	text := ""
	if !raw {
		switch {
		case proto == protoTCP && len(b) >= 20:
			text = f.tcpText(b)
		case proto == protoUDP && len(b) >= 8:
			text = f.udpText(b)
		case proto == protoICMP && len(b) >= 8, proto == protoICMPv6 && len(b) >= 8:
			text = f.icmpText(proto, b)
		case proto == protoSCTP && len(b) >= 12:
			text = sctpText(b)
		}
	}
	if text != "" {
		words, err := split(text)
		s := &scanner{words: words, err: err}
		if p, again := s.l4(f); s.err == nil && p == proto && bytes.Equal(again, b) {
			return text
		}
	}
	l := &line{}
	fmt.Fprintf(l, "proto %d", proto)
	l.tail(b)
	return l.String()
}

func (f flow) tcpText(b []byte) string {
	doff := int(b[12]>>4) * 4
	l := &line{}
	fmt.Fprintf(l, "tcp %d > %d [", be.Uint16(b), be.Uint16(b[2:]))
	for i, c := range flagLetters {
		if b[13]>>i&1 != 0 {
			l.WriteRune(c)
		}
	}
	l.WriteByte(']')
	l.put("seq %d", be.Uint32(b[4:]))
	l.unless(0, uint64(be.Uint32(b[8:])), "ack %d")
	l.unless(8192, uint64(be.Uint16(b[14:])), "win %d")
	l.unless(0, uint64(be.Uint16(b[18:])), "urg %d")
	l.unless(0, uint64(b[12]&15), "res %d")
	opts, data := b[20:20], b[20:]
	if doff < 20 || doff > len(b) {
		l.put("doff %d", doff/4)
	} else {
		opts, data = b[20:doff], b[doff:]
	}
	if len(opts) > 0 {
		l.put("opts %s", tcpOptionsText(opts))
	}
	l.sum(uint64(be.Uint16(b[16:])), uint64(f.l4Sum(protoTCP, b, 16)))
	l.tail(data)
	return l.String()
}

func (f flow) udpText(b []byte) string {
	l := &line{}
	fmt.Fprintf(l, "udp %d > %d", be.Uint16(b), be.Uint16(b[2:]))
	l.unless(uint64(len(b)), uint64(be.Uint16(b[4:])), "len %d")
	l.sum(uint64(be.Uint16(b[6:])), uint64(f.l4Sum(protoUDP, b, 6)))
	l.tail(b[8:])
	return l.String()
}

func sctpText(b []byte) string {
	l := &line{}
	fmt.Fprintf(l, "sctp %d > %d vtag %d", be.Uint16(b), be.Uint16(b[2:]), be.Uint32(b[4:]))
	l.sum(uint64(be.Uint32(b[8:])), uint64(sctpSum(b)))
	l.tail(b[12:])
	return l.String()
}

func (f flow) icmpText(proto uint8, b []byte) string {
	typ, code, rest := b[0], b[1], be.Uint32(b[4:])
	l := &line{}
	name := fmt.Sprint(typ)
	for n, v := range namesOf(proto) {
		if v == typ {
			name = n
		}
	}
	if code != 0 {
		name += fmt.Sprintf("/%d", code)
	}
	l.WriteString(map[bool]string{false: "icmp ", true: "icmp6 "}[proto == protoICMPv6] + name)
	isError := proto == protoICMPv6 && typ < 128 || proto == protoICMP && strings.ContainsRune("\x03\x04\x05\x0b\x0c", rune(typ))
	tooBig := proto == protoICMP && typ == 3 && code == 4 || proto == protoICMPv6 && typ == 2
	switch {
	case tooBig:
		l.put("mtu %d", rest)
	case !isError:
		l.put("id %d seq %d", rest>>16, rest&0xffff)
	case rest != 0:
		l.put("rest %#x", rest)
	}
	l.sum(uint64(be.Uint16(b[2:])), uint64(f.l4Sum(proto, b, 2)))
	if isError {
		if inner := Format(b[8:]); !strings.HasPrefix(inner, "hex") {
			l.put("{ %s }", inner)
			return l.String()
		}
	}
	l.tail(b[8:])
	return l.String()
}
