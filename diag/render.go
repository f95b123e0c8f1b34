package diag

import (
	"fmt"
	"io"
	"strings"
)

// String renders all items as nft prints them.
func (l *List) String() string {
	var b strings.Builder
	_ = l.Write(&b) // a Builder takes everything
	return b.String()
}

// Write renders all items to w, one after the other.
func (l *List) Write(w io.Writer) error {
	var b strings.Builder
	for i := range l.Items {
		l.Render(&b, &l.Items[i])
		if b.Len() < 1<<16 && i < len(l.Items)-1 {
			continue
		}
		if _, err := io.WriteString(w, b.String()); err != nil {
			return err
		}
		b.Reset()
	}
	return nil
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
		fmt.Fprintf(b, "%s: %s\n", kind, visible([]byte(msg)))
		return
	}
	src := l.Sources.Find(at.Start)
	l.includes(b, src.Included)
	if p.File != CommandLine { // of which nft tells no place
		fmt.Fprintf(b, "%s:%d:%d-%d: ", p.File, p.Line, p.Col, p.EndCol)
	}
	fmt.Fprintf(b, "%s: %s\n", kind, visible([]byte(msg)))
	x := excerptOf(src.line(p.Line), p.Col)
	fmt.Fprintf(b, "%s\n%s\n", x, l.marks(x, p, notes))
}

// includes writes how the file of an error came in, innermost first.
func (l *List) includes(b *strings.Builder, at Span) {
	for n := 0; at.Valid() && n < 64; n++ {
		p := l.Sources.Position(at)
		fmt.Fprintf(b, "In file included from %s:%d:%d-%d:\n", p.File, p.Line, p.Col, p.EndCol)
		at = l.Sources.Find(at.Start).Included
	}
}

// An excerpt is what is shown of a source line: all of it, or of a very long
// one the surroundings of the place, so that many mistakes on one line do not
// each print it.
type excerpt struct {
	text       []byte
	from       int // columns before text
	head, tail string
}

// Bounds of an excerpt in bytes: lines up to maxLine are shown as they are.
const (
	maxLine    = 2000
	colsBefore = 200
	colsShown  = 600
)

func excerptOf(line []byte, col int) excerpt {
	if len(line) <= maxLine {
		return excerpt{text: line}
	}
	from := min(max(col-1-colsBefore, 0), len(line))
	to := min(from+colsShown, len(line))
	x := excerpt{text: line[from:to], from: from}
	if from > 0 {
		x.head = "... "
	}
	if to < len(line) {
		x.tail = " ..."
	}
	return x
}

func (x excerpt) String() string { return x.head + visible(x.text) + x.tail }

// marks draws the line under the source line: tabs stay tabs so that the marks
// keep below their text.
func (l *List) marks(x excerpt, p Position, notes []Note) string {
	m := make([]byte, 0, len(x.text))
	for _, c := range x.text {
		if c == '\t' {
			m = append(m, '\t')
		} else {
			m = append(m, ' ')
		}
	}
	for _, n := range notes {
		q := l.Sources.Position(n.Span)
		if p.sameLine(q) {
			m = x.mark(m, q, '~')
		}
	}
	m = x.mark(m, p, '^')
	return strings.TrimRight(strings.Repeat(" ", len(x.head))+string(perRune(m, x.text)), " \t")
}

// mark puts c under the columns of p, at most up to the end of the line where
// the span goes on to further lines.
func (x excerpt) mark(m []byte, p Position, c byte) []byte {
	begin, end := p.Col-x.from, p.EndCol-x.from
	if p.EndLine > p.Line {
		end = max(len(x.text), begin)
	}
	if x.from > 0 || x.tail != "" {
		begin, end = max(begin, 1), min(end, len(x.text))
	}
	for len(m) < end {
		m = append(m, ' ')
	}
	for i := begin - 1; i < end; i++ {
		m[i] = c
	}
	return m
}
