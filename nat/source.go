package nat

import (
	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// A sourceKey is what flows of one client socket have in common: source
// address, port or identifier, protocol, and zone.
type sourceKey struct {
	src    packet.Addr
	id     uint16
	zone   uint16
	l3, l4 uint8
}

func keyOf(t *ct.Tuple, zone uint16) sourceKey {
	return sourceKey{src: t.Src, id: t.SrcID, zone: zone, l3: t.L3, l4: t.L4}
}

// sources finds the entries with a given original source, newest first, so
// that one client socket is mapped to the same address and port towards every
// destination. The lists run through the entries themselves.
type sources struct {
	table *ct.Table
	first map[sourceKey]uint32
}

// Positions in ct.Entry.BySource.
const (
	newer = 0
	older = 1
)

// entryKey is the key under which en is listed.
func entryKey(en *ct.Entry) sourceKey {
	return keyOf(&en.Tuple[nf.DirOriginal], en.ZoneOf().In(nf.DirOriginal))
}

// add lists en as the newest of its source.
func (s *sources) add(en *ct.Entry) {
	k := entryKey(en)
	head := s.first[k]
	if old := s.table.Entry(head); old != nil {
		old.BySource[newer] = en.ID
	} else {
		head = 0
	}
	en.BySource = [2]uint32{newer: 0, older: head}
	s.first[k] = en.ID
}

// restore lists an entry of an earlier life of the table.
func (s *sources) restore(en *ct.Entry) {
	if en.Status&nf.CTStatusSrcNATDone != 0 {
		s.add(en)
	}
}

// forget unlists an entry that goes away; one that was never listed is
// recognised by its status.
func (s *sources) forget(en *ct.Entry) {
	if en.Status&nf.CTStatusSrcNATDone == 0 {
		return
	}
	prev, next := en.BySource[newer], en.BySource[older]
	if n := s.table.Entry(next); n != nil {
		n.BySource[newer] = prev
	}
	if p := s.table.Entry(prev); p != nil {
		p.BySource[older] = next
		return
	}
	k := entryKey(en)
	switch {
	case s.first[k] != en.ID:
	case next == 0:
		delete(s.first, k)
	default:
		s.first[k] = next
	}
}

// reuse looks for the newest entry of the source of t whose translation fits
// the range, and gives t with that translation (find_appropriate_src).
func (s *sources) reuse(t *ct.Tuple, r *Range, zone uint16) (ct.Tuple, bool) {
	for id := s.first[keyOf(t, zone)]; id != 0; {
		en := s.table.Entry(id)
		if en == nil {
			break
		}
		id = en.BySource[older]
		got, ok := en.Tuple[nf.DirReply].Invert()
		if !ok {
			continue
		}
		got.Dst, got.DstID = t.Dst, t.DstID
		if r.holds(&got) {
			return got, true
		}
	}
	return ct.Tuple{}, false
}
