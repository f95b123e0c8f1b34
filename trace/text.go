package trace

import (
	"fmt"
	"io"

	"nfvm/bytecode"
	"nfvm/listing"
	"nfvm/nf"
)

// texts gives rules' texts, each made once.
type texts struct {
	opt  *listing.Options
	rule map[*bytecode.Rule]string
}

func newTexts(opt *listing.Options) texts {
	if opt == nil {
		opt = &listing.Options{}
	}
	return texts{opt: opt, rule: map[*bytecode.Rule]string{}}
}

func (t *texts) text(e *Event) string {
	s, ok := t.rule[e.Rule]
	if !ok {
		s = listing.Rule(e.Table, e.Chain, e.Rule, t.opt)
		t.rule[e.Rule] = s
	}
	return s
}

// A visit finds the first event of each base chain, with which the packet is
// shown. Visits are nested where a rule answers a packet: the answer passes
// through its own chains before the event of that rule.
type visit struct{ open map[uint32]bool }

func (v *visit) first(e *Event) bool {
	first := !v.open[e.ID]
	switch {
	case e.ends():
		delete(v.open, e.ID)
	case first:
		if v.open == nil {
			v.open = map[uint32]bool{}
		}
		v.open[e.ID] = true
	}
	return first
}

// A Writer prints events as `nft monitor trace` does (nft 1.0.6).
type Writer struct {
	w io.Writer
	texts
	visit
	buf []byte
}

// NewWriter makes a Writer; opt may be nil.
func NewWriter(w io.Writer, opt *listing.Options) *Writer {
	return &Writer{w: w, texts: newTexts(opt)}
}

// Event prints one event.
func (w *Writer) Event(e *Event) error {
	w.buf = w.buf[:0]
	if w.first(e) && e.Packet != nil {
		w.buf = w.head(e)
		w.buf = append(w.buf, "packet: "...)
		w.buf = w.packet(e)
		w.buf = append(w.buf, '\n')
	}
	w.buf = w.head(e)
	if e.Kind == Policy {
		w.buf = fmt.Appendf(w.buf, "policy %s ", e.Verdict)
		if e.Mark != 0 {
			w.buf = fmt.Appendf(w.buf, "meta mark 0x%08x ", e.Mark)
		}
		w.buf = append(w.buf, '\n')
	} else {
		w.buf = fmt.Appendf(w.buf, "rule %s (verdict %s)\n", w.text(e), e.verdict())
	}
	_, err := w.w.Write(w.buf)
	return err
}

func (w *Writer) head(e *Event) []byte {
	return fmt.Appendf(w.buf, "trace id %08x %s %s %s ", e.ID, e.Table.Family, e.Table.Name, e.Chain.Name)
}

func (w *Writer) packet(e *Event) []byte {
	b := w.buf
	if e.Packet.In != "" {
		b = fmt.Appendf(b, "iif \"%s\" ", e.Packet.In)
	}
	if e.Packet.Out != "" {
		b = fmt.Appendf(b, "oif \"%s\" ", e.Packet.Out)
	}
	for _, f := range e.Packet.Fields(e.Table.Family, &w.opt.Options) {
		b = append(append(b, f.String()...), ' ')
	}
	return b
}

// verdict is the verdict with its target.
func (e *Event) verdict() string {
	switch e.Verdict {
	case nf.Jump, nf.Goto:
		return e.Verdict.String() + " " + e.Target
	case nf.Queue:
		return fmt.Sprintf("queue to %d", e.Queue)
	}
	return e.Verdict.String()
}
