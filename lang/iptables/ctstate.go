package iptables

import (
	"strings"

	"nfvm/lang"
	"nfvm/xt"
)

// A bitName is a word for a bit.
type bitName struct {
	name string
	bit  uint64
}

var stateBits = []bitName{
	{"INVALID", stateInvalid}, {"NEW", stateNew}, {"ESTABLISHED", stateEstablished},
	{"RELATED", stateRelated}, {"UNTRACKED", stateUntracked},
}

// The bits that --ctstate takes besides states stand for bits of the status.
const natShift = 8

var ctStateBits = append(stateBits[:len(stateBits):len(stateBits)],
	bitName{"SNAT", statusSNAT << natShift}, bitName{"DNAT", statusDNAT << natShift})

var ctStatusBits = []bitName{
	{"NONE", 0}, {"EXPECTED", statusExpected}, {"SEEN_REPLY", statusSeenReply},
	{"ASSURED", statusAssured}, {"CONFIRMED", statusConfirmed},
}

// bitList reads a list of names, each by its beginning in any case.
func (s *spec) bitList(w word, table []bitName) (bits uint64, ok bool) {
	ok = true
	for _, p := range w.split(",") {
		bit, found := uint64(0), false
		for _, n := range table {
			if p.text != "" && len(p.text) <= len(n.name) && strings.EqualFold(n.name[:len(p.text)], p.text) {
				bit, found = n.bit, true
				break
			}
		}
		if !found {
			var known []string
			for _, n := range table {
				known = append(known, n.name)
			}
			s.errorf(p.span, "unknown word %q%s", p.text, didYouMean(strings.ToUpper(p.text), known))
			ok = false
		}
		bits |= bit
	}
	return bits, ok
}

// anyBit tests that one of the bits is on, or with not that none is.
func (b build) anyBit(x lang.Expr, bits uint64, not bool) lang.Stmt {
	op := lang.OpNeq
	if not {
		op = lang.OpEq
	}
	return b.match(op, b.binary(lang.OpAnd, x, b.value(bits)), b.value(0))
}

// lowerCTState expresses --ctstate: the packet's state, or that the connection
// is translated, is in the list.
func lowerCTState(r *lowering, g *given) {
	bits, ok := r.bitList(g.args[0], ctStateBits)
	states, status := bits&(1<<natShift-1), bits>>natShift
	switch {
	case !ok:
	case status == 0:
		r.emit(r.anyBit(r.ct("", "", "state"), states, g.negated()))
	case states == 0 && !g.negated():
		r.emit(r.anyBit(r.ct("", "", "status"), status, false))
	default:
		r.stateOrNAT(states, status, g.negated())
	}
}

// stateOrNAT compares the state and the status at once.
func (l *lowering) stateOrNAT(states, status uint64, not bool) {
	info := xt.Conntrack{MatchFlags: xt.ConntrackState, StateMask: uint16(states) & 0xf}
	if states&stateUntracked != 0 {
		info.StateMask |= xt.StateUntracked
	}
	if status&statusSNAT != 0 {
		info.StateMask |= xt.StateSNAT
	}
	if status&statusDNAT != 0 {
		info.StateMask |= xt.StateDNAT
	}
	if not {
		info.InvertFlags = xt.ConntrackState
	}
	l.matchXT("conntrack", 3, &info)
}

// tracked asks for a packet that has a connection.
func (l *lowering) tracked() {
	l.emit(l.anyBit(l.ct("", "", "state"), stateInvalid|stateUntracked, true))
}

// lowerCTStatus expresses --ctstatus: one of the bits is on. NONE adds no bit to
// the list, so alone it is never true; its negation is true of any connection.
func lowerCTStatus(r *lowering, g *given) {
	bits, ok := r.bitList(g.args[0], ctStatusBits)
	if !ok {
		return
	}
	switch {
	case bits == 0 && !g.negated():
		r.tracked() // which also has connections tracked
		r.never()
		return
	case bits == 0:
		r.tracked()
		return
	}
	r.emit(r.anyBit(r.ct("", "", "status"), bits, g.negated()))
}
