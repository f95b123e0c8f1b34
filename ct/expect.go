package ct

import (
	"nfvm/nf"
	"nfvm/packet"
)

// ExpectFlags are those of an expectation (NF_CT_EXPECT_).
type ExpectFlags uint8

// Flags of an expectation.
const (
	ExpectPermanent ExpectFlags = 1 << iota // admits any number of flows
	ExpectInactive                          // admits none yet
	ExpectUserspace                         // made by a program, outside of any policy
)

// An ExpectFunc says what is done with the flow that fulfills an expectation
// (struct nf_conntrack_expect, expectfn). Its number is part of saved tables.
type ExpectFunc uint8

// Functions of expectations; Table.OnExpected says what they do.
const (
	ExpectPlain          ExpectFunc = iota
	ExpectFollowMaster              // translate it as its master (nf_nat_follow_master)
	ExpectSIP                       // nf_nat_sip_expected
	ExpectPPTP                      // pptp_expectfn
	ExpectPPTPNAT                   // pptp_nat_expected
	ExpectH245                      // nf_conntrack_h245_expect
	ExpectQ931                      // nf_conntrack_q931_expect
	ExpectQ931NAT                   // ip_nat_q931_expect
	ExpectCallForwarding            // ip_nat_callforwarding_expect
	expectFuncs
)

// A SourceMask says which part of the source of an expected tuple counts: bits
// of the address, and all or none of the port.
type SourceMask struct {
	Addr packet.Addr
	ID   uint16
}

// An Expectation announces a flow that belongs to another one, its master
// (struct nf_conntrack_expect). Whoever makes one fills the exported fields but
// Expires and gives it to Table.Expect, to which it then belongs.
type Expectation struct {
	// Tuple is that of the first packet, as it arrives; Mask says what of its
	// source counts. The destination counts in full.
	Tuple  Tuple
	Mask   SourceMask
	Master uint32 // id of an entry
	Zone   uint16 // the master's, set by Table.Expect
	Class  uint8  // index of the policies of the master's helper
	Flags  ExpectFlags
	// Helper is what the flow gets for a helper, a handle or 0.
	Helper uint16
	// Lifetime in nanoseconds holds where the master's helper has no policy.
	Lifetime int64
	// Expires is an instant.
	Expires int64

	// Fn is done with the flow. What NAT needs for it: the address and port that
	// were announced before mangling, and the direction of the master in which the
	// flow will go.
	Fn        ExpectFunc
	SavedAddr packet.Addr
	SavedID   uint16
	Dir       nf.Dir

	expectLinks
}

// expectLinks are an expectation's places in the table's structures.
type expectLinks struct {
	linked  bool
	seq     uint64
	same    *Expectation // older one with the same destination
	sibling *Expectation // older one of the same master
	place   int          // in the heap of timers
}

// NewExpectation announces a flow of protocol l4 from src (port srcID if not 0)
// to dst and dstID; a nil src stands for any (nf_ct_expect_init).
func NewExpectation(master *Entry, class, l4 uint8, src *packet.Addr, dst packet.Addr, srcID *uint16, dstID uint16) *Expectation {
	x := &Expectation{Master: master.ID, Class: class}
	x.Tuple = Tuple{Dst: dst, DstID: dstID, L3: master.Tuple[0].L3, L4: l4}
	if src != nil {
		x.Tuple.Src = *src
		for i := range packet.Size(nf.Family(x.Tuple.L3)) {
			x.Mask.Addr[i] = 0xff
		}
	}
	if srcID != nil {
		x.Tuple.SrcID, x.Mask.ID = *srcID, 0xffff
	}
	return x
}

// Pending reports whether the table waits for the flow.
func (x *Expectation) Pending() bool { return x.linked }

// admits reports whether tuple is what is expected, where mask says what of the
// source counts (nf_ct_tuple_mask_cmp).
func (x *Expectation) admits(tuple *Tuple, mask *SourceMask) bool {
	if tuple.Dst != x.Tuple.Dst || tuple.DstID != x.Tuple.DstID || tuple.L3 != x.Tuple.L3 || tuple.L4 != x.Tuple.L4 ||
		(tuple.SrcID^x.Tuple.SrcID)&mask.ID != 0 {
		return false
	}
	for i := range tuple.Src {
		if (tuple.Src[i]^x.Tuple.Src[i])&mask.Addr[i] != 0 {
			return false
		}
	}
	return true
}

// clashes reports whether some flow would fulfill both.
func (x *Expectation) clashes(y *Expectation) bool {
	both := SourceMask{ID: x.Mask.ID & y.Mask.ID}
	for i := range both.Addr {
		both.Addr[i] = x.Mask.Addr[i] & y.Mask.Addr[i]
	}
	return x.Zone == y.Zone && x.admits(&y.Tuple, &both)
}

// equals reports whether both announce the same flows.
func (x *Expectation) equals(y *Expectation) bool {
	return x.Zone == y.Zone && x.Tuple == y.Tuple && x.Mask == y.Mask
}
