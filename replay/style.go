package replay

import (
	"strings"
	"unicode/utf8"
)

// A Style says how the summary is laid out.
type Style struct {
	// Width in columns at which long lines are folded; 0: never.
	Width int
	// Colour allows ANSI escapes.
	Colour bool
}

// ANSI colours (SGR).
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

// paint puts a text in colour where colours are allowed.
func (s Style) paint(sgr, text string) string {
	if !s.Colour || sgr == "" || text == "" {
		return text
	}
	return "\x1b[" + sgr + "m" + text + "\x1b[0m"
}

// pad fills a text with blanks to a width in columns.
func pad(s string, width int) string {
	if n := utf8.RuneCountInString(s); n < width {
		return s + strings.Repeat(" ", width-n)
	}
	return s
}

// fold breaks a text at blanks into lines that fit behind an indent; the first
// line has no indent, as something stands before it.
func (s Style) fold(text string, indent int) string {
	room := s.Width - indent
	if s.Width == 0 || utf8.RuneCountInString(text) <= room || room < 20 {
		return text
	}
	var b strings.Builder
	col := 0
	for _, word := range strings.Split(text, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case col == 0:
		case col+1+n > room:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			col = 0
		default:
			b.WriteByte(' ')
			col++
		}
		b.WriteString(word)
		col += n
	}
	return b.String()
}
