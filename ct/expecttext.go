package ct

import (
	"bufio"
	"fmt"
	"io"

	"nfvm/ctnetlink"
	"nfvm/nf"
)

// Kinds of events of expectations (enum ip_conntrack_expect_events).
const (
	ExpectEventNew uint8 = iota
	ExpectEventDestroy
)

// An ExpectEvent tells that a flow is expected, or is no more.
type ExpectEvent struct {
	Kind        uint8
	Time        int64
	Expectation *Expectation
	table       *Table
}

func (t *Table) emitExpect(x *Expectation, kind uint8, when int64) {
	if t.OnExpect != nil {
		t.OnExpect(&ExpectEvent{Kind: kind, Time: when, Expectation: x, table: t})
	}
}

// AppendText appends the event as `conntrack -E expect -o timestamp` prints it,
// without the end of line.
func (ev *ExpectEvent) AppendText(b []byte) []byte {
	x := ev.Expect()
	b = fmt.Appendf(b, "[%-8d.%-6d]\t", ev.Time/1e9, ev.Time%1e9/1e3) // unlike that of connections
	return x.AppendText(b, &ctnetlink.Style{Kind: ev.Message()})
}

// Expect tells what the event is about.
func (ev *ExpectEvent) Expect() ctnetlink.Expect { return ev.table.Expected(ev.Expectation, ev.Time) }

// Message is the kind of message that the event is sent as.
func (ev *ExpectEvent) Message() ctnetlink.Kind {
	if ev.Kind == ExpectEventDestroy {
		return ctnetlink.Destroy
	}
	return ctnetlink.New
}

// String gives the event as AppendText does.
func (ev *ExpectEvent) String() string { return string(ev.AppendText(nil)) }

// WriteExpectations writes what is expected as `conntrack -L expect` prints it,
// one expectation a line, in the order of their making.
func (t *Table) WriteExpectations(w io.Writer, now int64) error {
	out := bufio.NewWriter(w)
	var line []byte
	for _, x := range t.Expectations() {
		line = append(t.AppendExpectation(line[:0], x, now), '\n')
		out.Write(line) // the first error stays and Flush returns it
	}
	return out.Flush()
}

// AppendExpectation appends an expectation as `conntrack -L expect` prints it.
func (t *Table) AppendExpectation(b []byte, x *Expectation, now int64) []byte {
	e := t.Expected(x, now)
	return e.AppendText(b, &ctnetlink.Style{})
}

// Expected tells all of an expectation (ctnetlink_exp_dump_expect).
func (t *Table) Expected(x *Expectation, now int64) ctnetlink.Expect {
	e := ctnetlink.Expect{
		Has:     ctnetlink.Timeout | ctnetlink.Class,
		Tuple:   ctnetlink.Tuple(x.Tuple),
		Mask:    ctnetlink.Tuple{Src: x.Mask.Addr, SrcID: x.Mask.ID, DstID: 0xffff, L3: x.Tuple.L3, L4: x.Tuple.L4},
		Timeout: uint32(max(x.Expires/jiffy-now/jiffy, 0) * jiffy / 1e9),
		Zone:    x.Zone, Class: uint32(x.Class), Flags: uint32(x.Flags), Helper: t.expectHelperName(x),
	}
	for i := range e.Mask.Dst {
		e.Mask.Dst[i] = 0xff
	}
	if master := t.get(x.Master); master != nil {
		e.Master = ctnetlink.Tuple(master.Tuple[nf.DirOriginal])
	}
	if x.Zone != 0 {
		e.Has |= ctnetlink.ExpectZone
	}
	if e.Helper != "" {
		e.Has |= ctnetlink.Helper
	}
	return e
}

// expectHelperName is the name of the helper that expects.
func (t *Table) expectHelperName(x *Expectation) string {
	if master := t.get(x.Master); master != nil {
		return t.HelperName(master.Helper)
	}
	return ""
}
