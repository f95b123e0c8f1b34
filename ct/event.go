package ct

import "nfvm/nf"

// Event bits (enum ip_conntrack_events).
const (
	EventNew uint16 = 1 << iota
	EventRelated
	EventDestroy
	EventReply
	EventAssured
	EventProtoInfo
	EventHelper
	EventMark
	EventSeqAdj
	EventSecmark
	EventLabel
	EventSynproxy
)

// An Event tells what happened to an entry. Several changes by one packet are
// one event with several bits.
type Event struct {
	Bits  uint16
	Time  int64
	Entry *Entry
	table *Table
}

// Notify notes a change of an entry for the event that Confirm sends for the
// current packet.
func (t *Table) Notify(e *Entry, bits uint16) { e.events |= bits }

// SetMark changes an entry's mark.
func (t *Table) SetMark(e *Entry, mark uint32) {
	if e.Mark != mark {
		e.Mark = mark
		t.Notify(e, EventMark)
	}
}

// SetSecmark changes an entry's security mark.
func (t *Table) SetSecmark(e *Entry, mark uint32) {
	if t.Secmark(e) != mark {
		t.extend(e).secmark = mark
		t.Notify(e, EventSecmark)
	}
}

// SetEventMask says which events of an entry are reported. It has no effect on
// a confirmed entry made while net.netfilter.nf_conntrack_events was 0.
func (t *Table) SetEventMask(e *Entry, mask uint16) {
	if e.EventMask != 0 || !e.Confirmed() {
		e.EventMask = mask
	}
}

// AddLabels sets bits of an entry's labels; none are ever cleared. It reports
// false for an entry without labels.
func (t *Table) AddLabels(e *Entry, bits [16]byte) bool {
	if !e.HasLabels {
		return false
	}
	labels := t.Labels(e)
	old := labels
	for i := range bits {
		labels[i] |= bits[i]
	}
	if labels != old {
		t.extend(e).labels = labels
		t.Notify(e, EventLabel)
	}
	return true
}

// emit sends an event at once.
func (t *Table) emit(e *Entry, bits uint16, when int64) {
	if t.OnEvent == nil || bits&e.EventMask == 0 || e.Status&nf.CTStatusNATClash != 0 {
		return
	}
	t.event = Event{Bits: bits, Time: when, Entry: e, table: t}
	t.OnEvent(&t.event)
}

// deliver sends the noted changes of a confirmed entry.
func (t *Table) deliver(e *Entry) {
	bits := e.events
	if bits == 0 || e.state != slotLive {
		return
	}
	e.events = 0
	t.emit(e, bits, t.now)
}
