// Package ct is connection tracking: it knows which packets belong together
// and what a protocol allows next.
//
// A connection is an Entry. It has two tuples, one for each direction, and the
// table finds it by either. The life of an entry is that of the kernel's
// (net/netfilter/nf_conntrack_core.c):
//
//	Track    (PREROUTING and OUTPUT, priority -200) finds or makes the entry of
//	         a packet and runs the tracker of its protocol;
//	Confirm  (INPUT and POSTROUTING, last) puts a new entry into the table, so
//	         that a packet dropped on the way leaves nothing behind;
//	Release  frees a new entry whose packet was dropped;
//	Sweep    deletes what has expired by the packets' clock.
//
// Trackers are tables where the protocol has states (tcp_table.go,
// sctp_table.go) and a few lines where it has none. Entries lie in slabs that
// hold no pointers, so the collector never scans them; what few of them have lies
// in pools beside (extension.go). A packet carries an entry's id, a slot number
// with a generation, and the index maps a tuple's hash to a slot. Time is int64
// nanoseconds since the epoch and, like randomness, comes from the caller. A Table
// is for one goroutine at a time, but for packets of established flows, which
// Followers take through it side by side (follower.go).
//
// Text is that of conntrack(8) 1.4.7, for `conntrack -L -o extended`
// and `conntrack -E -o timestamp`.
package ct
