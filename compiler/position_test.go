package compiler

import (
	"testing"

	"nfvm/diag"
)

// White space of a rule's text is folded, outside of quotes.
func TestFoldedText(t *testing.T) {
	for in, want := range map[string]string{
		"ip saddr 1.2.3.4 accept":       "ip saddr 1.2.3.4 accept",
		"":                              "",
		" a":                            "a",
		"a ":                            "a",
		"a  b":                          "a b",
		"log prefix \"a  #\tb\" accept": "log prefix \"a  #\tb\" accept",
		"tcp dport {\n 1, # why \"\n 2\n} \\\n drop": "tcp dport { 1, 2 } drop",
		"log prefix \"x  y\"\taccept  # z":           "log prefix \"x  y\" accept",
		"a #b\nc \"d  e":                             "a c \"d  e",
		"a\r\nb \\":                                  "a b",
	} {
		s := diag.NewSources()
		src := s.Add("x", []byte(in), diag.Span{})
		p := newPositions(s)
		if got := p.text(diag.Span{Start: src.Base(), End: src.Base() + uint32(len(in))}); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
