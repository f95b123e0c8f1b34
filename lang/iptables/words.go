package iptables

import (
	"unsafe"

	"nfvm/diag"
)

// A word is one argument of a line, with quotes undone.
type word struct {
	text   string
	span   diag.Span
	quoted bool
}

// joinWords gives a text that only the same words give.
func joinWords(words []word) string {
	n := len(words)
	for _, w := range words {
		n += len(w.text)
	}
	text := make([]byte, 0, n)
	for _, w := range words {
		text = append(append(text, w.text...), '\n') // no word has one
	}
	return unsafe.String(unsafe.SliceData(text), len(text))
}

// splitWords divides a line as iptables-restore does: at blanks, except within
// double quotes, in which a backslash takes the next byte as it is. A closing
// quote ends the word. It reports whether a quote is left open. The words are
// put into a slice that is no longer needed.
func splitWords(words []word, line []byte, base uint32) (_ []word, open bool) {
	words = words[:0]
	text := make([]byte, 0, 64)
	start, quoted, inside := -1, false, false
	flush := func(end int) {
		if start >= 0 && (len(text) > 0 || quoted) {
			t := ""
			if !quoted && end-start == len(text) { // as it stands in the source, which does not change
				t = unsafe.String(&line[start], len(text))
			} else {
				t = string(text)
			}
			words = append(words, word{t, diag.Span{Start: base + uint32(start), End: base + uint32(end)}, quoted})
		}
		text, start, quoted = text[:0], -1, false
	}
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case inside && c == '\\' && i+1 < len(line):
			i++
			text = append(text, line[i])
		case inside && c == '"':
			inside = false
			flush(i + 1)
		case inside:
			text = append(text, c)
		case c == '"':
			if start < 0 {
				start = i
			}
			inside, quoted = true, true
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			flush(i)
		default:
			if start < 0 {
				start = i
			}
			text = append(text, c)
		}
	}
	flush(len(line))
	return words, inside
}
