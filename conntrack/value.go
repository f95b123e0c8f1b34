package conntrack

import (
	"net/netip"
	"strconv"
	"strings"

	"nfvm/nf"
	"nfvm/packet"
)

// readInt reads a decimal number as atol of C does: what follows it is passed
// over, and without one it is 0.
func readInt(s string) int64 {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	n := 0
	for n < len(s) && (s[n] >= '0' && s[n] <= '9' || n == 0 && (s[n] == '-' || s[n] == '+')) {
		n++
	}
	v, _ := strconv.ParseInt(s[:n], 10, 64) // 0 without digits, the limit when it is too large
	return v
}

// readNumber reads a number as strtoul of C does with base 0: decimal, octal with
// 0, hexadecimal with 0x before it. rest is what follows.
func readNumber(s string) (v uint64, rest string) {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	negative := strings.HasPrefix(s, "-")
	digits := strings.TrimLeft(s, "+-")
	base := 10
	switch {
	case len(digits) > 2 && (digits[:2] == "0x" || digits[:2] == "0X"):
		base, digits = 16, digits[2:]
	case strings.HasPrefix(digits, "0"):
		base = 8
	}
	n := 0
	for n < len(digits) && digitOf(digits[n]) < base {
		n++
	}
	v, err := strconv.ParseUint(digits[:n], base, 64)
	if n > 0 && err != nil {
		v = 1<<64 - 1
	}
	if negative {
		v = -v
	}
	return v, digits[n:]
}

func digitOf(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return 99
}

// An address is one of the command line with its family.
type address struct {
	addr   packet.Addr
	family nf.Family
}

// readAddress reads an IPv4 address as inet_aton does, with 1.2 for 1.0.0.2, or an
// IPv6 address.
func readAddress(s string) (a address, ok bool) {
	if n, ok := readIPv4(s); ok {
		return address{packet.Addr4(n), nf.FamilyIPv4}, true
	}
	ip, err := netip.ParseAddr(s)
	if err != nil || ip.Is4() || ip.Zone() != "" {
		return a, false
	}
	return address{packet.Addr(ip.As16()), nf.FamilyIPv6}, true
}

func readIPv4(s string) (n uint32, ok bool) {
	parts := strings.Split(s, ".")
	if len(parts) > 4 {
		return 0, false
	}
	for i, part := range parts {
		v, rest := readNumber(part)
		most := uint64(255)
		if i == len(parts)-1 {
			most = 1<<(8*(5-len(parts))) - 1
		}
		if part == "" || part[0] < '0' || part[0] > '9' || rest != "" || v > most {
			return 0, false
		}
		if i < len(parts)-1 {
			v <<= 8 * (3 - i)
		}
		n |= uint32(v)
	}
	return n, true
}

// splitPrefix cuts the length off an address; it is -1 without one and -2 when it
// is none.
func splitPrefix(s string) (addr string, length int) {
	addr, text, ok := strings.Cut(s, "/")
	if !ok {
		return addr, -1
	}
	if text == "" {
		return addr, 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return addr, -2
	}
	return addr, n
}

// netmask gives the mask of a prefix.
func netmask(length int) (m packet.Addr) {
	for i := range m {
		bits := min(max(length-8*i, 0), 8)
		m[i] = ^byte(0xff >> bits)
	}
	return m
}

// splitPort cuts ADDRESS[:PORT] apart; an IPv6 address with a port is in brackets.
func splitPort(s string) (addr, port string, err error) {
	open := strings.IndexByte(s, '[')
	if open >= 0 {
		inside, rest, closed := strings.Cut(s[open+1:], "]")
		switch {
		case closed && inside == "":
			return "", "", usageError("No IPv6 address specified")
		case !closed:
			return "", "", usageError("No closing ']' around IPv6 address")
		}
		_, after, colon := strings.Cut(rest, ":")
		if !colon {
			return s, "", nil
		}
		return inside, after, checkPort(after)
	}
	before, after, colon := strings.Cut(s, ":")
	if !colon || strings.Contains(after, ":") {
		return s, "", nil
	}
	return before, after, checkPort(after)
}

func checkPort(s string) error {
	if s == "" {
		return usageError("No port specified after `:'")
	}
	if _, err := strconv.ParseUint(s, 10, 16); err != nil {
		return usageError("Invalid port `%s'", s)
	}
	return nil
}

// A word is one that a list of parameters may have, with its bits.
type word struct {
	name string
	bits uint32
}

// Words of lists of parameters; each may be cut short, and the first that fits is
// meant.
var (
	statusWords = []word{
		{"ASSURED", uint32(nf.CTStatusAssured)}, {"SEEN_REPLY", uint32(nf.CTStatusSeenReply)}, {"UNSET", 0},
		{"FIXED_TIMEOUT", uint32(nf.CTStatusFixedTimeout)}, {"EXPECTED", uint32(nf.CTStatusExpected)},
		{"OFFLOAD", uint32(nf.CTStatusOffload)}, {"HW_OFFLOAD", 1 << 15},
	}
	eventWords  = []word{{"ALL", eventAll}, {"NEW", eventNew}, {"UPDATES", eventUpdate}, {"DESTROY", eventDestroy}}
	outputWords = []word{
		{"xml", outXML}, {"extended", outExtended}, {"timestamp", outTimestamp}, {"id", outID},
		{"ktimestamp", outKernelTime}, {"labels", outLabels}, {"userspace", 0}, {"save", outSave},
		{"proc", outProc},
	}
)

// Kinds of events to watch.
const (
	eventNew = 1 << iota
	eventUpdate
	eventDestroy
	eventAll = eventNew | eventUpdate | eventDestroy
)

// Forms of output. The last one is not the tool's: lines of
// /proc/net/nf_conntrack.
const (
	outXML = 1 << iota
	outExtended
	outTimestamp
	outID
	outKernelTime
	outLabels
	outSave
	outProc
)

// begins reports whether s is the beginning of a name, in any case.
func begins(s, name string) bool { return len(s) <= len(name) && strings.EqualFold(s, name[:len(s)]) }

// findWord gives the bits of a word. The statuses of NAT are no words any more,
// which is told.
func (p *parser) findWord(s string, words []word) (bits uint32, ok bool) {
	for _, old := range []string{"SRC_NAT", "DST_NAT"} {
		if begins(s, old) {
			p.warn("WARNING: ignoring %s, use --%s instead\n", old, strings.ToLower(strings.ReplaceAll(old, "_", "-")))
			return 0, true
		}
	}
	for _, w := range words {
		if begins(s, w.name) {
			return w.bits, true
		}
	}
	return 0, false
}

// readWords reads a list of parameters; those behind ! go into the second result,
// if no is not nil.
func (p *parser) readWords(arg string, words []word, yes, no *uint32) error {
	for {
		name, rest, more := strings.Cut(arg, ",")
		if name == "" {
			return usageError("Bad parameter `%s'", arg)
		}
		to := yes
		if no != nil && name[0] == '!' {
			to, name, arg = no, name[1:], arg[1:]
		} else if no != nil && strings.HasPrefix(arg, "UNREPLIED") {
			to, name = no, "SEEN_REPLY"
		}
		bits, ok := p.findWord(name, words)
		if name == "" || !ok {
			return usageError("Bad parameter `%s'", arg)
		}
		*to |= bits
		if !more {
			return nil
		}
		arg = rest
	}
}
