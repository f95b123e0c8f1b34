package ct

import (
	"slices"

	"nfvm/nf"
	"nfvm/packet"
)

// A packet of PPTP's GRE names only the call id of its receiver. Control
// connections know the sender's as well, and enter it here (nf_ct_gre_keymap).

// A greCall is what a GRE packet tells of its call.
type greCall struct {
	src, dst packet.Addr
	key      uint16
}

// A greSender is the call id that the sender of these packets has, by a control
// connection; the first one counts.
type greSender struct {
	master uint32
	key    uint16
}

// greKeys finds senders by call, and by control connection and direction the calls
// that it has entered.
type greKeys struct {
	senders map[greCall][]greSender
	calls   map[uint32]*[2]*greCall
}

// AddGREKeys makes GRE packets in one direction of a control connection have the
// source key src if their own key is dst. Where others were entered before, it
// fails.
func (t *Table) AddGREKeys(master *Entry, d nf.Dir, src, dst uint16) bool {
	k := &t.greKeys
	if k.calls == nil {
		k.calls, k.senders = map[uint32]*[2]*greCall{}, map[greCall][]greSender{}
	}
	mine := k.calls[master.ID]
	if mine == nil {
		mine = new([2]*greCall)
		k.calls[master.ID] = mine
	}
	call := greCall{master.Tuple[d].Src, master.Tuple[d].Dst, dst}
	if mine[d] != nil {
		return *mine[d] == call
	}
	mine[d] = &call
	k.senders[call] = append(k.senders[call], greSender{master.ID, src})
	return true
}

// DropGREKeys forgets what a control connection has entered.
func (t *Table) DropGREKeys(master uint32) {
	mine := t.greKeys.calls[master]
	if mine == nil {
		return
	}
	delete(t.greKeys.calls, master)
	for _, call := range mine {
		if call == nil {
			continue
		}
		left := slices.DeleteFunc(t.greKeys.senders[*call], func(s greSender) bool { return s.master == master })
		if len(left) == 0 {
			delete(t.greKeys.senders, *call)
		} else {
			t.greKeys.senders[*call] = left
		}
	}
}

// tupleOf gives the tuple of a packet, in its own direction.
func (t *Table) tupleOf(h *header) (tuple Tuple, ok bool) {
	tuple, ok = h.tuple()
	if ok && tuple.L4 == nf.ProtoGRE && tuple.DstID != 0 && len(t.greKeys.senders) > 0 {
		if s := t.greKeys.senders[greCall{tuple.Src, tuple.Dst, tuple.DstID}]; len(s) > 0 {
			tuple.SrcID = s[0].key
		}
	}
	return tuple, ok
}
