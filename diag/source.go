package diag

import (
	"bytes"
	"sort"
	"sync"
)

// CommandLine is the name of a source that is the arguments of a command.
const CommandLine = "<cmdline>"

// A Span is a range of source text: offsets in the address space of a Sources,
// Start of the first byte and End behind the last. The zero Span is "nowhere";
// an empty one (Start == End) marks a single place, such as the end of a file.
type Span struct{ Start, End uint32 }

// Valid reports whether the span points into a source.
func (s Span) Valid() bool { return s.Start != 0 }

// To gives the span from the start of s to the end of t.
func (s Span) To(t Span) Span {
	switch {
	case !s.Valid():
		return t
	case !t.Valid():
		return s
	}
	return Span{Start: s.Start, End: t.End}
}

// A Position is a span in the numbers a person reads. Lines and columns count
// from 1; EndCol is the last column that belongs to the span.
type Position struct {
	File                       string
	Line, Col, EndLine, EndCol int
}

// sameLine reports whether two places begin on one line of one file.
func (p Position) sameLine(q Position) bool { return p.File == q.File && p.Line == q.Line }

// A Source is one text: a file, or a definition from the command line. A file
// that is included twice is two sources.
type Source struct {
	Name string
	Text []byte
	// Included is the place of the include statement, nowhere for a main file.
	Included Span
	// Generated tells that the text was made from what Included spans, as text
	// of the nft language is from JSON.
	Generated bool

	base  uint32
	lines []uint32 // offset in Text of the start of each line, made when needed
	first []uint32 // how many lines start up to the start of each block of Text
}

// Base is the offset of the source's first byte in the address space.
func (s *Source) Base() uint32 { return s.base }

// Sources is the set of texts that the spans of one run point into. It may be
// read by several goroutines once all texts are added.
type Sources struct {
	mu   sync.Mutex
	list []*Source
	next uint32
}

// NewSources gives an empty set.
func NewSources() *Sources { return &Sources{next: 1} }

// Written gives the span in a file that a person wrote: for a place in a
// generated text, the place that the text was made from.
func (s *Sources) Written(at Span) Span {
	for src := s.Find(at.Start); src != nil && src.Generated; src = s.Find(at.Start) {
		at = src.Included
	}
	return at
}

// MaxSize is the largest total of bytes that spans can address.
const MaxSize = 1<<32 - 1<<16

// Add puts a text into the set and gives it its place in the address space. It
// returns nil when the total exceeds MaxSize.
func (s *Sources) Add(name string, text []byte, included Span) *Source {
	s.mu.Lock()
	defer s.mu.Unlock()
	if uint64(s.next)+uint64(len(text))+1 > MaxSize {
		return nil
	}
	src := &Source{Name: name, Text: text, Included: included, base: s.next}
	s.next += uint32(len(text)) + 1
	s.list = append(s.list, src)
	return src
}

// A Mark is a state of a Sources.
type Mark struct {
	n    int
	next uint32
}

// Mark gives the present state.
func (s *Sources) Mark() Mark {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Mark{len(s.list), s.next}
}

// Release forgets the texts that were added since m, to which no span may point
// any more.
func (s *Sources) Release(m Mark) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.list[m.n:])
	s.list, s.next = s.list[:m.n], m.next
}

// Find gives the source that an offset lies in, or nil.
func (s *Sources) Find(off uint32) *Source {
	if s == nil {
		return nil
	}
	i := sort.Search(len(s.list), func(i int) bool { return s.list[i].base > off }) - 1
	if i < 0 || off-s.list[i].base > uint32(len(s.list[i].Text)) {
		return nil
	}
	return s.list[i]
}

// Text gives the source text of a span, nil if it is nowhere.
func (s *Sources) Text(sp Span) []byte {
	src := s.Find(sp.Start)
	if src == nil || sp.End < sp.Start || sp.End-src.base > uint32(len(src.Text)) {
		return nil
	}
	return src.Text[sp.Start-src.base : sp.End-src.base]
}

// Position gives the file, lines and columns of a span; the zero Position if it
// is nowhere.
func (s *Sources) Position(sp Span) Position {
	src := s.Find(sp.Start)
	if !sp.Valid() || src == nil {
		return Position{}
	}
	s.mu.Lock()
	src.index()
	s.mu.Unlock()
	p := Position{File: src.Name}
	p.Line, p.Col = src.lineCol(sp.Start - src.base)
	last := sp.Start
	if sp.End > sp.Start {
		last = min(sp.End-1, src.base+uint32(len(src.Text)))
	}
	if n := last - src.base; p.Line < len(src.lines) && n >= src.lines[p.Line] {
		p.EndLine, p.EndCol = src.lineCol(n)
	} else { // most spans lie in one line
		p.EndLine, p.EndCol = p.Line, int(n-src.lines[p.Line-1])+1
	}
	return p
}

// index finds the starts of the lines.
func (s *Source) index() {
	if s.lines != nil {
		return
	}
	s.lines = make([]uint32, 1, 1+bytes.Count(s.Text, []byte{'\n'}))
	s.first = make([]uint32, 0, len(s.Text)/block+2)
	for i, c := range s.Text {
		if i%block == 0 {
			s.first = append(s.first, uint32(len(s.lines)))
		}
		if c == '\n' {
			s.lines = append(s.lines, uint32(i)+1)
		}
	}
	s.first = append(s.first, uint32(len(s.lines)))
}

// block is the size of the parts of a text in which lines are looked for.
const block = 256

func (s *Source) lineCol(off uint32) (line, col int) {
	i := int(s.first[min(int(off/block), len(s.first)-1)])
	for i < len(s.lines) && s.lines[i] <= off {
		i++
	}
	return i, int(off-s.lines[i-1]) + 1
}

// line gives the text of a line (from 1) without its newline.
func (s *Source) line(n int) []byte {
	if n < 1 || n > len(s.lines) {
		return nil
	}
	if n == len(s.lines) {
		return s.Text[s.lines[n-1]:]
	}
	return s.Text[s.lines[n-1] : s.lines[n]-1]
}
