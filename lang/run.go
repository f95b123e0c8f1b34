package lang

import (
	"iter"
	"strings"
)

// A Run is elements of a set literal that lie in the text only: constants with
// at most times, a comment and a counter behind them, and in a map a value.
type Run struct {
	src      string
	base     uint32 // of the source in the address space
	from, to uint32 // in src; the end is behind a comma
	before   int    // index in Elems of the element behind the run
}

// A Part is a part of a set literal: nodes, or a run.
type Part struct {
	Elems []Elem
	Run   *Run
}

// Len is the number of elements, not less than 1 for any run.
func (s *SetLit) Len() int { return len(s.Elems) + len(s.runs) }

// Parts gives the parts in the order of the source.
func (s *SetLit) Parts() []Part {
	if len(s.runs) == 0 {
		return []Part{{Elems: s.Elems}}
	}
	var out []Part
	from := 0
	for i := range s.runs {
		r := &s.runs[i]
		if r.before > from {
			out = append(out, Part{Elems: s.Elems[from:r.before]})
			from = r.before
		}
		out = append(out, Part{Run: r})
	}
	return append(out, Part{Elems: s.Elems[from:]})
}

// All gives the elements in the order of the source. An element of a run is
// good until the next one.
func (s *SetLit) All() iter.Seq[*Elem] {
	return func(yield func(*Elem) bool) {
		for _, p := range s.Parts() {
			for e := range p.All() {
				if !yield(e) {
					return
				}
			}
		}
	}
}

// All gives the elements of the part, those of a run good until the next one.
func (p Part) All() iter.Seq[*Elem] {
	if p.Run != nil {
		return p.Run.All()
	}
	return func(yield func(*Elem) bool) {
		for i := range p.Elems {
			if !yield(&p.Elems[i]) {
				return
			}
		}
	}
}

// Most is a number of elements that the part does not exceed.
func (p Part) Most() int {
	if p.Run != nil {
		return strings.Count(p.Run.src[p.Run.from:p.Run.to], ",")
	}
	return len(p.Elems)
}

// All gives the elements of the run, each good until the next one. Several
// goroutines may use one run.
func (r *Run) All() iter.Seq[*Elem] {
	return func(yield func(*Elem) bool) {
		s := scanner{src: r.src[:r.to], pos: int(r.from), toks: make([]token, 0, 64)}
		p := parser{session: &session{}, src: r.src, base: r.base, hint: -1, implicit: -1}
		symbols, numbers := make([]Symbol, slabSize), make([]Number, slabSize)
		var e Elem
		for p.element(&s) {
			p.symbols, p.numbers = symbols, numbers
			p.accept(tNewline)
			e = p.elem()
			if !yield(&e) {
				return
			}
		}
	}
}

// element scans up to the end of the next element; false at the end of the run.
func (p *parser) element(s *scanner) bool {
	s.toks = s.toks[:0]
	for s.pos < len(s.src) {
		if s.next(); len(s.toks) > 0 && s.toks[len(s.toks)-1].kind == tComma {
			s.emit(tEOF, 0)
			p.toks, p.i = s.toks, 0
			return true
		}
	}
	return false
}

// run takes the token of a run into a set literal.
func (p *parser) run(s *SetLit) {
	if p.verdicts && p.kind() != tElemsVerdict {
		p.fail("colon")
	}
	t := p.next()
	s.runs = append(s.runs, Run{src: p.src, base: p.base, from: t.start, to: t.end, before: len(s.Elems)})
}

// scan cuts a text into tokens.
func (s *session) scan(text string) []token {
	if s.least == 0 {
		return scan(text)
	}
	toks, folded := scanFolded(text, s.least)
	s.folded = s.folded || folded
	return toks
}
