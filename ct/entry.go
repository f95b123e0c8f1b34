package ct

import "nfvm/nf"

// An Entry is one tracked connection (struct nf_conn). It holds no pointers;
// other entries are named by id. All times are nanoseconds since the epoch. What
// every packet needs comes first, and what few entries have is elsewhere, to be
// asked for by methods of the Table: a table of millions is to fit into memory.
type Entry struct {
	// Tuple is indexed by nf.Dir. The reply tuple differs from the inverse of
	// the original one where NAT translates.
	Tuple  [2]Tuple
	Status nf.CTStatus
	Mark   uint32
	// ID is the value of packet.Packet.CT for this entry.
	ID uint32
	// Expires is the instant of expiry of a confirmed entry, and the lifetime
	// from confirmation of an unconfirmed one.
	Expires int64
	// streamAt is when a UDP flow with traffic both ways becomes a stream.
	streamAt int64
	// Helper and Policy are handles given by Table.RegisterHelper and
	// Table.RegisterPolicy, 0 for none.
	Helper, Policy uint16
	// EventMask has a bit for each event that is reported (`ct event set`).
	EventMask uint16

	Zone    uint16
	ZoneDir uint8
	// HasLabels tells whether some rule used labels when the entry was made.
	HasLabels bool
	timestamp bool // net.netfilter.nf_conntrack_timestamp was on at creation
	proxied   bool // by a SYN proxy, see Proxy
	// Seen is for who may follow flows in the table's place: how many packets they
	// have seen or, when they do, Elsewhere.
	Seen int16

	TCP TCP

	// MasqIndex is the interface that a masquerade rule bound the entry to.
	MasqIndex int32
	// Master is the entry whose expectation this one fulfills, 0 for none.
	Master uint32
	// Number is the value of `ct id`, which never changes during a life.
	Number uint32
	// BySource names the newer and the older entry with the same original
	// source; NAT keeps it.
	BySource [2]uint32
	// Seq counts creations; listings are in this order.
	Seq uint64

	links
}

// links are an entry's places in the table's structures.
type links struct {
	state     slotState
	gen       uint8
	events    uint16 // cached until Confirm
	due       int32  // position in the expiry queue plus one
	older     uint32 // neighbors in creation order, slots; 0: none
	newer     uint32 // also the free list
	counters  uint32 // number of its Counters, 0: not counted
	extension uint32 // number of its extension, 0: none
	// taken is 1 while a Follower has the entry, see acquire.
	taken uint32
}

// A SeqAdj is the change of TCP sequence numbers in one direction: by Before
// up to and including Pos, by After beyond it (struct nf_ct_seqadj).
type SeqAdj struct {
	Pos           uint32
	Before, After int32
}

func (s *SeqAdj) offset(seq uint32) uint32 {
	if after(seq, s.Pos) {
		return uint32(s.After)
	}
	return uint32(s.Before)
}

// Confirmed reports whether the entry was put into the table.
func (e *Entry) Confirmed() bool { return e.Status&nf.CTStatusConfirmed != 0 }

// Dying reports whether the entry was deleted. A packet that held it when this
// happened can go on reading it.
func (e *Entry) Dying() bool { return e.Status&nf.CTStatusDying != 0 }

// ZoneOf gives the entry's zone.
func (e *Entry) ZoneOf() Zone { return Zone{ID: e.Zone, Dir: e.ZoneDir} }

// L4 gives the protocol of the flow.
func (e *Entry) L4() uint8 { return e.Tuple[nf.DirOriginal].L4 }

// jiffy is the kernel's unit of time with HZ=250, the usual setting.
const jiffy = 4e6

// Remaining gives the time to expiry in nanoseconds, 0 for an unconfirmed
// entry, as `ct expiration` reads it: the kernel counts in jiffies, so that a
// new entry has its whole timeout before it.
func (e *Entry) Remaining(now int64) int64 {
	if !e.Confirmed() || e.Expires <= now {
		return 0
	}
	return (e.Expires/jiffy - now/jiffy) * jiffy
}
