package nat

import (
	"nfvm/ct"
	"nfvm/internal/hashindex"
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
	table  *ct.Table
	newest *hashindex.Index // entries by the hash of their source
}

func newSources(t *ct.Table, rand func() uint32) sources {
	return sources{table: t, newest: hashindex.New(uint64(t.Room()), rand)}
}

func (s *sources) hash(k *sourceKey) uint32 {
	return s.newest.Hash((*[16]byte)(&k.src), new([16]byte), uint64(k.id)<<32|uint64(k.zone)<<16|uint64(k.l3)<<8|uint64(k.l4))
}

// first gives the newest entry of a source, 0 if there is none.
func (s *sources) first(k *sourceKey) uint32 {
	at := s.newest.Probe(s.hash(k))
	for id := at.Next(); id != 0; id = at.Next() {
		if en := s.table.Entry(id); en != nil && entryKey(en) == *k {
			return id
		}
	}
	return 0
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
	h, head := s.hash(&k), s.first(&k)
	if head != 0 {
		s.table.Entry(head).BySource[newer] = en.ID
		s.newest.Remove(h, head)
	}
	en.BySource = [2]uint32{newer: 0, older: head}
	s.newest.Add(h, en.ID)
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
	h := s.hash(&k)
	s.newest.Remove(h, en.ID)
	if next != 0 {
		s.newest.Add(h, next)
	}
}

// reuse looks for the newest entry of the source of t whose translation fits
// the range, and gives t with that translation (find_appropriate_src).
func (s *sources) reuse(t *ct.Tuple, r *Range, zone uint16) (ct.Tuple, bool) {
	k := keyOf(t, zone)
	for id := s.first(&k); id != 0; {
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
