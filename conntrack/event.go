package conntrack

import (
	"fmt"
	"time"

	"nfvm/ct"
	"nfvm/ctnetlink"
	"nfvm/nf"
)

// An Event is one that -E shows, kept apart from the table: of a flow or of an
// expectation.
type Event struct {
	kind   ctnetlink.Kind
	time   int64
	flow   *ctnetlink.Flow
	expect *ctnetlink.Expect
}

// FlowEvent keeps an event of a connection.
func FlowEvent(ev *ct.Event) *Event {
	f := ev.Flow()
	return &Event{kind: ev.Kind(), time: ev.Time, flow: &f}
}

// ExpectEvent keeps an event of an expectation.
func ExpectEvent(ev *ct.ExpectEvent) *Event {
	x := ev.Expect()
	return &Event{kind: ev.Message(), time: ev.Time, expect: &x}
}

// A Watcher shows events as a command wants them.
type Watcher struct{ printer }

// Watch begins to show events. A mistake of the command line may be found only
// here.
func (c *Command) Watch() (*Watcher, error) {
	return &Watcher{printer{Command: c}}, c.checkMasks()
}

// Notice is what is told before the first event.
func (c *Command) Notice() string {
	if c.options&optBufferSize == 0 {
		return ""
	}
	const least = 2304 // SOCK_MIN_RCVBUF; the kernel doubles what is asked for
	return fmt.Sprintf("NOTICE: Netlink socket buffer size has been set to %d bytes.\n", max(2*c.buffer, least))
}

// Show appends an event, if the command is about it.
func (w *Watcher) Show(b []byte, ev *Event) []byte {
	now := time.Unix(0, ev.time)
	if ev.expect != nil {
		if w.op != opExpectEvent {
			return b
		}
		return w.expect(b, ev.expect, ev.kind, now)
	}
	if w.op != opEvent || !w.wants(ev) {
		return b
	}
	s := w.style(ev.kind, now)
	if w.output&outTimestamp != 0 && w.output&outSave == 0 {
		if s.When = w.output&outXML != 0; !s.When {
			b = fmt.Appendf(b, "[%.8d.%.6d]\t", now.Unix(), now.Nanosecond()/1e3)
		}
	}
	return w.flow(b, ev.flow, ev.kind, s)
}

// wants reports whether the command is about an event of a connection.
func (w *Watcher) wants(ev *Event) bool {
	bits := map[ctnetlink.Kind]uint32{ctnetlink.New: eventNew, ctnetlink.Update: eventUpdate, ctnetlink.Destroy: eventDestroy}
	if w.options&optEventMask != 0 && w.events&bits[ev.kind] == 0 {
		return false
	}
	return (w.family == nf.FamilyUnspec || w.family == ev.flow.Family()) && w.picks(ev.flow)
}

// Ended gives what is printed, and told, when the watching ends after some events.
func (c *Command) Ended(shown int) (out, told string) {
	name, format := xmlFlows, closing[opEvent]
	if c.op == opExpectEvent {
		name, format = xmlExpects, "%d expectation events have been shown."
	}
	if c.output&outXML != 0 && shown > 0 {
		out = "</" + name + ">\n"
	}
	return out, prefix + fmt.Sprintf(format, shown) + "\n"
}
