package netfilter

import "nfvm/nf"

// A flowSet holds the flows of a flowtable: by what their packets have, and in a
// list, newest first, so that they can be looked over a few at a time.
type flowSet struct {
	byKey  map[FlowKey]flowEnd
	newest *flow
	// unchecked is where the present round of looking goes on; flows that are added
	// meanwhile wait for the next one.
	unchecked *flow
}

func (s *flowSet) add(f *flow) {
	for d, k := range f.keys {
		s.byKey[k] = flowEnd{f, nf.Dir(d)}
	}
	if f.older = s.newest; f.older != nil {
		f.older.newer = f
	}
	s.newest = f
}

func (s *flowSet) remove(f *flow) {
	for _, k := range f.keys {
		if s.byKey[k].flow == f { // not that of a later connection
			delete(s.byKey, k)
		}
	}
	if s.unchecked == f {
		s.unchecked = f.older
	}
	if f.newer != nil {
		f.newer.older = f.older
	} else {
		s.newest = f.older
	}
	if f.older != nil {
		f.older.newer = f.newer
	}
}
