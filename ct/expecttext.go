package ct

import (
	"bufio"
	"fmt"
	"io"

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
	tag := "[NEW]"
	if ev.Kind == ExpectEventDestroy {
		tag = "[DESTROY]"
	}
	b = fmt.Appendf(b, "[%.8d.%.6d]\t%9s ", ev.Time/1e9, ev.Time%1e9/1e3, tag)
	return ev.table.AppendExpectation(b, ev.Expectation, ev.Time)
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
	left := max(x.Expires/jiffy-now/jiffy, 0) * jiffy / 1e9
	b = appendNumber(b, "", uint64(left))
	b = appendNumber(b, "proto=", uint64(x.Tuple.L4))
	b = x.Tuple.appendText(b)
	mask := Tuple{Src: x.Mask.Addr, SrcID: x.Mask.ID, DstID: 0xffff, L3: x.Tuple.L3, L4: x.Tuple.L4}
	for i := range mask.Dst {
		mask.Dst[i] = 0xff
	}
	b = mask.appendLabeled(b, "mask-")
	if master := t.get(x.Master); master != nil {
		b = master.Tuple[nf.DirOriginal].appendLabeled(b, "master-")
	}
	if x.Zone != 0 {
		b = appendNumber(b, "zone=", uint64(x.Zone))
	}
	b = x.Flags.appendText(b)
	b = appendNumber(b, "class=", uint64(x.Class))
	if name := t.expectHelperName(x); name != "" {
		return append(append(b, "helper="...), name...)
	}
	return b[:len(b)-1]
}

// expectHelperName is the name of the helper that expects.
func (t *Table) expectHelperName(x *Expectation) string {
	if master := t.get(x.Master); master != nil {
		return t.HelperName(master.Helper)
	}
	return ""
}

// appendText appends the names of flags.
func (f ExpectFlags) appendText(b []byte) []byte {
	blank := ""
	for _, flag := range []struct {
		flag ExpectFlags
		name string
	}{{ExpectPermanent, "PERMANENT"}, {ExpectInactive, "INACTIVE"}, {ExpectUserspace, "USERSPACE"}} {
		if f&flag.flag != 0 {
			b = append(append(b, blank...), flag.name...)
			blank = ","
		}
	}
	if blank != "" {
		b = append(b, ' ')
	}
	return b
}
