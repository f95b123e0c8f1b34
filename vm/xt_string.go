package vm

import (
	"bytes"
	"fmt"

	"nfvm/xt"
)

// xtString searches a packet, from the network header on, for a pattern that
// lies within a range of offsets.
type xtString struct {
	pattern  []byte
	from, to int
	fold     bool // upper case is lower case
	invert   bool
}

func loadString(_ *loader, info []byte) (xtMatch, error) {
	var c xt.String
	if err := xt.Decode(info, &c); err != nil {
		return nil, err
	}
	if c.PatternSize == 0 || int(c.PatternSize) > len(c.Pattern) || c.From > c.To {
		return nil, fmt.Errorf("a pattern of %d bytes between %d and %d", c.PatternSize, c.From, c.To)
	}
	s := &xtString{pattern: bytes.Clone(c.Pattern[:c.PatternSize]), from: int(c.From), to: int(c.To),
		fold: c.Flags&xt.StringIgnoreCase != 0, invert: c.Flags&xt.StringInvert != 0}
	if s.fold {
		for i, b := range s.pattern {
			s.pattern[i] = upper(b)
		}
	}
	return s, nil
}

func upper(b byte) byte {
	if 'a' <= b && b <= 'z' {
		return b - 'a' + 'A'
	}
	return b
}

func (s *xtString) match(m *Machine) bool { return s.find(m.p.IP()) != s.invert }

func (s *xtString) find(b []byte) bool {
	if s.from >= len(b) {
		return false
	}
	b = b[s.from:min(s.to, len(b))]
	if !s.fold {
		return bytes.Contains(b, s.pattern)
	}
	for i := 0; i+len(s.pattern) <= len(b); i++ {
		n := 0
		for n < len(s.pattern) && upper(b[i+n]) == s.pattern[n] {
			n++
		}
		if n == len(s.pattern) {
			return true
		}
	}
	return false
}
