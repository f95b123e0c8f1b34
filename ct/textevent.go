package ct

import (
	"fmt"
	"time"

	"nfvm/ctnetlink"
)

// AppendText appends the event as `conntrack -E -o timestamp` prints it,
// without the end of line.
func (ev *Event) AppendText(b []byte) []byte {
	flow := ev.Flow()
	return flow.AppendText(appendStamp(b, ev.Time), &ctnetlink.Style{Kind: ev.Kind(), Now: time.Unix(0, ev.Time)})
}

// appendStamp appends an instant as conntrack(8) puts it before events.
func appendStamp(b []byte, at int64) []byte {
	return fmt.Appendf(b, "[%.8d.%.6d]\t", at/1e9, at%1e9/1e3)
}

// Flow tells what the event tells of its entry (ctnetlink_conntrack_event):
// counters at the end only, the state when it changed, the mark unless it is zero
// and did not change.
func (ev *Event) Flow() ctnetlink.Flow {
	e, destroy := ev.Entry, ev.Bits&EventDestroy != 0
	f := ev.table.Flow(e, ev.Time)
	hide := func(attr ctnetlink.Attr, when bool) {
		if when {
			f.Has &^= attr
		}
	}
	hide(ctnetlink.Use, true)
	hide(ctnetlink.Timeout, destroy && e.secondsLeft(ev.Time) < 1)
	hide(ctnetlink.State, !destroy && ev.Bits&EventProtoInfo == 0)
	hide(ctnetlink.Mark, e.Mark == 0 && ev.Bits&EventMark == 0)
	hide(ctnetlink.Counters|ctnetlink.Start|ctnetlink.Stop, !destroy)
	hide(ctnetlink.Helper, destroy)
	hide(ctnetlink.Labels, destroy || ev.Bits&EventLabel == 0)
	return f
}

// Kind is the kind of message that the event is sent as.
func (ev *Event) Kind() ctnetlink.Kind {
	switch {
	case ev.Bits&EventDestroy != 0:
		return ctnetlink.Destroy
	case ev.Bits&(EventNew|EventRelated) != 0:
		return ctnetlink.New
	}
	return ctnetlink.Update
}

// String gives the event as AppendText does.
func (ev *Event) String() string { return string(ev.AppendText(nil)) }
