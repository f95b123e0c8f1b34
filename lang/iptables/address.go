package iptables

import (
	"math/bits"
	"net/netip"
	"strings"

	"nfvm/nf"
)

// An addrArg is an address with a mask, as IPv4 or IPv6 of the file's family;
// the zero addrArg is "not given".
type addrArg struct {
	at   word
	addr []byte // host bits cleared
	mask []byte
}

// prefix gives the mask as a length, and whether it is one.
func (a *addrArg) prefix() (int, bool) {
	n, ended := 0, false
	for _, b := range a.mask {
		ones := bits.LeadingZeros8(^b)
		if ended && b != 0 || b<<ones != 0 {
			return 0, false
		}
		n += ones
		ended = ended || ones < 8
	}
	return n, true
}

// any reports whether every address matches.
func (a *addrArg) any() bool {
	n, ok := a.prefix()
	return ok && n == 0
}

// addresses reads the list of -s or -d: each makes a rule of its own.
func (s *spec) addresses(w word, not bool) []addrArg {
	var out []addrArg
	parts := w.split(",")
	if not && len(parts) > 1 {
		s.errorf(w.span, "several addresses can't be negated: each makes a rule of its own")
		return nil
	}
	for _, p := range parts {
		if a, ok := s.address(p); ok {
			out = append(out, a)
		}
	}
	return out
}

// address reads ADDRESS, ADDRESS/LENGTH or ADDRESS/MASK.
func (s *spec) address(w word) (addrArg, bool) {
	host, tail, has := w.cut("/")
	addr, ok := s.parseAddr(host)
	if !ok {
		return addrArg{}, false
	}
	a := addrArg{at: w, addr: addr, mask: fullMask(len(addr))}
	if has {
		if a.mask, ok = s.parseMask(tail); !ok {
			return addrArg{}, false
		}
	}
	for i := range a.addr {
		a.addr[i] &= a.mask[i]
	}
	return a, true
}

// network reads what address does, where iptables keeps the length of the mask: of
// one that is no prefix all bits count.
func (s *spec) network(w word) (addrArg, bool) {
	a, ok := s.address(w)
	if _, prefix := a.prefix(); ok && !prefix {
		host, _, _ := w.cut("/")
		a.addr, ok = s.parseAddr(host)
		a.mask = fullMask(len(a.addr))
	}
	return a, ok
}

// parseAddr reads one address without a mask. IPv4 may leave out groups at the
// end (10 is 10.0.0.0), and each group is a number in any base.
func (s *spec) parseAddr(w word) ([]byte, bool) {
	if s.family == nf.FamilyIPv6 {
		a, err := netip.ParseAddr(w.text)
		if err != nil || !a.Is6() || a.Zone() != "" {
			s.badAddress(w)
			return nil, false
		}
		b := a.As16()
		return b[:], true
	}
	b, ok := dotted(w.text)
	if !ok {
		s.badAddress(w)
		return nil, false
	}
	return b, true
}

// badAddress says why a word is no address.
func (s *spec) badAddress(w word) {
	name := "IPv4"
	if s.family == nf.FamilyIPv6 {
		name = "IPv6"
	}
	letters := strings.ContainsAny(strings.ToLower(w.text), "ghijklmnopqrstuvwxyz") && !strings.ContainsAny(w.text, ":")
	if _, err := netip.ParseAddr(w.text); err != nil && letters {
		s.errorf(w.span, "the host name %s is not looked up: write its %s address", w.text, name)
		return
	}
	s.errorf(w.span, "%q is no %s address", w.text, name)
}

// dotted reads up to four numbers with dots.
func dotted(s string) ([]byte, bool) {
	out := make([]byte, 4)
	parts := strings.Split(s, ".")
	if len(parts) > 4 {
		return nil, false
	}
	for i, p := range parts {
		n, err := parseNumber(p)
		if err != nil || n > 255 {
			return nil, false
		}
		out[i] = byte(n)
	}
	return out, true
}

// parseMask reads a length or a mask written as an address.
func (s *spec) parseMask(w word) ([]byte, bool) {
	size := 4
	if s.family == nf.FamilyIPv6 {
		size = 16
	}
	if n, err := parseNumber(w.text); err == nil {
		if n > uint64(size)*8 {
			s.errorf(w.span, "a prefix length is at most %d", size*8)
			return nil, false
		}
		return prefixMask(size, int(n)), true
	}
	if size == 4 && strings.Count(w.text, ".") == 3 {
		if b, ok := dotted(w.text); ok {
			return b, true
		}
	} else if a, err := netip.ParseAddr(w.text); size == 16 && err == nil && a.Is6() {
		b := a.As16()
		return b[:], true
	}
	s.errorf(w.span, "%q is no mask", w.text)
	return nil, false
}

func fullMask(size int) []byte { return prefixMask(size, 8*size) }

// prefixMask is the mask of n leading ones.
func prefixMask(size, n int) []byte {
	m := make([]byte, size)
	for i := range n {
		m[i/8] |= 0x80 >> (i % 8)
	}
	return m
}

// addrText writes an address as nft reads it.
func addrText(b []byte) string {
	a, _ := netip.AddrFromSlice(b)
	return a.String()
}
