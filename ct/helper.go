package ct

import (
	"fmt"

	"nfvm/nf"
	"nfvm/packet"
)

// A Helper reads what flows of an application protocol say to each other, to
// learn of the flows that belong to them (struct nf_conntrack_helper).
type Helper struct {
	Name string
	// Policies bound what its flows may expect, by class.
	Policies []ExpectPolicy
	// Help looks at a packet of e that leaves the host or is delivered,
	// translated already. Another verdict than Accept ends its way. p.CTInfo is
	// the packet's relation to e, p.Transport where the transport header is.
	Help func(p *packet.Packet, e *Entry) nf.Verdict
	// Destroy, when not nil, is called when a confirmed entry with the helper goes
	// away, with the instant at which it does.
	Destroy func(e *Entry, when int64)
	// Restore, when not nil, is called for an entry with the helper that comes from
	// a saved table, as soon as its HelpData is there.
	Restore func(e *Entry)
}

// An ExpectPolicy bounds the expectations of one class: how many a flow may have
// at a time (0: any number) and for how many nanoseconds one waits.
type ExpectPolicy struct {
	Name    string
	Max     int
	Timeout int64
}

// HelpData is what a helper remembers of a flow; each helper gives the bytes its
// own meaning, little-endian where they are numbers.
type HelpData [64]byte

// RegisterHelper gives a handle, usable as Entry.Helper, for a helper's name.
// A name for which Table.Helpers knows no helper is one that does nothing.
func (t *Table) RegisterHelper(name string) (handle uint16, err error) {
	for i, h := range t.helpers {
		if h.Name == name {
			return uint16(i + 1), nil
		}
	}
	if len(t.helpers) >= maxHandles {
		return 0, fmt.Errorf("more than %d helpers", maxHandles)
	}
	h := &Helper{Name: name}
	if t.Helpers != nil {
		if known := t.Helpers(name); known != nil {
			h = known
		}
	}
	t.helpers = append(t.helpers, h)
	return uint16(len(t.helpers)), nil
}

// SetHelper gives an unconfirmed entry a helper for life, as `ct helper set`.
// It has no effect on other entries and on those that have one, from a rule or from
// the expectation that they fulfill.
func (t *Table) SetHelper(e *Entry, handle uint16) {
	if handle == 0 || e.Confirmed() || e.Helper != 0 {
		return
	}
	e.Helper = handle
	e.Status |= nf.CTStatusHelper
}

// HelperName gives the name behind a handle, "" for none.
func (t *Table) HelperName(handle uint16) string {
	if handle == 0 || int(handle) > len(t.helpers) {
		return ""
	}
	return t.helpers[handle-1].Name
}

// HelperOf is the helper of an entry, 0 if it has none or is gone.
func (t *Table) HelperOf(id uint32) uint16 {
	if e := t.get(id); e != nil {
		return e.Helper
	}
	return 0
}

// HelpData gives what the helper of an entry remembers of it, zero at first.
func (t *Table) HelpData(e *Entry) *HelpData {
	d := t.helpData[e.ID]
	if d == nil {
		if t.helpData == nil {
			t.helpData = map[uint32]*HelpData{}
		}
		d = new(HelpData)
		t.helpData[e.ID] = d
	}
	return d
}

// help runs the entry's helper on a packet. The packet's transport header must
// be there, which the tracker of its protocol has seen to, unless the packet is
// a later fragment that was never reassembled.
func (t *Table) help(p *packet.Packet, e *Entry) nf.Verdict {
	h := t.helpers[e.Helper-1]
	if h.Help == nil || !p.L4Known || p.FragOffset != 0 {
		return nf.Accept
	}
	return h.Help(p, e)
}

// unhelp forgets what the helper of an entry knows.
func (t *Table) unhelp(e *Entry, when int64) {
	if e.Helper == 0 {
		return
	}
	if h := t.helpers[e.Helper-1]; h.Destroy != nil && e.Confirmed() {
		h.Destroy(e, when)
	}
	delete(t.helpData, e.ID)
}

// expectPolicy is what bounds the expectations of e in a class.
func (t *Table) expectPolicy(e *Entry, class uint8) (ExpectPolicy, bool) {
	if e.Helper == 0 || int(class) >= len(t.helpers[e.Helper-1].Policies) {
		return ExpectPolicy{}, false
	}
	return t.helpers[e.Helper-1].Policies[class], true
}
