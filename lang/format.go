package lang

import (
	"errors"
	"slices"
	"strings"
)

// Format lays a text out anew: a tab for each open brace, one blank between
// words, one empty line at most. Comments stay where they are, and nothing but
// blanks changes: the tokens are the same. A text with braces that do not pair,
// or with bytes that are no token, is refused.
func Format(src []byte) ([]byte, error) {
	text := string(src)
	f := &formatter{src: text, toks: scan(text)}
	f.pair, f.unpaired, _ = pairs(f.toks)
	if f.unpaired {
		return nil, errors.New("the braces do not pair")
	}
	f.run()
	out := f.out.String()
	if !sameTokens(text, f.toks, out, scan(out)) {
		return nil, errors.New("the text can't be laid out without a change of its meaning")
	}
	return []byte(out), nil
}

// A formatter writes the tokens of a text with new blanks.
type formatter struct {
	src      string
	toks     []token
	pair     []int32 // the closing brace of each opening one
	unpaired bool
	out      strings.Builder
	depth    int
	lists    []bool // of the open braces: whether they hold a list
	start    int    // first token of the statement
	empty    int    // newlines just written
	joined   bool   // the last line ended in a backslash
}

func (f *formatter) run() {
	pos := uint32(0)
	f.empty = 2
	for i, t := range f.toks {
		f.gap(i, f.src[pos:t.start])
		pos = t.end
		switch t.kind {
		case tEOF:
			f.newline(1)
			return
		case tNewline:
			f.newline(2)
			if !f.inList() {
				f.start = i + 1
			}
		default:
			f.token(i, t)
		}
	}
}

// gap writes what stands before a token: comments, continued lines, a blank.
func (f *formatter) gap(i int, gap string) {
	blank := gap != ""
	for {
		gap = strings.TrimLeft(gap, " \t\r")
		switch {
		case strings.HasPrefix(gap, "#"):
			comment, rest, ended := strings.Cut(gap, "\n")
			if f.empty == 0 {
				f.out.WriteByte(' ')
			}
			f.write(strings.TrimRight(comment, " \t\r"))
			if gap = rest; ended {
				f.newline(2)
			}
		case strings.HasPrefix(gap, "\\"):
			f.out.WriteString(" \\\n")
			f.empty, f.joined = 1, true
			_, gap, _ = strings.Cut(gap, "\n")
		default:
			if t := f.toks[i].kind; t != tNewline && t != tEOF && f.empty == 0 && f.blankBefore(i, blank) {
				f.out.WriteByte(' ')
			}
			return
		}
	}
}

// blankBefore tells whether a blank separates a token from the one before it on
// its line.
func (f *formatter) blankBefore(i int, had bool) bool {
	k, before := f.toks[i].kind, f.toks[i-1].kind
	switch {
	case k == tComma || k == tSemicolon:
		return false
	case k == tRBrace && before == tLBrace:
		return false
	case k == tLBrace || k == tRBrace || before == tLBrace || before == tRBrace || before == tSemicolon,
		k == tAssign || before == tAssign:
		return true
	case f.inList() && (before == tComma || before == tColon || k == tColon):
		return true
	}
	return had
}

func (f *formatter) inList() bool { return len(f.lists) > 0 && f.lists[len(f.lists)-1] }

// token writes a token that is no newline, and counts the braces.
func (f *formatter) token(i int, t token) {
	switch t.kind {
	case tLBrace:
		f.write("{")
		f.lists = append(f.lists, !f.opensBlock(i))
		f.depth++
		f.start = i + 1
	case tRBrace:
		f.depth--
		f.lists = f.lists[:len(f.lists)-1]
		f.write("}")
	case tSemicolon:
		f.write(";")
		f.start = i + 1
	default:
		f.write(f.src[t.start:t.end])
	}
}

// write writes text, at the start of a line behind its tabs.
func (f *formatter) write(s string) {
	if f.empty > 0 {
		depth := f.depth
		if f.joined {
			depth++
		}
		f.out.WriteString(strings.Repeat("\t", depth))
	}
	f.out.WriteString(s)
	f.empty, f.joined = 0, false
}

// newline ends a line; at most so many line ends follow one another, and no
// empty line begins a block or the text.
func (f *formatter) newline(most int) {
	if f.empty < most && !(f.empty == 1 && strings.HasSuffix(f.out.String(), "{\n")) {
		f.out.WriteByte('\n')
		f.empty++
	}
}

// blockWords begin a declaration or a command that may have a block.
var blockWords = wordSet(`table chain set map meter flowtable secmark synproxy counter quota limit ct add create delete`)

// opensBlock tells the brace of a block from that of a list: the statement up
// to it is a declaration, and not the start of a rule such as `counter ip saddr {`.
func (f *formatter) opensBlock(i int) bool {
	var words []string
	for _, t := range f.toks[f.start:i] {
		if t.kind != tWord && t.kind != tNumber {
			words = nil
			break
		}
		words = append(words, f.src[t.start:t.end])
	}
	if n := len(words); n > 0 && (words[n-1] == "jump" || words[n-1] == "goto") {
		return true
	}
	if prev := f.toks[max(i-1, 0)]; prev.kind == tWord {
		if w := f.src[prev.start:prev.end]; w == "jump" || w == "goto" {
			return true
		}
	}
	if len(words) == 0 || !blockWords[words[0]] {
		return false
	}
	switch words[0] {
	case "add", "create", "delete":
		return len(words) > 1 && words[1] != "element" && words[1] != "rule"
	case "counter", "quota", "limit":
		return len(words) == 2
	case "ct":
		return len(words) == 3 && (words[1] == "helper" || words[1] == "timeout" || words[1] == "expectation")
	}
	return true
}

// sameTokens compares two texts token by token, but for the number of newlines.
func sameTokens(a string, x []token, b string, y []token) bool {
	p, q := words(a, x), words(b, y)
	return slices.Equal(p, q)
}

// words are the texts of tokens, with one newline for several and none at the
// start and the end.
func words(src string, toks []token) []string {
	var out []string
	newline := false
	for _, t := range toks {
		switch {
		case t.kind == tNewline:
			newline = len(out) > 0
			continue
		case newline && t.kind != tEOF:
			out = append(out, "\n")
		}
		newline = false
		out = append(out, src[t.start:t.end])
	}
	return out
}

// Unfinished tells whether a text can only be the beginning of commands: a brace is
// open, or the last line ends with a backslash.
func Unfinished(src string) bool {
	depth := 0
	for _, t := range scan(src) {
		switch t.kind {
		case tLBrace:
			depth++
		case tRBrace:
			depth--
		}
	}
	return depth > 0 || strings.HasSuffix(strings.TrimRight(src, " \t\r\n"), "\\")
}
