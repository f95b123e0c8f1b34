package compiler

import (
	"maps"

	"nfvm/bytecode"
	"nfvm/diag"
)

// positions turns spans into the positions of a Program and collects the names
// of the files they lie in.
type positions struct {
	sources *diag.Sources
	files   []string
	index   map[string]uint32
	met     *diag.Source // the last that meet saw
	closed  bool         // no files are added
	strange bool         // one was missing
}

func newPositions(s *diag.Sources) *positions {
	return &positions{sources: s, index: map[string]uint32{}}
}

// at gives the position of a span, the zero Pos if it is nowhere.
func (p *positions) at(s diag.Span) bytecode.Pos {
	if !s.Valid() {
		return bytecode.Pos{}
	}
	q := p.sources.Position(p.sources.Written(s))
	if q.Line == 0 {
		return bytecode.Pos{}
	}
	f, ok := p.index[q.File]
	if !ok {
		if p.closed {
			p.strange = true
			return bytecode.Pos{}
		}
		f = uint32(len(p.files))
		p.files = append(p.files, q.File)
		p.index[q.File] = f
	}
	return bytecode.Pos{File: f, Line: uint32(q.Line), Col: uint32(q.Col),
		EndLine: uint32(q.EndLine), EndCol: uint32(q.EndCol)}
}

// fixed gives positions in the files known so far, for use beside p.
func (p *positions) fixed() *positions {
	return &positions{sources: p.sources, index: maps.Clone(p.index), closed: true}
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
	out := make([]byte, 0, len(src))
	space, quoted, comment := false, false, false
	for _, b := range src {
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
