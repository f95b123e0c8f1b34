package diag

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible is a text as a terminal can show it: each control character, and each
// byte that is no UTF-8, becomes one character that stands for it, so that a
// binary file given by mistake leaves the terminal alone. Tabs and line ends stay.
func visible(text []byte) string {
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		b.WriteRune(shown(r))
		text = text[size:]
	}
	return b.String()
}

// shown is what stands for a character: of the control characters those of the
// Unicode block Control Pictures.
func shown(r rune) rune {
	const pictures, pictureOfDelete = 0x2400, 0x2421
	switch {
	case r == '\t' || r == '\n':
		return r
	case r < ' ':
		return pictures + r
	case r == 0x7f:
		return pictureOfDelete
	case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
		return utf8.RuneError
	}
	return r
}

// perRune shortens marks, one for each byte of text and beyond, to one for each
// character.
func perRune(marks, text []byte) []byte {
	out := marks[:0]
	for len(text) > 0 {
		_, size := utf8.DecodeRune(text)
		out = append(out, marks[0])
		marks, text = marks[size:], text[size:]
	}
	return append(out, marks...)
}
