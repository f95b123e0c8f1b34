package trace

import (
	"fmt"
	"io"

	"nfvm/listing"
	"nfvm/nf"
)

// An Explainer tells events as sentences, indented by the chain they are in.
type Explainer struct {
	w io.Writer
	texts
	visit
	depth int
}

// NewExplainer makes an Explainer; opt may be nil.
func NewExplainer(w io.Writer, opt *listing.Options) *Explainer {
	return &Explainer{w: w, texts: newTexts(opt)}
}

// Event tells one event.
func (x *Explainer) Event(e *Event) error {
	if x.first(e) {
		x.depth = 1
		if _, err := fmt.Fprintf(x.w, "packet %08x%s enters %s %s, chain %s%s\n", e.ID, x.way(e), e.Table.Family,
			e.Table.Name, e.Chain.Name, base(e)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(x.w, "%*s%s\n", 2*x.depth, "", x.sentence(e))
	return err
}

func (x *Explainer) way(e *Event) string {
	s := ""
	if p := e.Packet; p != nil && p.In != "" {
		s += " from " + p.In
	}
	if p := e.Packet; p != nil && p.Out != "" {
		s += " to " + p.Out
	}
	return s
}

func base(e *Event) string {
	b := e.Chain.Base
	if b == nil {
		return ""
	}
	return fmt.Sprintf(" (%s, priority %s)", b.Hook, listing.Priority(e.Table.Family, b.Hook, b.Priority, false))
}

func (x *Explainer) sentence(e *Event) string {
	if e.Kind == Policy {
		return fmt.Sprintf("no rule of chain %s decided: its policy is %s", e.Chain.Name, e.Verdict)
	}
	rule := fmt.Sprintf("%s: %s", e.Chain.Name, x.text(e))
	switch e.Verdict {
	case nf.Continue:
		return rule + " - matches, and the packet goes on"
	case nf.Jump:
		return rule + " - continues in chain " + e.Target + ", and then here"
	case nf.Goto:
		return rule + " - continues in chain " + e.Target + ", and does not come back"
	case nf.Return:
		return rule + " - returns to the calling chain"
	}
	return rule + " - " + e.verdict()
}
