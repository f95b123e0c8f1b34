package notation

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// scanner walks the words of a line. The first error sticks; later reads give
// zero values, so that the builders need not check after every word.
type scanner struct {
	words []string
	err   error
}

// split cuts a line into words: blanks separate, a quoted string is one word,
// braces stand alone.
func split(line string) ([]string, error) {
	var words []string
	for {
		line = strings.TrimLeft(line, " \t")
		if line == "" {
			return words, nil
		}
		n := strings.IndexAny(line, " \t")
		if line[0] == '"' {
			q, err := strconv.QuotedPrefix(line)
			if err != nil {
				return nil, fmt.Errorf("unterminated string in %q", line)
			}
			n = len(q)
		}
		if n < 0 {
			n = len(line)
		}
		words, line = append(words, line[:n]), line[n:]
	}
}

func (s *scanner) fail(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf(format, args...)
	}
	s.words = nil
}

func (s *scanner) peek() string {
	if len(s.words) == 0 {
		return ""
	}
	return s.words[0]
}

func (s *scanner) next() string {
	if len(s.words) == 0 {
		s.fail("the packet ends too early")
		return ""
	}
	w := s.words[0]
	s.words = s.words[1:]
	return w
}

// accept consumes the next word if it is w.
func (s *scanner) accept(w string) bool {
	if s.peek() != w {
		return false
	}
	s.next()
	return true
}

func (s *scanner) expect(w string) {
	if got := s.next(); got != w && s.err == nil {
		s.fail("expected %q, found %q", w, got)
	}
}

// num reads a number of at most the given width in bits.
func (s *scanner) num(bits int) uint64 {
	w := s.next()
	if s.err != nil {
		return 0
	}
	v, err := strconv.ParseUint(w, 0, bits)
	if err != nil {
		s.fail("%q is not a number of %d bits", w, bits)
	}
	return v
}

// hex reads 0x… as bytes.
func (s *scanner) hex() []byte {
	w := s.next()
	b, err := hex.DecodeString(strings.TrimPrefix(w, "0x"))
	if err != nil && s.err == nil {
		s.fail("%q is not hex", w)
	}
	return b
}

// addr reads an address of the given length in bytes.
func (s *scanner) addr(size int) []byte {
	w := s.next()
	if s.err != nil {
		return make([]byte, size)
	}
	a, err := netip.ParseAddr(w)
	if err != nil || a.BitLen() != size*8 || a.Zone() != "" {
		s.fail("%q is not an address of %d bits", w, size*8)
		return make([]byte, size)
	}
	return a.AsSlice()
}
