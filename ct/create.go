package ct

import (
	"slices"

	"nfvm/internal/hashindex"
	"nfvm/nf"
)

// create makes the unconfirmed entry of a new flow. Without an entry, the
// verdict tells what becomes of the packet.
func (t *Table) create(tuple *Tuple, zone Zone, h *header) (*Entry, nf.Verdict) {
	reply, ok := tuple.Invert()
	if !ok {
		t.Stats.Invalid++
		return nil, nf.Accept
	}
	e, v := t.newEntry(*tuple, zone)
	if e == nil {
		return nil, v
	}
	e.Tuple = [2]Tuple{*tuple, reply}
	t.fulfill(e)
	t.newProtocol(e)
	return e, nf.Accept
}

// newEntry makes an entry, if there is room, for a flow that begins with a tuple,
// and sets what does not depend on tuples.
func (t *Table) newEntry(tuple Tuple, zone Zone) (*Entry, nf.Verdict) {
	limit := int(t.Sysctl.Max)
	if limit != 0 && t.count >= limit {
		t.Sweep(t.now) // which may have been bounded before
	}
	if limit != 0 && t.count >= limit && !t.earlyDrop(&tuple, zone) {
		t.Stats.Drop++
		return nil, nf.Drop
	}
	e := t.alloc()
	if e == nil {
		t.Stats.Drop++
		return nil, nf.Drop
	}
	t.count++
	t.seq++
	e.Seq = t.seq
	e.Number = uint32(hashindex.Fold(t.seed^t.seq, 0x9e3779b97f4a7c15))
	e.Zone, e.ZoneDir = zone.ID, zone.Dir
	if t.Sysctl.Events != 0 {
		e.EventMask = ^uint16(0)
	}
	if t.Sysctl.Acct {
		t.startCounting(e)
	}
	e.timestamp = t.Sysctl.Timestamp
	e.HasLabels = t.UseLabels
	return e, nf.Accept
}

// newProtocol sets what a protocol fixes at creation.
func (t *Table) newProtocol(e *Entry) {
	switch e.L4() {
	case nf.ProtoUDP:
		e.streamAt = t.now + streamDelay
	case nf.ProtoGRE:
		to := t.timeouts(e)
		t.extend(e).greTimeout = [2]int64{to[TimeoutUnreplied], to[TimeoutReplied]}
	}
}

// earlyDropBuckets is how many hash buckets are searched for an entry that can
// make room for a new one.
const earlyDropBuckets = 8

// earlyDrop makes room: it deletes all entries that are neither assured nor
// dying in the first bucket, of the new tuple's and the following ones, that
// has any. It reports whether there were some.
func (t *Table) earlyDrop(tuple *Tuple, zone Zone) bool {
	first := hashindex.Bucket(t.index.hash(tuple, zone.In(nf.DirOriginal)), t.buckets)
	for i := range uint64(earlyDropBuckets) {
		victims := t.droppable((first + i) % t.buckets)
		for _, e := range victims {
			if e.Dying() { // with its control connection
				continue
			}
			t.Stats.EarlyDrop++
			t.delete(e, t.now)
		}
		if len(victims) > 0 {
			return true
		}
	}
	return false
}

// droppable lists the entries of a bucket that may be sacrificed, oldest
// first.
func (t *Table) droppable(b uint64) []*Entry {
	victims := t.victims[:0]
	t.index.InBucket(b, t.buckets, func(half uint32) {
		e := t.at(halfID(half).slot())
		if e.Status&nf.CTStatusAssured == 0 && !slices.Contains(victims, e) {
			victims = append(victims, e)
		}
	})
	slices.SortFunc(victims, func(a, b *Entry) int { return int(a.Seq) - int(b.Seq) })
	t.victims = victims
	return victims
}
