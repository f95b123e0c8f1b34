package ct

import "nfvm/nf"

// SCTP states of an entry (enum sctp_conntrack).
const (
	SCTPNone = iota
	SCTPClosed
	SCTPCookieWait
	SCTPCookieEchoed
	SCTPEstablished
	SCTPShutdownSent
	SCTPShutdownRecd
	SCTPShutdownAckSent
	SCTPHeartbeatSent
	sctpStates
)

// SCTP is the tracker's record of an association (struct ip_ct_sctp); Tags
// holds the verification tags that packets of a direction carry, by nf.Dir.
type SCTP struct {
	Tags    [2]uint32
	State   uint8
	init    [2]bool
	lastDir uint8
	failed  bool // a heartbeat of lastDir had the wrong tag
}

// followSCTP tracks SCTP (nf_conntrack_proto_sctp.c).
func (t *Table) followSCTP(e *Entry, d nf.Dir, h *header, checked bool) result {
	if len(h.l4) < sctpHeaderSize || checked && !h.sctpSumOK() {
		return invalid
	}
	m := sctpMessage{tag: be.Uint32(h.l4[4:]), chunks: h.l4[sctpHeaderSize:]}
	a := t.SCTP(e)
	switch {
	case !m.survey(),
		!e.Confirmed() && !a.begin(&m),
		m.tag != a.Tags[d] && !m.ownTagRule():
		return invalid
	}
	next := uint8(SCTPNone)
	for rest := m.chunks; len(rest) >= chunkSize; rest = nextChunk(rest) {
		ok, skip := a.checkTag(d, &m, rest[0], rest[1])
		if !ok {
			return invalid
		}
		if skip {
			continue
		}
		old := a.State
		if next = sctpNext(uint8(d), rest[0], old); next == sctpInvalid {
			return invalid
		}
		if !a.noteInit(d, rest) {
			return invalid
		}
		if rest[0] == chunkInit && old == SCTPClosed && next == SCTPClosed && e.Confirmed() {
			m.ignore = true // a repeated INIT does not prolong the wait
		}
		a.State = next
		if old != next {
			t.Notify(e, EventProtoInfo)
			if next == SCTPEstablished {
				t.assure(e)
			}
		}
	}
	if !m.ignore {
		t.refresh(e, d, len(h.ip), t.timeouts(e)[next])
	}
	return accept
}
