package ct

import "nfvm/nf"

// Counters are the packets of an entry and the bytes of their IP packets, by nf.Dir.
type Counters struct{ Packets, Bytes [2]uint64 }

// An extension is what few entries have besides (struct nf_ct_ext). It is made
// when one of its parts is set.
type extension struct {
	labels      [16]byte
	seqAdj      [2]SeqAdj
	start, stop int64
	sctp        SCTP
	// greTimeout holds the lifetimes before and after a reply was seen.
	greTimeout [2]int64
	secmark    uint32
	children   uint32 // entries whose Master this is
}

// extend gives an entry's extension, to be changed.
func (s *slabs) extend(e *Entry) *extension {
	if e.extension == 0 {
		e.extension = s.extensions.take()
	}
	return s.extensions.at(e.extension)
}

// noExtension is that of the others; nobody writes to it.
var noExtension extension

// extensionOf tells what is in an entry's extension, zeros where it has none.
func (s *slabs) extensionOf(e *Entry) *extension {
	if e.extension == 0 {
		return &noExtension
	}
	return s.extensions.at(e.extension)
}

// startCounting makes an entry count from 0.
func (s *slabs) startCounting(e *Entry) {
	if e.counters == 0 {
		e.counters = s.counters.take()
	}
}

// Counted reports whether the entry's packets are counted, which is fixed at its
// creation by net.netfilter.nf_conntrack_acct.
func (e *Entry) Counted() bool { return e.counters != 0 }

// Counters are those of an entry, zeros when its packets are not counted.
func (t *Table) Counters(e *Entry) Counters {
	if e.counters == 0 {
		return Counters{}
	}
	return *t.counters.at(e.counters)
}

// ZeroCounters begins to count an entry's packets and bytes anew.
func (t *Table) ZeroCounters(e *Entry) {
	if e.counters != 0 {
		*t.counters.at(e.counters) = Counters{}
	}
}

// Account counts a packet of size bytes, for packets that the tracker does not see.
func (t *Table) Account(e *Entry, d nf.Dir, size int) { t.AccountMany(e, d, 1, uint64(size)) }

// AccountMany counts so many packets, of so many bytes together.
func (t *Table) AccountMany(e *Entry, d nf.Dir, packets, bytes uint64) {
	if e.counters != 0 {
		c := t.counters.at(e.counters)
		c.Packets[d] += packets
		c.Bytes[d] += bytes
	}
}

// Labels are an entry's connection labels.
func (t *Table) Labels(e *Entry) [16]byte { return t.extensionOf(e).labels }

// Secmark is an entry's security mark, 0 for none.
func (t *Table) Secmark(e *Entry) uint32 { return t.extensionOf(e).secmark }

// SeqAdj is what NAT helpers did to the TCP sequence numbers of a direction.
func (t *Table) SeqAdj(e *Entry, d nf.Dir) SeqAdj { return t.extensionOf(e).seqAdj[d] }

// SetSeqAdj changes what SeqAdj tells.
func (t *Table) SetSeqAdj(e *Entry, d nf.Dir, to SeqAdj) { t.extend(e).seqAdj[d] = to }

// SCTP is the record of an entry that is an association, to be changed.
func (t *Table) SCTP(e *Entry) *SCTP { return &t.extend(e).sctp }
