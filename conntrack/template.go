package conntrack

import (
	"nfvm/ctnetlink"
	"nfvm/nf"
	"nfvm/packet"
)

// An attr is a set of a template's attributes.
type attr uint32

const (
	attrL3 attr = 1 << iota // of the original direction, and what follows
	attrL4
	attrSrc
	attrDst
	attrSrcPort
	attrDstPort
	attrReplyL3
	attrReplyL4
	attrReplySrc
	attrReplyDst
	attrReplySrcPort
	attrReplyDstPort
	attrICMPType
	attrICMPCode
	attrICMPID
	attrTimeout
	attrStatus
	attrState
	attrZone
	attrOrigZone
	attrReplyZone
	attrID
	attrSNATAddr // IPv4 only, as the tool compares no others
	attrSNATPort
	attrDNATAddr
	attrDNATPort
	attrTags
	attrSNAT6 // of flows to make
	attrDNAT6
	attrNever // what no flow has
)

// A template is what a command line says of a flow: of one to make, or of those to
// pick.
type template struct {
	set      attr
	tuple    [2]ctnetlink.Tuple // by nf.Dir
	icmpType uint8
	icmpCode uint8
	icmpID   uint16
	timeout  uint32
	status   uint32
	state    uint8
	tags     [2]uint32
	zone     uint16 // of both directions
	zones    [2]uint16
	id       uint32
	snat     binding
	dnat     binding
	mark     masked
	// flows are listed whose status and without bits is exactly status
	statusMask uint32
	label      *labels
	change     *labels // to add or to remove; nil: all
	mask       [2]packet.Addr
	expected   ctnetlink.Tuple
	expectMask ctnetlink.Tuple
}

// A binding is an address and a port that NAT gives.
type binding struct {
	addr packet.Addr
	port uint16
}

// A masked is a value of which only some bits count.
type masked struct{ value, mask uint32 }

func (t *template) has(a attr) bool { return t.set&a != 0 }

// matches reports whether a flow has all that the template says (nfct_cmp with
// NFCT_CMP_ALL and NFCT_CMP_MASK).
func (t *template) matches(f *ctnetlink.Flow) bool {
	differ := func(a attr, equal bool) bool { return t.has(a) && !equal }
	switch {
	case t.has(attrNever),
		differ(attrID, t.id == f.ID),
		differ(attrTimeout, f.Has&ctnetlink.Timeout != 0 && t.timeout == f.Timeout),
		differ(attrStatus, uint32(f.Status)&t.status == t.status),
		differ(attrState, f.Has&ctnetlink.State != 0 && t.state == f.State),
		differ(attrZone, t.zone == zoneIf(f, ctnetlink.Zone)):
		return false
	}
	return t.matchesHalf(f, nf.DirOriginal) && t.matchesHalf(f, nf.DirReply)
}

func zoneIf(f *ctnetlink.Flow, has ctnetlink.Attr) uint16 {
	if f.Has&has != 0 {
		return f.Zone
	}
	return 0
}

// half gives an attribute of the original direction for a direction.
func (a attr) half(d nf.Dir) attr {
	if d == nf.DirReply {
		return a << 6
	}
	return a
}

// matchesHalf compares one direction.
func (t *template) matchesHalf(f *ctnetlink.Flow, d nf.Dir) bool {
	want, got := &t.tuple[d], &f.Tuple[d]
	differ := func(a attr, equal bool) bool { return t.has(a.half(d)) && !equal }
	zone, has := attrOrigZone, ctnetlink.OrigZone
	if d == nf.DirReply {
		zone, has = attrReplyZone, ctnetlink.ReplyZone
	}
	return !differ(attrL3, want.L3 == got.L3) &&
		!differ(attrL4, t.matchesL4(f, d)) &&
		!differ(attrSrc, want.Src == got.Src) &&
		!differ(attrDst, want.Dst == got.Dst) &&
		!(t.has(zone) && t.zones[d] != zoneIf(f, has))
}

// matchesL4 compares the protocol and its identifiers. Keys of GRE are not
// compared, and identifiers of ICMP are those of the original direction always.
func (t *template) matchesL4(f *ctnetlink.Flow, d nf.Dir) bool {
	want, got := &t.tuple[d], &f.Tuple[d]
	if want.L4 != got.L4 {
		return false
	}
	switch got.L4 {
	case nf.ProtoICMP, nf.ProtoICMPv6:
		o := &f.Tuple[nf.DirOriginal]
		return !(t.has(attrICMPID) && t.icmpID != o.SrcID ||
			t.has(attrICMPCode) && t.icmpCode != uint8(o.DstID) ||
			t.has(attrICMPType) && t.icmpType != uint8(o.DstID>>8))
	case nf.ProtoTCP, nf.ProtoUDP, nf.ProtoUDPLite, nf.ProtoDCCP, nf.ProtoSCTP:
		// The kernel of today tells no ports of DCCP, and so they never match.
		none := got.L4 == nf.ProtoDCCP
		return !(t.has(attrSrcPort.half(d)) && (none || want.SrcID != got.SrcID) ||
			t.has(attrDstPort.half(d)) && (none || want.DstID != got.DstID))
	}
	return true
}
