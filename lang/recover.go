package lang

// closing gives the index of the brace that closes the one at i, -1 if none
// does. The pairs are found once for the whole text.
func (p *parser) closing(i int) int {
	if p.braces == nil {
		p.braces, p.unpaired, p.missing = pairs(p.toks)
	}
	return int(p.braces[i])
}

// balanced reports whether all braces of the text pair.
func (p *parser) balanced() bool {
	p.closing(0)
	return !p.unpaired
}

// pairs finds the closing brace of each opening one, whether any brace has no
// partner, and whether any opening one has none.
func pairs(toks []token) (m []int32, unpaired, missing bool) {
	m = make([]int32, len(toks))
	var open []int32
	for i, t := range toks {
		switch t.kind {
		case tLBrace:
			m[i] = -1
			open = append(open, int32(i))
		case tRBrace:
			if n := len(open); n > 0 {
				m[open[n-1]] = int32(i)
				open = open[:n-1]
			} else {
				unpaired = true
			}
		}
	}
	return m, unpaired || len(open) > 0, len(open) > 0
}

// maxRescans bounds what closeString does for one source.
const maxRescans = 16

// closeString ends the string at index i, whose closing quote is missing, at
// the end of its line, and scans what follows again: else every string behind
// it would begin where it ends.
func (p *parser) closeString(i int) {
	if p.rescans++; p.rescans > maxRescans {
		return
	}
	t := &p.toks[i]
	s := scanner{src: p.src, toks: p.toks[:i+1]}
	for s.pos = int(t.start); p.src[s.pos] != '\n'; s.pos++ {
	}
	t.end = uint32(s.pos)
	p.toks = s.rest()
	p.braces, p.unpaired = nil, false
}

// skipStatement moves to the end of the statement that starts at from and has
// an error at p.i: to a separator outside of the braces of the statement, or to
// the brace that closes the block around. Braces of a rule hold sets, in which
// a line ends only at a comma or a brace; where it ends otherwise, the brace is
// the mistake, and only that line is skipped.
func (p *parser) skipStatement(from int, rule bool) {
	if p.i > from && p.outdented(p.i, false) {
		return
	}
	for j := from; ; j++ {
		switch p.toks[j].kind {
		case tEOF:
			p.i = j
			return
		case tLBrace:
			end := p.closing(j)
			if end < 0 {
				p.skipLine()
				return
			}
			block := j > from && (p.textOf(p.toks[j-1]) == "jump" || p.textOf(p.toks[j-1]) == "goto")
			if rule && !block {
				if k := p.strayNewline(j, end); k >= 0 {
					p.i = max(p.i, k)
					p.skipLine()
					return
				}
			}
			j = end
		case tRBrace, tNewline, tSemicolon:
			if j >= p.i {
				p.i = j
				return
			}
		}
	}
}

// strayNewline finds a newline between the braces of a set where none can be.
func (p *parser) strayNewline(from, to int) int {
	for k := from + 1; k < to; k++ {
		if p.toks[k].kind != tNewline {
			continue
		}
		switch p.toks[k-1].kind {
		case tComma, tLBrace, tNewline, tRBrace:
			continue
		}
		switch p.toks[k+1].kind {
		case tComma, tRBrace, tNewline:
			continue
		}
		return k
	}
	return -1
}

// skipLine moves to the next newline or the end.
func (p *parser) skipLine() {
	for p.kind() != tNewline && p.kind() != tEOF {
		p.i++
	}
}

// lineEnd finds the separator that ends the current declaration.
func (p *parser) lineEnd() int {
	for j := p.i; ; j++ {
		switch p.toks[j].kind {
		case tLBrace:
			if end := p.closing(j); end >= 0 {
				j = end
			}
		case tEOF, tRBrace, tNewline, tSemicolon:
			return j
		}
	}
}
