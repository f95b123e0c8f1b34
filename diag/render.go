package diag

import (
	"fmt"
	"strings"
)

// String renders all items as nft prints them.
func (l *List) String() string {
	var b strings.Builder
	for i := range l.Items {
		l.Render(&b, &l.Items[i])
	}
	return b.String()
}

// Render writes one diagnostic: the chain of includes, the location with the
// message, the source line and the line of marks. A note on the same line is
// only a mark there.
func (l *List) Render(b *strings.Builder, d *Diagnostic) {
	l.renderAt(b, d.Span, d.Severity.String(), d.Message, d.Notes)
	at := l.Sources.Position(d.Span)
	for _, n := range d.Notes {
		if n.Message != "" && !at.sameLine(l.Sources.Position(n.Span)) {
			l.renderAt(b, n.Span, "Note", n.Message, nil)
		}
	}
}

func (l *List) renderAt(b *strings.Builder, at Span, kind, msg string, notes []Note) {
	p := l.Sources.Position(at)
	if p.Line == 0 {
		fmt.Fprintf(b, "%s: %s\n", kind, msg)
		return
	}
	src := l.Sources.Find(at.Start)
	l.includes(b, src.Included)
	fmt.Fprintf(b, "%s:%d:%d-%d: %s: %s\n", p.File, p.Line, p.Col, p.EndCol, kind, msg)
	line := src.line(p.Line)
	fmt.Fprintf(b, "%s\n%s\n", line, l.marks(line, at, p, notes))
}

// includes writes how the file of an error came in, innermost first.
func (l *List) includes(b *strings.Builder, at Span) {
	for n := 0; at.Valid() && n < 64; n++ {
		p := l.Sources.Position(at)
		fmt.Fprintf(b, "In file included from %s:%d:%d-%d:\n", p.File, p.Line, p.Col, p.EndCol)
		at = l.Sources.Find(at.Start).Included
	}
}

// marks draws the line under the source line: tabs stay tabs so that the marks
// keep below their text.
func (l *List) marks(line []byte, at Span, p Position, notes []Note) string {
	m := make([]byte, 0, len(line))
	for _, c := range line {
		if c == '\t' {
			m = append(m, '\t')
		} else {
			m = append(m, ' ')
		}
	}
	for _, n := range notes {
		q := l.Sources.Position(n.Span)
		if p.sameLine(q) {
			m = mark(m, q, len(line), '~')
		}
	}
	m = mark(m, p, len(line), '^')
	return strings.TrimRight(string(m), " \t")
}

// mark puts c under the columns of p, at most up to the end of the line where
// the span goes on to further lines.
func mark(m []byte, p Position, width int, c byte) []byte {
	end := p.EndCol
	if p.EndLine > p.Line {
		end = max(width, p.Col)
	}
	for len(m) < end {
		m = append(m, ' ')
	}
	for i := p.Col - 1; i < end; i++ {
		m[i] = c
	}
	return m
}
