package conntrack

import (
	"fmt"
	"time"

	"nfvm/ctnetlink"
)

// xmlHeads begin XML, and xmlFeet end it.
const (
	xmlDeclaration = `<?xml version="1.0" encoding="utf-8"?>` + "\n"
	xmlFlows       = "conntrack"
	xmlExpects     = "expect"
)

// A printer appends what a command shows.
type printer struct {
	*Command
	open bool // XML has begun
	// shown counts what was shown, or done.
	shown int
}

// style is how flows are shown.
func (c *Command) style(k ctnetlink.Kind, now time.Time) *ctnetlink.Style {
	s := &ctnetlink.Style{
		Kind: k, Now: now, Layer3: c.output&outExtended != 0, ID: c.output&outID != 0,
		KernelTime: c.output&outKernelTime != 0,
	}
	if c.labels != nil && c.op != opDelete {
		s.LabelName = func(bit int) string { return c.labels.names[bit] }
	}
	return s
}

// flow appends a line for a flow. save is the kind of its command in that form.
func (p *printer) flow(b []byte, f *ctnetlink.Flow, save ctnetlink.Kind, s *ctnetlink.Style) []byte {
	p.shown++
	switch {
	case p.output&outSave != 0:
		b = appendSave(b, f, save)
	case p.output&outXML != 0:
		b = f.AppendXML(p.begin(b, xmlFlows), s)
	case p.output&outProc != 0:
		b = f.AppendProc(b, s.Now)
	default:
		b = f.AppendText(b, s)
	}
	return append(b, '\n')
}

// begin appends the head of XML, once. Commands that change the table show
// elements only.
func (p *printer) begin(b []byte, name string) []byte {
	if p.open || p.op == opDelete || p.op == opUpdate {
		return b
	}
	p.open = true
	return append(append(append(append(b, xmlDeclaration...), '<'), name...), ">\n"...)
}

// end appends the foot of XML, if it has begun.
func (p *printer) end(b []byte, name string) []byte {
	if !p.open {
		return b
	}
	return append(append(append(b, "</"...), name...), ">\n"...)
}

// expect appends a line for an expectation.
func (p *printer) expect(b []byte, x *ctnetlink.Expect, k ctnetlink.Kind, now time.Time) []byte {
	p.shown++
	s := &ctnetlink.Style{Kind: k, Now: now, When: p.output&outTimestamp != 0}
	if p.output&outXML != 0 {
		return append(x.AppendXML(p.begin(b, xmlExpects), s), '\n')
	}
	if p.output&outTimestamp != 0 {
		b = fmt.Appendf(b, "[%-8d.%-6d]\t", now.Unix(), now.Nanosecond()/1e3)
	}
	return append(x.AppendText(b, s), '\n')
}

// closing is what is said at the end, and the exit status.
func (p *printer) closing() (text string, status int) {
	format := closing[p.op]
	if format == "" {
		return "", 0
	}
	if p.shown == 0 && !mayBeNone[p.op] {
		status = statusFailed
	}
	return prefix + fmt.Sprintf(format, p.shown) + "\n", status
}
