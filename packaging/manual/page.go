package main

import (
	"regexp"
	"strings"
)

// A page is a help text taken apart.
type page struct {
	name, about string
	usage       []string
	sections    []section
}

// A section has a title, which may be empty, and parts in order.
type section struct {
	title string
	parts []part
}

// A part is a paragraph, or a flag or command with what it does. Verbatim text
// has its lines kept.
type part struct {
	term, text string
	verbatim   bool
}

// parse takes a help text apart. Its first block is the usage, or the name with
// what it is and the usage behind it; blocks are parted by empty lines. A block
// whose first line is not indented, but its second is, has a title.
func parse(name, help string) *page {
	p := &page{name: name}
	blocks := strings.Split(strings.TrimSpace(help), "\n\n")
	if about, ok := strings.CutPrefix(blocks[0], name+" - "); ok {
		p.about, blocks = about, blocks[1:]
	}
	p.usage = dedent(strings.Split(strings.Replace(blocks[0], "usage:", "      ", 1), "\n"))
	for _, b := range blocks[1:] {
		p.sections = append(p.sections, parseBlock(b))
	}
	return p
}

// dedent takes away the blanks that all lines begin with.
func dedent(lines []string) []string {
	margin := len(lines[0])
	for _, l := range lines {
		margin = min(margin, len(l)-len(strings.TrimLeft(l, " ")))
	}
	for i := range lines {
		lines[i] = lines[i][margin:]
	}
	return lines
}

func parseBlock(block string) (s section) {
	lines := strings.Split(block, "\n")
	if len(lines) > 1 && !strings.HasPrefix(lines[0], " ") && strings.HasPrefix(lines[1], " ") {
		s.title, lines = strings.TrimSuffix(lines[0], ":"), lines[1:]
		if at := strings.IndexAny(s.title, ",("); at >= 0 { // what is more than a title
			s.parts = []part{{text: strings.TrimPrefix(s.title[at:], ", ")}}
			s.title = strings.TrimSpace(s.title[:at])
		}
	}
	if text, ok := strings.CutPrefix(lines[0], "Exit status: "); ok {
		s.title, lines[0] = "Exit status", text
	}
	column := textColumn(lines)
	for _, l := range lines {
		indent := len(l) - len(strings.TrimLeft(l, " "))
		term, text := split(strings.TrimRight(l, " "), column)
		switch last := len(s.parts) - 1; {
		case s.title == "Example":
			s.parts = append(s.parts, part{text: l, verbatim: true})
		case indent >= 7 && last >= 0 && s.parts[last].term != "": // it goes on
			s.parts[last].text = strings.TrimSpace(s.parts[last].text + " " + strings.TrimSpace(l))
		case indent > 0:
			s.parts = append(s.parts, part{term: term, text: text})
		case last >= 0 && s.parts[last].term == "":
			s.parts[last].text += " " + l
		default:
			s.parts = append(s.parts, part{text: l})
		}
	}
	return s
}

var gap = regexp.MustCompile(`\S  +\S`)

// textColumn is where most lines begin to say what a flag does.
func textColumn(lines []string) int {
	count := map[int]int{}
	best := 0
	for _, l := range lines {
		if at := gap.FindStringIndex(strings.TrimLeft(l, " ")); at != nil {
			column := at[1] - 1 + len(l) - len(strings.TrimLeft(l, " "))
			if count[column]++; count[column] > count[best] {
				best = column
			}
		}
	}
	return best
}

// split parts a flag from what it does: by blanks, or by the column.
func split(line string, column int) (term, text string) {
	trimmed := strings.TrimLeft(line, " ")
	if at := gap.FindStringIndex(trimmed); at != nil {
		return trimmed[:at[0]+1], trimmed[at[1]-1:]
	}
	if column > 0 && len(line) > column && line[column-1] == ' ' {
		return strings.TrimSpace(line[:column]), line[column:]
	}
	return trimmed, ""
}

var flagWord = regexp.MustCompile(`(?:^|[ ,(])(--?[A-Za-z][A-Za-z0-9-]*)`)

// flags are those that the page explains, each once.
func (p *page) flags() (list []string) {
	seen := map[string]bool{}
	for _, s := range p.sections {
		for _, part := range s.parts {
			for _, m := range flagWord.FindAllStringSubmatch(part.term+" "+longFlags(part.text), -1) {
				if !seen[m[1]] {
					seen[m[1]] = true
					list = append(list, m[1])
				}
			}
		}
	}
	return list
}

// longFlags leaves of a text the long flags that it explains by the way.
func longFlags(text string) string {
	return strings.Join(longFlag.FindAllString(text, -1), " ")
}

var longFlag = regexp.MustCompile(`--[a-z][a-z-]*[a-z]`)

var plainWord = regexp.MustCompile(`^[a-z]+$`)

// commands are the words that may stand behind the program's name, with the words
// that may follow them.
func (p *page) commands() (names []string, next map[string][]string) {
	next = map[string][]string{}
	add := func(line string) {
		verbs, rest, _ := strings.Cut(line, " ")
		for verb := range strings.FieldsFuncSeq(verbs, func(r rune) bool { return r == '|' || r == ',' }) {
			if !plainWord.MatchString(verb) {
				continue
			}
			if next[verb] == nil {
				names = append(names, verb)
				next[verb] = []string{}
			}
			next[verb] = append(next[verb], following(rest)...)
		}
	}
	for _, u := range p.usage {
		if line, ok := strings.CutPrefix(strings.TrimSpace(u), p.name+" "); ok {
			add(line)
		}
	}
	for _, s := range p.sections {
		for _, part := range s.parts {
			if strings.HasPrefix(s.title, "Commands") {
				for line := range strings.SplitSeq(part.term, ", ") {
					add(line)
				}
			}
		}
	}
	return names, next
}

// following are the words of alternatives such as "ruleset|table F T|sets".
func following(rest string) (words []string) {
	for alternative := range strings.SplitSeq(strings.TrimLeft(rest, "["), "|") {
		word, _, _ := strings.Cut(alternative, " ")
		if plainWord.MatchString(strings.TrimRight(word, "]")) {
			words = append(words, strings.TrimRight(word, "]"))
		}
	}
	return words
}
