package ct

import (
	"bufio"
	"io"
	"time"

	"nfvm/ctnetlink"
	"nfvm/nf"
)

// WriteList writes the table as `conntrack -L -o extended` prints it, one
// entry a line, in the order of creation.
func (t *Table) WriteList(w io.Writer, now int64) error {
	out := bufio.NewWriter(w)
	var line []byte
	t.ForEach(func(e *Entry) bool {
		if e.Status&nf.CTStatusNATClash == 0 {
			line = append(t.AppendEntry(line[:0], e, now), '\n')
			out.Write(line) // the first error stays and Flush returns it
		}
		return true
	})
	return out.Flush()
}

// AppendEntry appends an entry as `conntrack -L -o extended` prints it.
func (t *Table) AppendEntry(b []byte, e *Entry, now int64) []byte {
	flow := t.Flow(e, now)
	return flow.AppendText(b, &ctnetlink.Style{Layer3: true, Now: time.Unix(0, now)})
}

// Flow tells all of an entry (ctnetlink_fill_info).
func (t *Table) Flow(e *Entry, now int64) ctnetlink.Flow {
	t.know(e)
	x, counted := t.extensionOf(e), t.Counters(e)
	f := ctnetlink.Flow{
		Has:    ctnetlink.Status | ctnetlink.Mark | ctnetlink.Use,
		Tuple:  [2]ctnetlink.Tuple{ctnetlink.Tuple(e.Tuple[0]), ctnetlink.Tuple(e.Tuple[1])},
		Status: e.Status, Mark: e.Mark, ID: e.Number, Use: 1 + x.children, Zone: e.Zone,
		Packets: counted.Packets, Bytes: counted.Bytes, Start: x.start, Stop: x.stop,
		Labels: x.labels, Helper: t.HelperName(e.Helper),
	}
	switch {
	case e.Zone == 0:
	case e.ZoneDir == ZoneBoth:
		f.Has |= ctnetlink.Zone
	case e.ZoneDir == ZoneOriginal:
		f.Has |= ctnetlink.OrigZone
	case e.ZoneDir == ZoneReply:
		f.Has |= ctnetlink.ReplyZone
	}
	if e.Status&nf.CTStatusOffload == 0 { // a flowtable keeps these, the entry does not
		f.Has |= ctnetlink.Timeout
		f.Timeout = uint32(e.secondsLeft(now))
		e.tellProtocol(x, &f)
	}
	if e.Counted() {
		f.Has |= ctnetlink.Counters
	}
	if e.timestamp {
		f.Has |= ctnetlink.Start
		if x.stop != 0 {
			f.Has |= ctnetlink.Stop
		}
	}
	if x.labels != [16]byte{} {
		f.Has |= ctnetlink.Labels
	}
	if f.Helper != "" {
		f.Has |= ctnetlink.Helper
	}
	return f
}

// tellProtocol adds the state of TCP or SCTP, and the lifetimes of GRE.
func (e *Entry) tellProtocol(x *extension, f *ctnetlink.Flow) {
	switch e.L4() {
	case nf.ProtoTCP:
		f.Has |= ctnetlink.State
		f.State = e.TCP.State
	case nf.ProtoSCTP:
		f.Has |= ctnetlink.State
		f.State, f.VTag = x.sctp.State, x.sctp.Tags
	case nf.ProtoGRE:
		for i, lifetime := range x.greTimeout {
			f.GRETimeout[i] = uint32(lifetime / 1e9)
		}
	}
}

// secondsLeft is the time to expiry as listings show it.
func (e *Entry) secondsLeft(now int64) int64 { return e.Remaining(now) / 1e9 }

// StateName gives the name of the state of an entry's protocol, "" where there are no states.
func (t *Table) StateName(e *Entry) string {
	var f ctnetlink.Flow
	e.tellProtocol(t.extensionOf(e), &f)
	return ctnetlink.StateName(e.L4(), f.State)
}

// String gives the tuple as conntrack(8) prints it.
func (t Tuple) String() string { return ctnetlink.Tuple(t).String() }
