package iptables

import (
	"bytes"
	"strings"

	"nfvm/diag"
	"nfvm/lang"
	"nfvm/nf"
)

// Options say how a file is read.
type Options struct {
	// Sources receives the text; nil makes a new one.
	Sources *diag.Sources
	// Family is nf.FamilyIPv4 for iptables, nf.FamilyIPv6 for ip6tables,
	// nf.FamilyARP for arptables and nf.FamilyBridge for ebtables.
	Family nf.Family
	// Sets are those that -m set looks into; nil: none are known.
	Sets *Sets
}

// Parse reads the text of iptables-save and its sisters, or what else
// iptables-restore takes. The File always holds what was understood; the list
// holds every mistake.
func Parse(name string, src []byte, opt Options) (*lang.File, diag.List) {
	if opt.Sources == nil {
		opt.Sources = diag.NewSources()
	}
	p := &parser{family: opt.Family, dialect: dialectOf(opt.Family), sets: opt.Sets, file: &lang.File{Name: name, Sources: opt.Sources}}
	p.diags.Sources = opt.Sources
	source := opt.Sources.Add(name, src, diag.Span{})
	if source == nil {
		p.diags.Errorf(diag.Span{}, "%s: the input exceeds %d bytes", name, uint64(diag.MaxSize))
		return p.file, p.diags
	}
	p.lines(src, source.Base())
	for _, t := range p.order {
		p.file.Commands = append(p.file.Commands, t.command())
	}
	p.diags.Sort()
	return p.file, p.diags
}

// parser is a run over one file.
type parser struct {
	family  nf.Family
	dialect *dialect
	sets    *Sets
	file    *lang.File
	diags   diag.List
	speller diag.Speller
	order   []*table // as the transactions leave them
	cur     *table   // between its *name and COMMIT
	crlf    bool     // a carriage return was refused
	quoting bool     // the line before leaves a quote open
	words   []word   // of the line being read
}

// lines reads the file line by line.
func (p *parser) lines(src []byte, base uint32) {
	for len(src) > 0 {
		line, rest, _ := bytes.Cut(src, []byte("\n"))
		p.line(line, base)
		base += uint32(len(src) - len(rest))
		src = rest
	}
	p.endTable()
}

// endTable ends a table whose COMMIT has not come.
func (p *parser) endTable() {
	switch {
	case p.cur == nil || p.cur.implied:
	case p.dialect.commits:
		p.diags.Errorf(p.cur.span, "COMMIT is missing: table %s would not be changed", p.cur.name)
	default:
		p.commit([]word{{}})
	}
}

// line reads one line: a comment, a table's start or end, a chain, or a rule.
func (p *parser) line(line []byte, base uint32) {
	line = p.unended(line, base)
	words, open := splitWords(p.words, line, base)
	p.words = words
	if len(line) == 0 || line[0] == '#' || len(words) == 1 && words[0].text == "" {
		return
	}
	words = markApart(words)
	if p.dialect.commits && p.stray(line, words, base) {
		return
	}
	if len(words) == 0 || words[0].text == "" {
		return
	}
	first := words[0]
	whole := first.span.To(words[len(words)-1].span)
	switch {
	case first.quoted && len(words) == 1:
		p.diags.Errorf(whole, "this line is not understood")
	case p.quoted(line):
		return
	case open:
		p.diags.Errorf(whole, "a quote is not closed")
		p.quoting = true
	case first.text[0] == '*':
		p.startTable(words)
	case p.cur == nil:
		p.diags.Errorf(whole, "this line belongs to no table: a line *filter or the like must come before it")
		p.cur = p.newTable(word{text: "filter", span: first.span}) // so that this is said once
		p.cur.implied = true
	case first.text == "COMMIT":
		p.commit(words)
	case first.text[0] == ':':
		p.chainLine(words)
	default:
		p.commandLine(words)
	}
}

// quoted tells a line that is the text of a quote left open above: it begins like
// none of a saved file.
func (p *parser) quoted(line []byte) bool {
	p.quoting = p.quoting && !bytes.HasPrefix(line, []byte("COMMIT")) && !bytes.ContainsAny(line[:1], "-*:#[")
	return p.quoting
}

// unended takes the carriage return off a line of a file that has them, which the
// tools keep as a part of the last word. It is said once.
func (p *parser) unended(line []byte, base uint32) []byte {
	bare, found := bytes.CutSuffix(line, []byte("\r"))
	if found && p.dialect.commits && !p.crlf && !bytes.HasPrefix(line, []byte("#")) {
		end := base + uint32(len(bare))
		p.diags.Errorf(diag.Span{Start: end, End: end + 1}, "the line ends with a carriage return, which iptables-restore takes as a part of it")
		p.crlf = true
	}
	return bare
}

// markApart joins the mark of a table or a chain with a name after blanks.
func markApart(words []word) []word {
	if len(words) < 2 || words[0].quoted || words[0].text != "*" && words[0].text != ":" {
		return words
	}
	words[1].text = words[0].text + words[1].text
	words[1].span.Start-- // the mark's place: names start behind it
	return words[1:]
}

// stray refuses blanks where the tools take them as a part of a command: only
// comments, rules and empty lines have them in front, and COMMIT stands alone.
func (p *parser) stray(line []byte, words []word, base uint32) bool {
	blank := line[0] == ' ' || line[0] == '\t'
	switch {
	case len(words) == 0:
		p.diags.Errorf(diag.Span{Start: base, End: base + uint32(len(line))}, "a line of blanks is not understood: leave it empty")
	case words[0].text == "COMMIT" && string(line) != "COMMIT":
		p.diags.Errorf(words[0].span, "COMMIT must be alone on its line, without blanks")
		p.commit(words[:1])
	case blank && strings.ContainsAny(words[0].text[:min(1, len(words[0].text))], ":*["):
		p.diags.Errorf(words[0].span, "a line that starts with %s has no blanks before it", words[0].text[:1])
	default:
		return false
	}
	return true
}

// startTable reads `*filter`. A table that an earlier transaction filled is
// emptied, as iptables-restore does.
func (p *parser) startTable(words []word) {
	w := words[0]
	w.text, w.span.Start = w.text[1:], w.span.Start+1
	p.endTable()
	if p.dialect.tables[w.text] == nil {
		p.diags.Errorf(w.span, "unknown table %s%s", w.text, didYouMean(w.text, keys(p.dialect.tables)))
	}
	p.cur = p.newTable(w)
}

func (p *parser) newTable(w word) *table {
	return &table{parser: p, name: w.text, span: w.span, chains: map[string]*chain{}}
}

// commit ends a table's transaction.
func (p *parser) commit(words []word) {
	p.extra(words[1:])
	t := p.cur
	p.cur = nil
	t.finish()
	if t.implied {
		return
	}
	for i, old := range p.order {
		if old.name == t.name {
			p.order[i] = t
			return
		}
	}
	p.order = append(p.order, t)
}

// extra refuses words that have no meaning where they stand.
func (p *parser) extra(words []word) {
	if len(words) > 0 {
		p.diags.Errorf(words[0].span.To(words[len(words)-1].span), "unexpected text at the end of the line")
	}
}
