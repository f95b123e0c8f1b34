package ct

// Entries lie in slabs of slabSize, small ones, as a packet waits while one is
// made, but of whole pages, so that the allocator rounds nothing up. A slot number
// is an index over all slabs; slot 0 is never used, so that 0 can mean none. An entry's id is its slot in
// the low slotBits and the slot's generation above, so that an id kept for too
// long finds nothing instead of somebody else's entry.
const (
	slabBits = 10
	slabSize = 1 << slabBits
	slotBits = 24
	slotMask = 1<<slotBits - 1
	maxSlots = 1 << slotBits
	// quarantine is how many deleted entries stay readable for the packets
	// that hold them before the first of them is used again.
	quarantine = 64
)

type slotState uint8

const (
	slotFree slotState = iota
	slotUnconfirmed
	slotLive // in the table
	slotDead // deleted, still readable
)

type slabs struct {
	slabs      []*[slabSize]Entry
	used       uint32   // slots ever handed out
	free       uint32   // list through links.newer
	dead       []uint32 // ring of slots waiting to be free, oldest first
	first      int
	counters   pool[Counters]
	extensions pool[extension]
	// proxies are those of entries that a SYN proxy began, by id.
	proxies map[uint32]*Proxy
}

func (s *slabs) at(slot uint32) *Entry {
	return &s.slabs[slot>>slabBits][slot&(slabSize-1)]
}

// alloc gives an empty slot, or nil when all maxSlots are in use.
func (s *slabs) alloc() *Entry {
	slot := s.free
	switch {
	case slot != 0:
		s.free = s.at(slot).newer
	case s.used+1 < maxSlots:
		s.used++
		slot = s.used
		if int(slot>>slabBits) == len(s.slabs) {
			s.slabs = append(s.slabs, new([slabSize]Entry))
		}
	default:
		return nil
	}
	e := s.at(slot)
	gen := e.gen
	*e = Entry{ID: uint32(gen)<<slotBits | slot}
	e.gen, e.state = gen, slotUnconfirmed
	return e
}

// release makes the slot of e free at once.
func (s *slabs) release(e *Entry) {
	if e.proxied {
		delete(s.proxies, e.ID)
	}
	s.counters.give(e.counters)
	s.extensions.give(e.extension)
	e.counters, e.extension = 0, 0
	e.state = slotFree
	e.gen++
	e.newer = s.free
	s.free = e.ID & slotMask
}

// bury lets e be read until quarantine others have been deleted after it. A
// master stays for as long as it has children.
func (s *slabs) bury(e *Entry) {
	e.state = slotDead
	if s.dead == nil {
		s.dead = make([]uint32, quarantine)
	}
	oldest := s.dead[s.first]
	s.dead[s.first] = e.ID & slotMask
	s.first = (s.first + 1) % quarantine
	if oldest == 0 {
		return
	}
	if o := s.at(oldest); s.extensionOf(o).children == 0 {
		s.release(o)
	} else {
		o.state = slotOrphaned
	}
}

// ref gives a child a hold on its master.
func (s *slabs) ref(master *Entry) { s.extend(master).children++ }

// unref drops a child's hold on its master.
func (s *slabs) unref(master *Entry) {
	x := s.extend(master)
	x.children--
	if x.children == 0 && master.state == slotOrphaned {
		s.release(master)
	}
}

// slotOrphaned is a dead master past its quarantine that children still name.
const slotOrphaned slotState = slotDead + 1

// get finds the entry of an id, nil when it is gone.
func (s *slabs) get(id uint32) *Entry {
	slot := id & slotMask
	if slot == 0 || slot > s.used {
		return nil
	}
	e := s.at(slot)
	if e.gen != uint8(id>>slotBits) || e.state == slotFree {
		return nil
	}
	return e
}
