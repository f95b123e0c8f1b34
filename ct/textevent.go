package ct

import "fmt"

// AppendText appends the event as `conntrack -E -o timestamp` prints it,
// without the end of line. Which parts of the entry an event shows is up to
// the kernel (ctnetlink_conntrack_event): counters at the end only, the state
// when it changed, the mark unless it is zero and did not change.
func (ev *Event) AppendText(b []byte) []byte {
	e, destroy := ev.Entry, ev.Bits&EventDestroy != 0
	b = fmt.Appendf(b, "[%.8d.%.6d]\t%9s ", ev.Time/1e9, ev.Time%1e9/1e3, ev.tag())
	return ev.table.appendFlow(b, e, flowText{
		now:      ev.Time,
		timeout:  !destroy || e.secondsLeft(ev.Time) >= 1,
		state:    destroy || ev.Bits&EventProtoInfo != 0,
		counters: destroy,
		mark:     e.Mark != 0 || ev.Bits&EventMark != 0,
		delta:    destroy,
		helper:   !destroy,
	})
}

// tag is the kind of message that the event is sent as.
func (ev *Event) tag() string {
	switch {
	case ev.Bits&EventDestroy != 0:
		return "[DESTROY]"
	case ev.Bits&(EventNew|EventRelated) != 0:
		return "[NEW]"
	}
	return "[UPDATE]"
}

// String gives the event as AppendText does.
func (ev *Event) String() string { return string(ev.AppendText(nil)) }
