package lang

import "strconv"

// word scans what starts with a letter, `_` or `.`: a word, a word with an
// asterisk, or a literal of hex digits and colons where that is longer.
func (s *scanner) word() {
	n := wordLen(s.src[s.pos:])
	if k, m := s.hexLiteral(); m > n {
		s.emit(k, m)
		return
	}
	text := s.src[s.pos : s.pos+n]
	switch {
	case s.at(n) == '*':
		s.emit(tAsterisk, n+1)
	case s.at(n) == '\\' && s.at(n+1) == '*':
		m := n + 2
		if class[s.at(m)]&clLetter != 0 {
			m += wordLen(s.src[s.pos+m:])
		}
		s.emit(tAsterisk, m)
	case n == 1 && text == ".":
		s.emit(tDot, 1)
	default:
		s.emit(operatorWord(text), n)
	}
}

func wordLen(s string) int {
	n := 0
	for n < len(s) && class[s[n]]&clWord != 0 {
		n++
	}
	return n
}

// operatorWord gives the kind of a bare word: some are operators.
func operatorWord(w string) kind {
	if len(w) > 6 {
		return tWord
	}
	switch w {
	case "eq":
		return tEq
	case "ne":
		return tNeq
	case "lt":
		return tLt
	case "le":
		return tLe
	case "gt":
		return tGt
	case "ge":
		return tGe
	case "and":
		return tAmp
	case "or":
		return tPipe
	case "xor":
		return tCaret
	case "not":
		return tNot
	case "lshift":
		return tLshift
	case "rshift":
		return tRshift
	}
	return tWord
}

// number scans what starts with a digit: the longest of an address, a time, a
// number and a class id.
func (s *scanner) number() {
	rest := s.src[s.pos:]
	k, n := tNumber, 1
	if len(rest) > 2 && rest[0] == '0' && rest[1]|0x20 == 'x' && class[rest[2]]&clHex != 0 {
		n = 3
		for n < len(rest) && class[rest[n]]&clHex != 0 {
			n++
		}
	} else {
		for n < len(rest) && class[rest[n]]&clDigit != 0 {
			n++
		}
	}
	if n < len(rest) && rest[n] == 'q' && rest[:n] == "8021" {
		k, n = tWord, n+1
	} else if n+1 < len(rest) && rest[n:n+2] == "ad" && rest[:n] == "8021" {
		k, n = tWord, n+2
	}
	if m := matchTime(rest); m > n {
		k, n = tTime, m
	}
	if m := matchIPv4(rest); m > n {
		k, n = tIPv4, m
	}
	if hk, m := s.hexLiteral(); m > n {
		k, n = hk, m
	}
	if k == tNumber {
		if _, err := parseNumber(rest[:n]); err != nil {
			k = tBigNumber
		}
	}
	s.emit(k, n)
}

// parseNumber reads a number as C's strtoull with the base nft gives it.
func parseNumber(t string) (uint64, error) {
	switch {
	case len(t) > 1 && t[0] == '0' && t[1]|0x20 == 'x':
		return strconv.ParseUint(t[2:], 16, 64)
	case len(t) > 1 && t[0] == '0':
		return strconv.ParseUint(t[1:], 8, 64)
	}
	return strconv.ParseUint(t, 10, 64)
}

// hexLiteral matches a MAC address, an IPv6 address or a class id at pos.
func (s *scanner) hexLiteral() (kind, int) {
	rest := s.src[s.pos:]
	n := hexRun(rest, 5)
	if n == 0 || n > 4 || n >= len(rest) || rest[n] != ':' {
		return tEOF, 0
	}
	if m := matchMAC(rest); m > 0 && m >= matchIPv6(rest) {
		return tMAC, m
	}
	if m := matchIPv6(rest); m > 0 {
		return tIPv6, m
	}
	m := hexRun(rest[n+1:], 4)
	if m == 0 || n+1+m >= len(rest) {
		return tEOF, 0
	}
	switch rest[n+1+m] { // what nft wants to see behind a class id
	case ' ', '\t', '\n', ':', '-', '}', ',':
		return tClassID, n + 1 + m
	}
	return tEOF, 0
}

// hexRun counts hex digits at the start of s, at most limit.
func hexRun(s string, limit int) int {
	n := 0
	for n < len(s) && n < limit && class[s[n]]&clHex != 0 {
		n++
	}
	return n
}

// matchTime matches [Nd][Nh][Nm][Ns][Nms], each part at most once and in this
// order; 0 if there is none.
func matchTime(s string) int {
	end, i := 0, 0
	for unit := 0; unit < 5; {
		j := i
		for j < len(s) && class[s[j]]&clDigit != 0 {
			j++
		}
		if j == i || j == len(s) {
			break
		}
		next := timeUnit(s[j:])
		if next < unit {
			break
		}
		unit = next + 1
		i = j + 1
		if next == 4 {
			i++
		}
		end = i
	}
	return end
}

// timeUnit gives the rank of the unit at the start of s, -1 if there is none.
func timeUnit(s string) int {
	switch s[0] {
	case 'd':
		return 0
	case 'h':
		return 1
	case 's':
		return 3
	case 'm':
		if len(s) > 1 && s[1] == 's' {
			return 4
		}
		return 2
	}
	return -1
}

// matchIPv4 matches four dotted groups of one to three digits.
func matchIPv4(s string) int {
	i := 0
	for group := 0; ; group++ {
		n := 0
		for n < 3 && i < len(s) && class[s[i]]&clDigit != 0 {
			n++
			i++
		}
		if n == 0 {
			return 0
		}
		if group == 3 {
			return i
		}
		if i >= len(s) || s[i] != '.' {
			return 0
		}
		i++
	}
}

// matchMAC matches six groups of one or two hex digits with colons.
func matchMAC(s string) int {
	i := 0
	for group := range 6 {
		n := hexRun(s[i:], 2)
		if n == 0 {
			return 0
		}
		i += n
		if group < 5 {
			if i >= len(s) || s[i] != ':' {
				return 0
			}
			i++
		}
	}
	return i
}

// matchIPv6 gives the length of the longest IPv6 address at the start of s, 0
// if there is none (RFC 4291, section 2.2, all three forms).
func matchIPv6(s string) int {
	best, i, groups, gap := 0, 0, 0, false
	if len(s) > 1 && s[0] == ':' {
		if s[1] != ':' {
			return 0
		}
		gap, i, best = true, 2, 2
	}
	for groups < 8 {
		if groups <= 6 && (gap || groups == 6) {
			if n := matchIPv4(s[i:]); n > 0 && groups+2 <= 8 {
				best = max(best, i+n)
			}
		}
		n := hexRun(s[i:], 4)
		if n == 0 {
			break
		}
		i += n
		groups++
		if groups == 8 && !gap || gap && groups <= 7 {
			best = max(best, i)
		}
		if i >= len(s) || s[i] != ':' {
			break
		}
		i++
		if i < len(s) && s[i] == ':' {
			if gap || groups > 7 {
				break
			}
			gap = true
			i++
			best = max(best, i)
		}
	}
	return best
}
