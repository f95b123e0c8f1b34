package helper

import (
	"bytes"
	"strconv"
	"strings"

	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// dccCommands are those by which one client of IRC asks another one to connect
// to it (Direct Client-to-Client).
var dccCommands = []string{"SEND ", "CHAT ", "MOVE ", "TSEND ", "SCHAT "}

// Sizes that the search relies on: how much of a packet is read, the shortest
// begin of a message, the shortest request from the blank before it on, and what
// must follow the name of a file at least.
const (
	ircMaxSearch = 4095
	ircMinWord   = 10
	ircMinDCC    = 26
	ircMinTarget = 12
)

// irc is the helper for DCC requests, which are read in private messages that a
// client sends.
func (t *tracker) irc(p *packet.Packet, e *ct.Entry) nf.Verdict {
	_, data, ok := payloadTCP(p)
	if !ok || p.CTInfo != nf.CTEstablished {
		return nf.Accept
	}
	data = data[:min(len(data), ircMaxSearch)]
	at := 0
	for at < len(data)-ircMinWord && strings.IndexByte(" \r\n", data[at]) >= 0 {
		at++
	}
	if at < len(data)-ircMinWord {
		const word = "PRIVMSG "
		if !strings.EqualFold(string(data[at:at+len(word)]), word) {
			return nf.Accept
		}
		at += len(word)
	}
	for at < len(data)-ircMinDCC {
		if string(data[at:at+2]) != " :" {
			at++
			continue
		}
		at += 2
		const quote = "\x01DCC "
		if string(data[at:at+len(quote)]) != quote {
			return nf.Accept
		}
		at += len(quote)
		for _, command := range dccCommands {
			if !bytes.HasPrefix(data[at:], []byte(command)) {
				continue
			}
			to, ok := readDCC(data, at+len(command))
			if !ok || !ircOwn(e, &to) {
				return nf.Accept
			}
			return t.ircExpect(p, e, &to)
		}
	}
	return nf.Accept
}

// ircOwn reports whether a request is for a connection to the client itself, by
// the address it has on either side of NAT.
func ircOwn(e *ct.Entry, to *dccTarget) bool {
	return to.port != 0 && (e.Tuple[nf.DirOriginal].Src.V4() == to.addr || e.Tuple[nf.DirReply].Dst.V4() == to.addr)
}

// ircExpect waits for the connection, from anywhere.
func (t *tracker) ircExpect(p *packet.Packet, e *ct.Entry, to *dccTarget) nf.Verdict {
	dst := e.Tuple[nf.DirReply].Dst
	x := ct.NewExpectation(e, 0, nf.ProtoTCP, nil, dst, nil, to.port)
	if !translated(e) {
		return t.expect(x)
	}
	port, ok := t.expectHere(x, nf.DirReply)
	if !ok {
		return nf.Drop
	}
	text := append(strconv.AppendUint(nil, uint64(dst.V4()), 10), ' ')
	return t.mangled(p, e, x, to.at, to.size, strconv.AppendUint(text, uint64(port), 10))
}

// A dccTarget is where a connection shall go, and where in the data that was
// said.
type dccTarget struct {
	addr     uint32
	port     uint16
	at, size int
}

// readDCC reads the name of a file, which ends at a blank, an address as one
// number, and a port; a line feed must follow somewhere.
func readDCC(data []byte, at int) (to dccTarget, ok bool) {
	for ; at < len(data) && data[at] != ' '; at++ {
		if at+1 > len(data)-ircMinTarget {
			return to, false
		}
	}
	if at++; at > len(data) || bytes.IndexByte(data[at:], '\n') < 0 {
		return to, false
	}
	to.at = at
	addr, n := leadingNumber(data[at:])
	to.addr = uint32(addr)
	for at += n; data[at] == ' '; at++ { // the line feed ends this
	}
	port, n := leadingNumber(data[at:])
	to.port = uint16(port)
	to.size = at + n - to.at
	return to, true
}

// leadingNumber reads decimal digits and gives the number, modulo 2^64, and how
// many there are.
func leadingNumber(data []byte) (value uint64, digits int) {
	for digits < len(data) && data[digits] >= '0' && data[digits] <= '9' {
		value = value*10 + uint64(data[digits]-'0')
		digits++
	}
	return value, digits
}
