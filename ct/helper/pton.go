package helper

import (
	"nfvm/nf"
	"nfvm/packet"
)

// readAddr reads the address of a family at the begin of b and gives how many
// bytes it takes; ok is false if there is none. Whatever can't be part of an
// address ends it, but a hexadecimal digit behind an IPv4 address spoils it
// (in4_pton, in6_pton).
func readAddr(b []byte, family nf.Family) (a packet.Addr, size int, ok bool) {
	if family == nf.FamilyIPv4 {
		size, ok = readDotted(b, a[:4])
		return a, size, ok
	}
	return readColons(b)
}

// readDotted reads an IPv4 address; leading zeros do not count.
func readDotted(b []byte, to []byte) (size int, ok bool) {
	at := 0
	for i := range to {
		start, n := at, 0
		for ; at < len(b) && isDigit(b[at]); at++ {
			if n = n*10 + int(b[at]-'0'); n > 255 {
				return 0, false
			}
		}
		if at == start {
			return 0, false
		}
		to[i] = byte(n)
		if i == len(to)-1 {
			break
		}
		if at == len(b) || b[at] != '.' {
			return 0, false
		}
		at++
	}
	return at, at == len(b) || b[at] != '.' && hexDigit(b[at]) < 0
}

// readColons reads an IPv6 address.
func readColons(b []byte) (a packet.Addr, size int, ok bool) {
	const words = 8
	n, gap, at := 0, -1, 0 // words that were read, the place of ::, the place in b
	if len(b) >= 2 && b[0] == ':' && b[1] == ':' {
		gap, at = 0, 2
	}
	for {
		start, w := at, 0
		for ; at < len(b) && hexDigit(b[at]) >= 0; at++ {
			if w > 0xfff {
				return a, 0, false
			}
			w = w<<4 | hexDigit(b[at])
		}
		switch {
		case at == start:
			return widen(a, n, gap), at, gap == n && n < words && (at == len(b) || b[at] != ':' && b[at] != '.')
		case n == words:
			return a, 0, false
		case at < len(b) && b[at] == '.':
			if n > words-2 || gap < 0 && n < words-2 {
				return a, 0, false
			}
			size, ok = readDotted(b[start:], a[2*n:2*n+4])
			return widen(a, n+2, gap), start + size, ok
		}
		a[2*n], a[2*n+1] = byte(w>>8), byte(w)
		n++
		if at == len(b) || b[at] != ':' {
			return widen(a, n, gap), at, gap >= 0 || n == words
		}
		if at++; n == words {
			return a, 0, false
		}
		if at < len(b) && b[at] == ':' {
			if gap >= 0 {
				return a, 0, false
			}
			gap = n
			at++
		}
	}
}

// widen moves the words behind the place of :: to the end of an address of which
// n words are known.
func widen(a packet.Addr, n, gap int) packet.Addr {
	if gap < 0 {
		return a
	}
	var w packet.Addr
	copy(w[:], a[:2*gap])
	copy(w[len(w)-2*(n-gap):], a[2*gap:2*n])
	return w
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isLetter reports whether c is one in Latin-1, which is the kernel's idea of
// letters.
func isLetter(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0xc0 && c != 0xd7 && c != 0xf7
}

// hexDigit is the value of a hexadecimal digit, -1 for other characters.
func hexDigit(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}
