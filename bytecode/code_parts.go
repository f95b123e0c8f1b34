package bytecode

import (
	"bytes"
	"runtime"
	"sync"
)

// partSize is the number of elements that are written at a time.
const partSize = 8 << 10

// A part is some elements of a set, written without what comes before.
type part struct {
	head []Element // up to the first that has a position, which depends on the last one before
	rest coder
}

// codeParts writes the elements of a set, several parts at the same time.
func codeParts(c *coder, s *Set, sources []ElementSource) {
	done := make([]part, min(len(sources), runtime.GOMAXPROCS(0)))
	for len(sources) > 0 {
		n := min(len(sources), len(done))
		var all sync.WaitGroup
		for i, src := range sources[:n] {
			all.Go(func() { done[i].code(s, src) })
		}
		all.Wait()
		for i := range done[:n] {
			done[i].appendTo(c, s)
			if c.spill != nil {
				c.spill(c.buf)
				c.buf = c.buf[:0]
			}
		}
		sources = sources[n:]
	}
}

// code writes the elements of a source.
func (p *part) code(s *Set, src ElementSource) {
	p.head, p.rest = p.head[:0], coder{buf: p.rest.buf[:0]}
	started := false
	src.Each(func(e *Element) {
		if started {
			codeElement(&p.rest, s, e)
			return
		}
		p.head = append(p.head, *e)
		p.head[len(p.head)-1].Key = bytes.Clone(e.Key)
		if e.Pos != (Pos{}) {
			started, p.rest.last = true, e.Pos
		}
	})
}

// appendTo writes the part behind what c has.
func (p *part) appendTo(c *coder, s *Set) {
	for i := range p.head {
		codeElement(c, s, &p.head[i])
	}
	if p.rest.err != nil {
		c.fail("%w", p.rest.err)
	}
	c.buf = append(c.buf, p.rest.buf...)
	if p.rest.last != (Pos{}) {
		c.last = p.rest.last
	}
}
