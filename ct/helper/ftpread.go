package helper

import (
	"bytes"
	"net/netip"
	"strings"

	"nfvm/nf"
	"nfvm/packet"
)

// What was found at the begin of a line.
type ftpMatch uint8

const (
	ftpNothing ftpMatch = iota
	ftpPartial          // the command, or its begin, but not all of what follows
	ftpFound
)

// find looks for the pattern at the begin of data.
func (f *ftpPattern) find(data []byte, l3 uint8, to *ftpTarget) ftpMatch {
	n := min(len(data), len(f.word))
	if !strings.EqualFold(string(data[:n]), f.word[:n]) {
		return ftpNothing
	}
	if len(data) <= len(f.word) {
		return ftpPartial
	}
	to.at = len(f.word)
	if f.skip != 0 {
		i := bytes.IndexByte(data[to.at:], f.skip)
		if i < 0 {
			return ftpPartial
		}
		to.at += i + 1
	}
	if !f.read(data[to.at:], l3, to) {
		return ftpPartial
	}
	return ftpFound
}

// readNumbers reads decimal numbers with sep between them up to the character
// end, or to any other one if end is 0, and gives how many bytes they take, 0 if
// they are not all there. They may be of any size.
func readNumbers(data []byte, to []uint32, sep, end byte) int {
	clear(to)
	i := 0
	for n, c := range data {
		switch {
		case c >= '0' && c <= '9':
			to[i] = to[i]*10 + uint32(c-'0')
		case c == sep:
			if i++; i == len(to) {
				return 0
			}
		case (c == end || end == 0) && i == len(to)-1:
			return n
		default:
			return 0
		}
	}
	return 0
}

// readPort reads the argument of PORT, which a carriage return must end.
func readPort(data []byte, _ uint8, to *ftpTarget) bool { return to.numbers(data, '\r') }

// readPASV reads the first numbers in the answer to PASV.
func readPASV(data []byte, _ uint8, to *ftpTarget) bool {
	i := bytes.IndexAny(data, "0123456789")
	if i < 0 {
		return false
	}
	to.at += i
	return to.numbers(data[i:], 0)
}

// numbers reads six numbers as address and port. What is greater than a byte
// spoils the numbers before it, as in the kernel.
func (to *ftpTarget) numbers(data []byte, end byte) bool {
	var n [6]uint32
	to.size = readNumbers(data, n[:], ',', end)
	to.addr = packet.Addr4(n[0]<<24 | n[1]<<16 | n[2]<<8 | n[3])
	to.port = uint16(n[4]<<8 | n[5])
	return to.size != 0
}

// delimiter reports whether a character may stand between the parts of the
// extended forms (RFC 2428).
func delimiter(c byte) bool { return c > ' ' && c <= '~' && (c < '0' || c > '9') }

// readEPRT reads the argument of EPRT, |1|132.235.1.2|6275| or |2|3ffe::1|6275|,
// of the connection's own family.
func readEPRT(data []byte, l3 uint8, to *ftpTarget) bool {
	if len(data) <= 3 || !delimiter(data[0]) || data[2] != data[0] {
		return false
	}
	delim, size := data[0], 0
	switch {
	case l3 == uint8(nf.FamilyIPv4) && data[1] == '1':
		var n [4]uint32
		size = readNumbers(data[3:], n[:], '.', delim)
		to.addr = packet.Addr4(n[0]<<24 | n[1]<<16 | n[2]<<8 | n[3])
	case l3 == uint8(nf.FamilyIPv6) && data[1] == '2':
		size = readAddr6(data[3:], delim, &to.addr)
	}
	return size != 0 && to.readPort(data, 3+size+1, delim)
}

// readAddr6 reads an IPv6 address up to a delimiter and gives its size, 0 if it
// is none.
func readAddr6(data []byte, delim byte, to *packet.Addr) int {
	n := bytes.IndexByte(data, delim)
	if n < 0 {
		return 0
	}
	a, err := netip.ParseAddr(string(data[:n]))
	if err != nil || !a.Is6() || a.Zone() != "" {
		return 0
	}
	*to = packet.AddrFrom(a)
	return n
}

// readEPSV reads what the answer to EPSV has in parentheses, |||6446|.
func readEPSV(data []byte, _ uint8, to *ftpTarget) bool {
	if len(data) <= 3 || !delimiter(data[0]) || data[1] != data[0] || data[2] != data[0] {
		return false
	}
	return to.readPort(data, 3, data[0])
}

// readPort reads the port at the end of the extended forms, up to a delimiter.
// Digits too many are lost at the left.
func (to *ftpTarget) readPort(data []byte, from int, delim byte) bool {
	to.port = 0
	for i := from; i < len(data); i++ {
		switch c := data[i]; {
		case c == delim:
			to.size = i + 1
			return to.port != 0
		case c >= '0' && c <= '9':
			to.port = to.port*10 + uint16(c-'0')
		default:
			return false
		}
	}
	return false
}
