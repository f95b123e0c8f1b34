package ct

import (
	"nfvm/nf"
	"nfvm/packet"
)

// A record is one entry in a file of saved connections, field by field in this
// order, little-endian, without padding. Names and policies are numbers of the
// file's lists, from 1; 0 is none. A change here is a new savedVersion.
type record struct {
	Seq             uint64
	ID, Master      uint32 // as they were in the table
	Number          uint32
	Tuple           [2]recordTuple
	Status, Mark    uint32
	Zone            uint16
	ZoneDir, Flags  uint8
	Packets, Bytes  [2]uint64
	Labels          [16]byte
	Expires, Start  int64 // nanoseconds since the epoch
	Helper, Policy  uint16
	Link, EventMask uint16 // Link: of masquerade
	SeqAdj          [2]SeqAdj
	TCP             recordTCP
	SCTP            recordSCTP
	StreamAt        int64
	GREUnreplied    int64
	GREReplied      int64
}

type recordTuple struct {
	Src, Dst     packet.Addr
	SrcID, DstID uint16
	L3, L4       uint8
}

type recordTCP struct {
	Seen                          [2]TCPSide
	State, LastDir, LastClass     uint8
	Retrans, LastScale, LastFlags uint8
	LastWin                       uint16
	LastSeq, LastAck, LastEnd     uint32
}

type recordSCTP struct {
	Tags           [2]uint32
	State, LastDir uint8
	Init           [2]bool
	Failed         bool
}

// Bits of record.Flags.
const (
	recordAcct = 1 << iota
	recordLabels
	recordTimestamp
)

// restorable are the status bits that outlive a restart. A flow that a flowtable
// had taken goes through the rules again until it is added anew.
const restorable = nf.CTStatusExpected | nf.CTStatusSeenReply | nf.CTStatusAssured | nf.CTStatusConfirmed |
	nf.CTStatusSrcNAT | nf.CTStatusDstNAT | nf.CTStatusSeqAdjust | nf.CTStatusSrcNATDone |
	nf.CTStatusDstNATDone | nf.CTStatusFixedTimeout | nf.CTStatusHelper

// newRecord describes an entry but for the fields that are numbers of lists.
func (t *Table) newRecord(e *Entry) record {
	t.know(e)
	x, n, a := t.extensionOf(e), t.Counters(e), &t.extensionOf(e).sctp
	r := record{
		Seq: e.Seq, ID: e.ID, Master: e.Master, Number: e.Number,
		Status: uint32(e.Status & restorable), Mark: e.Mark, Zone: e.Zone, ZoneDir: e.ZoneDir,
		Packets: n.Packets, Bytes: n.Bytes, Labels: x.labels, Expires: e.Expires, Start: x.start,
		EventMask: e.EventMask, SeqAdj: x.seqAdj,
		SCTP:     recordSCTP{a.Tags, a.State, a.lastDir, a.init, a.failed},
		StreamAt: e.streamAt, GREUnreplied: x.greTimeout[0], GREReplied: x.greTimeout[1],
	}
	for d := range r.Tuple {
		r.Tuple[d] = recordTuple(e.Tuple[d])
	}
	c := &e.TCP
	r.TCP = recordTCP{
		Seen: c.Seen, State: c.State, LastDir: c.lastDir, LastClass: c.lastClass,
		Retrans: c.retrans, LastScale: c.lastScale, LastFlags: c.lastFlags,
		LastWin: c.lastWin, LastSeq: c.lastSeq, LastAck: c.lastAck, LastEnd: c.lastEnd,
	}
	r.Flags = flagIf(recordAcct, e.Counted()) | flagIf(recordLabels, e.HasLabels) | flagIf(recordTimestamp, e.timestamp)
	return r
}

func flagIf(flag uint8, set bool) uint8 {
	if set {
		return flag
	}
	return 0
}

// fill is the inverse of newRecord; an entry's identity stays its own.
func (t *Table) fill(e *Entry, r *record) {
	for d := range r.Tuple {
		e.Tuple[d] = Tuple(r.Tuple[d])
	}
	e.Number, e.Mark, e.Zone, e.ZoneDir = r.Number, r.Mark, r.Zone, r.ZoneDir
	e.Status = nf.CTStatus(r.Status) & restorable
	e.Expires, e.EventMask, e.streamAt = r.Expires, r.EventMask, r.StreamAt
	e.HasLabels = r.Flags&recordLabels != 0
	e.timestamp = r.Flags&recordTimestamp != 0
	c := &r.TCP
	e.TCP = TCP{
		Seen: c.Seen, State: c.State, lastDir: c.LastDir, lastClass: c.LastClass,
		retrans: c.Retrans, lastScale: c.LastScale, lastFlags: c.LastFlags,
		lastWin: c.LastWin, lastSeq: c.LastSeq, lastAck: c.LastAck, lastEnd: c.LastEnd,
	}
	if r.Flags&recordAcct != 0 {
		t.startCounting(e)
		*t.counters.at(e.counters) = Counters{r.Packets, r.Bytes}
	}
	x := extension{
		labels: r.Labels, seqAdj: r.SeqAdj, start: r.Start, greTimeout: [2]int64{r.GREUnreplied, r.GREReplied},
		sctp: SCTP{Tags: r.SCTP.Tags, State: r.SCTP.State, init: r.SCTP.Init, lastDir: r.SCTP.LastDir, failed: r.SCTP.Failed},
	}
	if x != (extension{}) {
		*t.extend(e) = x
	}
}

// maxLifetime is the longest timeout that the kernel's interfaces can express,
// 2^32 seconds, in nanoseconds.
const maxLifetime = 1 << 32 * 1e9

// sane reports whether the table could have made such an entry: a file may hold
// anything.
func (r *record) sane() bool {
	o, a := Tuple(r.Tuple[0]), Tuple(r.Tuple[1])
	if o.L3 != uint8(nf.FamilyIPv4) && o.L3 != uint8(nf.FamilyIPv6) || o.L3 != a.L3 || o.L4 != a.L4 {
		return false
	}
	if _, ok := o.Invert(); !ok {
		return false
	}
	if _, ok := a.Invert(); !ok {
		return false
	}
	c, s := &r.TCP, &r.SCTP
	return r.Status&uint32(nf.CTStatusConfirmed) != 0 &&
		r.ZoneDir >= ZoneOriginal && r.ZoneDir <= ZoneBoth &&
		c.State < tcpStates && c.LastDir <= 1 && c.LastClass < tcpClasses &&
		max(c.Seen[0].Scale, c.Seen[1].Scale, c.LastScale) <= maxWindowScale &&
		s.State < sctpStates && s.LastDir <= 1 &&
		r.Start >= 0 && r.StreamAt >= 0 && min(r.GREUnreplied, r.GREReplied) >= 0 &&
		max(r.GREUnreplied, r.GREReplied) <= maxLifetime
}
