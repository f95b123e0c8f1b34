package listing

import (
	"fmt"
	"strings"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/nf"
)

// Options are nft's listing flags. The zero Options are `nft list ruleset`.
type Options struct {
	Handles   bool // -a
	Stateless bool // -s: no counters, no expiry
	Terse     bool // -t: no elements of named sets
	// NumericPriority prints priorities as numbers (-y).
	NumericPriority bool
	// Newer prints texts as nft 1.1.4 does; otherwise they are those of 1.0.6.
	// JSON is always that of 1.1.4.
	Newer bool
	datatype.Options
}

// A printer writes text.
type printer struct {
	strings.Builder
	table *bytecode.Table
	opt   *Options
	depth int // anonymous chains around
	// seen are the anonymous chains that the rule has shown: each is part of one
	// rule only, and a loop must not hang us.
	seen map[*bytecode.Chain]bool
	// nameless are the anonymous chains of the table by name, when one was needed.
	nameless map[string]*bytecode.Chain
}

func (p *printer) printf(format string, args ...any) { fmt.Fprintf(p, format, args...) }

// Rule gives a rule's text as `nft list` prints it, with its comment and, when
// asked for, its handle.
func Rule(t *bytecode.Table, _ *bytecode.Chain, r *bytecode.Rule, opt *Options) string {
	if opt == nil {
		opt = &Options{}
	}
	p := &printer{table: t, opt: opt}
	return p.rule(r)
}

// nested is a printer for the rules of an anonymous chain.
func (p *printer) nested() *printer {
	opt := *p.opt
	opt.Handles = false // nft shows the handle of the rule around only
	return &printer{table: p.table, opt: &opt, depth: p.depth + 1, seen: p.seen, nameless: p.nameless}
}

func (p *printer) rule(r *bytecode.Rule) string {
	for i, s := range parse(p.table, r.Exprs, p.opt.Newer) {
		if i > 0 {
			p.WriteByte(' ')
		}
		p.stmt(s)
	}
	if r.Comment != "" {
		p.printf(" comment %q", nft(r.Comment))
	}
	if p.opt.Handles {
		p.printf(" # handle %d", r.Handle)
	}
	return p.String()
}

// duration prints milliseconds, with -T as whole seconds.
func (p *printer) duration(ms uint64) string {
	if p.opt.NumericTime {
		return fmt.Sprintf("%ds", ms/1000)
	}
	return datatype.FormatDuration(ms)
}

// nft is a string that %q prints as nft does: in quotes, nothing escaped.
type nft string

// Format writes the string between quotes.
func (s nft) Format(f fmt.State, _ rune) { fmt.Fprint(f, `"`+string(s)+`"`) }

// plain prints an expression that is a statement of its own, such as the counter
// of a set element.
func (p *printer) plain(e bytecode.Expr) { p.action(&stmt{kind: stmtPlain, src: e}) }

// stateless prints such an expression without its state.
func (p *printer) stateless(e bytecode.Expr) {
	opt := *p.opt
	opt.Stateless = true
	q := &printer{table: p.table, opt: &opt}
	q.plain(e)
	p.WriteString(q.String())
}

func (p *printer) stmt(s *stmt) {
	switch s.kind {
	case stmtMatch:
		p.match(s)
	case stmtVmap:
		p.operand("", s.left.left)
		p.WriteString(" vmap ")
		p.expr(s.left.right)
	case stmtSet:
		p.assign(s)
	case stmtDynset:
		p.dynset(s)
	case stmtObjref:
		p.objref(s)
	case stmtNAT, stmtTProxy:
		p.nat(s)
	default:
		p.action(s)
	}
}

func (p *printer) match(s *stmt) {
	if p.opt.Newer {
		s = newerMatch(s)
	}
	p.operand("", s.left)
	p.WriteByte(' ')
	listed := s.right.op == "list"
	switch op := s.op; {
	case op == "" && s.left.kind == kindBinop && s.left.op == "&" && s.right.kind == kindSet:
		p.WriteString("== ")
	case op == "==" && !mustPrintEq(s):
	case op != "":
		p.WriteString(op + " ")
	}
	if s.right.kind == kindValue && s.right.typ.Base == datatype.Bitmask && !listed {
		if wholeFlags(s) {
			p.WriteString(datatype.FormatInteger(s.right.typ, s.right.num()))
			return
		}
		p.flagsElement(s.right)
		return
	}
	p.operand("", s.right)
}

// wholeFlags tells whether flags are compared as the number of a header field:
// nft takes apart the flags of other selectors only.
func wholeFlags(s *stmt) bool {
	return s.op != "" && s.left.kind == kindPayload && len(bitsOf(s.right)) > 1
}

// mustPrintEq tells whether == can't be left out: a bitmask alone would mean
// any of its bits. A range in another byte order than what is computed goes without.
func mustPrintEq(s *stmt) bool {
	if s.right.kind == kindValue && s.right.typ.Base == datatype.Bitmask && s.left.kind != kindBinop {
		return wholeFlags(s) || len(bitsOf(s.right)) < 2
	}
	swapped := s.left.left != nil && s.left.order != s.left.left.order
	return s.left.kind == kindBinop && !(swapped && s.right.kind == kindRange)
}

func (p *printer) assign(s *stmt) {
	if raw, v := rawWrite(s); raw != nil && p.opt.Newer {
		s = &stmt{left: raw, right: v}
	}
	p.expr(s.left)
	p.WriteString(" set ")
	if s.left.kind == kindPayload {
		p.operand("|", s.right) // flags with | between
		return
	}
	p.expr(s.right)
}

func (p *printer) verdict(v nf.Verdict, chain string) {
	p.WriteString(v.String())
	if chain == "" {
		return
	}
	if c := p.block(chain); c != nil && p.enter(c) {
		p.printBlock(c)
		return
	}
	p.WriteString(" " + chain)
}

// enter reports whether an anonymous chain is to be shown in place.
func (p *printer) enter(c *bytecode.Chain) bool {
	if p.seen[c] {
		return false
	}
	if p.seen == nil {
		p.seen = map[*bytecode.Chain]bool{}
	}
	p.seen[c] = true
	return true
}

// anonymous reports whether a chain was written as a block after jump or goto.
func anonymous(c *bytecode.Chain) bool {
	return c.Base == nil && strings.HasPrefix(c.Name, blockPrefix)
}

const blockPrefix = "__chain"

// block gives the anonymous chain of a name, nil if there is none.
func (p *printer) block(name string) *bytecode.Chain {
	if !strings.HasPrefix(name, blockPrefix) {
		return nil
	}
	if p.nameless == nil {
		p.nameless = map[string]*bytecode.Chain{}
		for _, c := range p.table.Chains {
			if anonymous(c) && p.nameless[c.Name] == nil {
				p.nameless[c.Name] = c
			}
		}
	}
	return p.nameless[name]
}

// printBlock prints an anonymous chain in place.
func (p *printer) printBlock(c *bytecode.Chain) {
	indent := strings.Repeat("\t", p.depth+2)
	p.WriteString(" {\n")
	for _, r := range c.Rules {
		p.printf("%s\t%s\n", indent, p.nested().rule(r))
	}
	p.WriteString(indent + "}")
}
