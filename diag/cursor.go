package diag

// A Cursor finds positions in a Sources, quickly if they are near the last one.
// It is for one goroutine.
type Cursor struct {
	sources *Sources
	src     *Source
	line    int // of the last position, in src
}

// Cursor gives a cursor.
func (s *Sources) Cursor() *Cursor { return &Cursor{sources: s} }

// Position gives what Sources.Position gives of the span in a file that a person
// wrote, and its source, nil if the span is nowhere.
func (c *Cursor) Position(at Span) (Position, *Source) {
	if !at.Valid() || c.sources == nil {
		return Position{}, nil
	}
	if s := c.src; s == nil || at.Start < s.base || at.Start-s.base > uint32(len(s.Text)) {
		at = c.sources.Written(at)
		if c.src = c.sources.Find(at.Start); c.src == nil {
			return Position{}, nil
		}
		c.sources.mu.Lock()
		c.src.index()
		c.sources.mu.Unlock()
		c.line = 1
	}
	s := c.src
	if s.Generated { // the next one may lie elsewhere
		c.src = nil
	}
	p := Position{File: s.Name}
	p.Line, p.Col = c.find(s, at.Start-s.base)
	end := at.Start
	if at.End > at.Start {
		end = min(at.End-1, s.base+uint32(len(s.Text)))
	}
	p.EndLine, p.EndCol = c.find(s, end-s.base)
	c.line = p.Line
	return p, s
}

// find looks in the line of the last position and the next one first.
func (c *Cursor) find(s *Source, off uint32) (line, col int) {
	for n := c.line; n <= min(c.line+1, len(s.lines)); n++ {
		if from := s.lines[n-1]; off >= from && (n == len(s.lines) || off < s.lines[n]) {
			c.line = n
			return n, int(off-from) + 1
		}
	}
	line, col = s.lineCol(off)
	c.line = line
	return line, col
}

// A LineCol is where a span begins that lies in one line, both counted from 1; the
// zero LineCol says nothing.
type LineCol struct{ Line, Col uint32 }

// LineCol gives the line and the column that Position gives, for On.
func (c *Cursor) LineCol(at Span) LineCol {
	p, src := c.Position(at)
	if src == nil || src.Generated || p.EndLine != p.Line || int(at.End)-int(at.Start) > p.EndCol-p.Col+1 {
		return LineCol{}
	}
	return LineCol{uint32(p.Line), uint32(p.Col)}
}

// On gives what Position gives of a span that begins at a place known already. It
// does not look at the text, so that it is quick in any order.
func (c *Cursor) On(at Span, from LineCol) (Position, *Source) {
	s := c.src
	if from.Line == 0 || s == nil || at.Start < s.base || at.Start-s.base > uint32(len(s.Text)) {
		return c.Position(at)
	}
	p := Position{File: s.Name, Line: int(from.Line), Col: int(from.Col), EndLine: int(from.Line), EndCol: int(from.Col)}
	if at.End > at.Start {
		p.EndCol += int(at.End-at.Start) - 1
	}
	return p, s
}
