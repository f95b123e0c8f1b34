package ct

import "nfvm/nf"

// offloadLifetime is what an entry has left to live while a flowtable keeps it
// (NF_CT_DAY).
const offloadLifetime = 24 * 3600 * 1e9

// BeginOffload gives an entry into the keeping of a flowtable
// (flow_offload_add): TCP windows, which the tracker no longer sees move, are
// not enforced any more.
func (t *Table) BeginOffload(e *Entry) {
	e.Status |= nf.CTStatusOffload
	if e.L4() == nf.ProtoTCP {
		e.TCP.Seen[0].Flags |= tcpBeLiberal
		e.TCP.Seen[1].Flags |= tcpBeLiberal
	}
	t.Refresh(e, offloadLifetime)
}

// KeepOffloaded lets the entry of a flow that is still in use live on
// (nf_flow_table_extend_ct_timeout).
func (t *Table) KeepOffloaded(e *Entry) {
	const enough = 5 * 60 * 1e9
	if e.Expires-t.now < enough && (e.L4() != nf.ProtoTCP || e.TCP.State == TCPEstablished) {
		t.Refresh(e, offloadLifetime)
	}
}

// EndOffload takes an entry back at an instant (flow_offload_teardown). Closing
// tells that a FIN or reset has passed, so that the connection is over; idle is
// how long no packet has, 0 if the flow did not end for that.
func (t *Table) EndOffload(e *Entry, at int64, closing bool, idle int64) {
	e.Status &^= nf.CTStatusOffload
	to := t.timeouts(e)
	var lifetime int64
	switch e.L4() {
	case nf.ProtoTCP:
		if closing {
			e.TCP.State, idle = TCPClose, 0
		}
		if e.TCP.State == TCPClose {
			e.TCP.Seen[0].Flags |= tcpCloseInit // so that it may be opened anew
		}
		for i := range e.TCP.Seen {
			e.TCP.Seen[i].MaxWin = 0
			e.TCP.Seen[i].Flags &^= tcpMaxAckSet
		}
		lifetime = to[e.TCP.State]
	case nf.ProtoUDP:
		lifetime = to[TimeoutUnreplied]
		if e.Status&nf.CTStatusSeenReply != 0 {
			lifetime = to[TimeoutReplied]
		}
	default:
		return
	}
	expires := at + max(lifetime-idle, 0)
	if closing || e.Expires > expires {
		t.SetTimeout(e, expires-t.now)
	}
}
