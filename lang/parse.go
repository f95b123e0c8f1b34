package lang

import (
	"path/filepath"
	"sort"
	"unsafe"

	"nfvm/diag"
)

// Parse reads one input. name is shown in messages and is where relative
// includes start. The file is never nil; it holds what could be read even where
// the list has errors. The list is sorted by place. src must not change
// afterwards: the tree and the messages refer to it.
func Parse(name string, src []byte, opt Options) (*File, diag.List) {
	if opt.Sources == nil {
		opt.Sources = diag.NewSources()
	}
	mark := opt.Sources.Mark()
	f, s := parse(name, src, opt, minRun)
	if s.folded && s.diags.HasErrors() {
		opt.Sources.Release(mark)
		f, s = parse(name, src, opt, 0)
	}
	s.sortDiags()
	return f, s.diags
}

// parse reads one input. As many plain elements of a set as least are folded,
// none if it is 0.
func parse(name string, src []byte, opt Options, least int) (*File, *session) {
	s := &session{opt: opt, dir: filepath.Dir(name), sources: opt.Sources, openFiles: []string{name}, least: least}
	s.diags.Sources = s.sources
	f := &File{Name: name, Sources: s.sources}
	outer := &scope{}
	for _, d := range opt.Defines {
		s.defineOption(d, outer, f)
	}
	if p := s.parser(name, src, opt.Included, outer); p != nil {
		p.source.Generated = opt.Included.Valid()
		p.commands(f)
	}
	f.Later, f.Lost = s.unparsed, s.lost
	return f, s
}

// parser scans a text and gives a parser at its start; nil if the text is too
// large to have positions.
func (s *session) parser(name string, src []byte, included Span, sc *scope) *parser {
	source := s.sources.Add(name, src, included)
	if source == nil {
		s.diags.Errorf(included, "%s: the input exceeds %d bytes", name, uint64(diag.MaxSize))
		return nil
	}
	// The tree points into the text, so a copy would stay in memory beside it.
	text := unsafe.String(unsafe.SliceData(src), len(src))
	return &parser{session: s, src: text, base: source.Base(), source: source, toks: s.scan(text), scope: sc, hint: -1, implicit: -1}
}

// defineOption takes one -D NAME=VALUE for a definition at the start.
func (s *session) defineOption(d DefineOption, sc *scope, f *File) {
	text := "define " + d.Name + " = " + d.Value + "\n"
	p := s.parser("<command line>", []byte(text), Span{}, sc)
	if p == nil {
		return
	}
	p.try(func() {
		p.common(func(d *Define) { f.Defines = append(f.Defines, d) }, nil)
		if p.kind() != tEOF {
			p.fail("end of file")
		}
	})
}

// sortDiags orders the diagnostics by place, those of an included file at the
// place of the include.
func (s *session) sortDiags() {
	type key []uint32
	keyOf := func(sp Span) key {
		k := key{sp.Start}
		for range maxIncludes + 1 {
			src := s.sources.Find(k[0])
			if src == nil || !src.Included.Valid() {
				break
			}
			k = append(key{src.Included.Start}, k...)
		}
		return k
	}
	keys := make(map[uint32]key, len(s.diags.Items))
	for _, d := range s.diags.Items {
		if keys[d.Span.Start] == nil {
			keys[d.Span.Start] = keyOf(d.Span)
		}
	}
	sort.SliceStable(s.diags.Items, func(i, j int) bool {
		a, b := keys[s.diags.Items[i].Span.Start], keys[s.diags.Items[j].Span.Start]
		for n := 0; n < len(a) && n < len(b); n++ {
			if a[n] != b[n] {
				return a[n] < b[n]
			}
		}
		return len(a) < len(b)
	})
}
