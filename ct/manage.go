package ct

import (
	"slices"

	"nfvm/nf"
)

// What programs do to the table themselves, as they do over ctnetlink.

// managed are the changes that the kernel reports of an entry that a program made
// or changed, whatever it changed.
const managed = EventReply | EventAssured | EventHelper | EventProtoInfo | EventSeqAdj | EventMark | EventSynproxy

// Make makes an entry that is not in the table yet; Add puts it there, Discard
// frees it. It gives nil when the table has no room.
func (t *Table) Make(tuple, reply Tuple, zone Zone) *Entry {
	e, _ := t.newEntry(tuple, zone)
	if e != nil {
		e.Tuple = [2]Tuple{tuple, reply}
	}
	return e
}

// Add puts an entry of Make into the table for some nanoseconds, and reports
// whether the place of its tuples was free.
func (t *Table) Add(e *Entry, lifetime int64) bool {
	z := e.ZoneOf()
	for d := nf.DirOriginal; d <= nf.DirReply; d++ {
		if taken, _ := t.findHash(t.index.hash(&e.Tuple[d], z.In(d)), &e.Tuple[d], z); taken != nil {
			t.Stats.InsertFailed++
			return false
		}
	}
	e.Expires = min(lifetime, longestLifetime)
	t.begin(e)
	t.insert(e, false)
	t.Stats.Added++
	t.emit(e, EventNew|managed, t.now)
	return true
}

// Discard frees an entry of Make that was not added.
func (t *Table) Discard(e *Entry) {
	if e.state == slotUnconfirmed {
		t.forget(e, t.now)
		t.release(e)
	}
}

// longestLifetime is what the kernel's counter of jiffies holds, in nanoseconds.
const longestLifetime = (1<<31 - 1) * jiffy

// SetLifetime lets an entry live for some nanoseconds from now, also one whose
// lifetime is fixed.
func (t *Table) SetLifetime(e *Entry, lifetime int64) {
	t.SetTimeout(e, min(lifetime, longestLifetime))
}

// unchangeable are the status bits that programs can't change
// (IPS_UNCHANGEABLE_MASK).
const unchangeable = nf.CTStatusSrcNATDone | nf.CTStatusDstNATDone | nf.CTStatusSrcNAT | nf.CTStatusDstNAT |
	nf.CTStatusExpected | nf.CTStatusConfirmed | nf.CTStatusDying | nf.CTStatusSeqAdjust | nf.CTStatusTemplate |
	nf.CTStatusNATClash | nf.CTStatusOffload

// AddStatus sets status bits of an entry but those that programs can't. It refuses
// to make an entry an expected one (ctnetlink_change_status).
func (t *Table) AddStatus(e *Entry, bits nf.CTStatus) bool {
	if bits&^e.Status&(nf.CTStatusExpected|nf.CTStatusDying) != 0 {
		return false
	}
	e.Status |= bits &^ unchangeable
	return true
}

// SetLabels sets the labels of an entry that has some.
func (t *Table) SetLabels(e *Entry, labels [16]byte) bool {
	if !e.HasLabels {
		return false
	}
	if t.Labels(e) != labels {
		t.extend(e).labels = labels
	}
	return true
}

// Untrack makes a TCP entry that no packet has made follow any segments, and be
// replaced at once by a new connection when it is over.
func (t *Table) Untrack(e *Entry) {
	flags := uint8(tcpBeLiberal | tcpSackPerm)
	if e.TCP.State >= TCPTimeWait {
		flags |= tcpCloseInit
	}
	for d := range e.TCP.Seen {
		e.TCP.Seen[d].Flags |= flags
	}
}

// Changed reports that a program has changed an entry.
func (t *Table) Changed(e *Entry) {
	t.elsewhere(e)
	e.Seen = 0
	t.emit(e, managed|EventLabel, t.now)
}

// FlushExpectations ends all that is expected.
func (t *Table) FlushExpectations() {
	for _, x := range slices.Clone(t.expects.timers) {
		t.Unexpect(x)
	}
}
