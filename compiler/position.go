package compiler

import (
	"bytes"
	"maps"
	"unsafe"

	"nfvm/bytecode"
	"nfvm/diag"
)

// positions turns spans into the positions of a Program and collects the names
// of the files they lie in.
type positions struct {
	sources *diag.Sources
	cursor  *diag.Cursor
	last    *diag.Source // the file of the last position, and its number
	file    uint32
	files   []string
	index   map[string]uint32
	met     *diag.Source // the last that meet saw
	closed  bool         // no files are added
	strange bool         // one was missing
}

func newPositions(s *diag.Sources) *positions {
	return &positions{sources: s, cursor: s.Cursor(), index: map[string]uint32{}}
}

// at gives the position of a span, the zero Pos if it is nowhere.
func (p *positions) at(s diag.Span) bytecode.Pos { return p.on(s, diag.LineCol{}) }

// on gives the position of a span of which it may be known where it begins.
func (p *positions) on(s diag.Span, from diag.LineCol) bytecode.Pos {
	q, src := p.cursor.On(s, from)
	if src == nil {
		return bytecode.Pos{}
	}
	if src != p.last {
		n, ok := p.number(q.File)
		if !ok {
			return bytecode.Pos{}
		}
		p.last, p.file = src, n
	}
	return bytecode.Pos{File: p.file, Line: uint32(q.Line), Col: uint32(q.Col),
		EndLine: uint32(q.EndLine), EndCol: uint32(q.EndCol)}
}

// number gives the number of a file.
func (p *positions) number(name string) (n uint32, ok bool) {
	if n, ok = p.index[name]; ok {
		return n, true
	}
	if p.closed {
		p.strange = true
		return 0, false
	}
	n = uint32(len(p.files))
	p.files = append(p.files, name)
	p.index[name] = n
	return n, true
}

// fixed gives positions in the files known so far, for use beside p.
func (p *positions) fixed() *positions {
	return &positions{sources: p.sources, cursor: p.sources.Cursor(), index: maps.Clone(p.index), closed: true}
}

// meet notes the file of a span, as at does.
func (p *positions) meet(s diag.Span) {
	if src := p.sources.Find(s.Start); src == nil || src != p.met || src.Generated {
		p.met = src
		p.at(s)
	}
}

// text gives the source text of a span with white space folded, as traces and
// messages show it.
func (p *positions) text(s diag.Span) string {
	src := p.sources.Text(s)
	n := folded(src)
	if n == len(src) {
		return unsafe.String(unsafe.SliceData(src), n) // a source does not change
	}
	out := append(make([]byte, 0, len(src)), src[:n]...)
	space, quoted, comment := false, bytes.Count(out, []byte{'"'})%2 != 0, false
	for _, b := range src[n:] {
		switch {
		case comment:
			comment = b != '\n'
			space = true
			continue
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '#':
			comment = true
			continue
		case b == ' ' || b == '\t' || b == '\n' || b == '\r' || b == '\\':
			space = true
			continue
		}
		if space && len(out) > 0 {
			out = append(out, ' ')
		}
		space = false
		out = append(out, b)
	}
	return string(out)
}

// folded gives the length of the part of a text at its start that stays as it
// is when white space is folded.
func folded(src []byte) int {
	quoted := false
	for i, b := range src {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '#' || b == '\t' || b == '\n' || b == '\r' || b == '\\':
			return i
		case b == ' ' && (i == 0 || i+1 == len(src) || src[i+1] <= ' ' || src[i+1] == '#' || src[i+1] == '\\'):
			return i
		}
	}
	return len(src)
}
