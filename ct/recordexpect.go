package ct

import (
	"cmp"
	"slices"

	"nfvm/nf"
	"nfvm/packet"
)

// A recordExpect is one expectation in a file of saved connections, laid out as
// record is.
type recordExpect struct {
	Master      uint32 // as it was in the table
	Tuple       recordTuple
	MaskAddr    packet.Addr
	MaskID      uint16
	Class       uint8
	Flags, Func uint8
	Helper      uint16
	Expires     int64
	SavedAddr   packet.Addr
	SavedID     uint16
	Dir         uint8
}

// A recordHelp is what a helper remembers of a connection.
type recordHelp struct {
	ID   uint32 // as it was in the table
	Data HelpData
}

// saveExpected adds what is expected, and what helpers remember.
func (t *Table) saveExpected(s *Saved) {
	for _, x := range t.Expectations() {
		s.expects = append(s.expects, recordExpect{
			Master: x.Master, Tuple: recordTuple(x.Tuple), MaskAddr: x.Mask.Addr, MaskID: x.Mask.ID,
			Class: x.Class, Flags: uint8(x.Flags), Func: uint8(x.Fn), Helper: s.name(t.HelperName(x.Helper)),
			Expires: x.Expires, SavedAddr: x.SavedAddr, SavedID: x.SavedID, Dir: uint8(x.Dir),
		})
	}
	for id, d := range t.helpData {
		s.help = append(s.help, recordHelp{id, *d})
	}
	slices.SortFunc(s.help, func(a, b recordHelp) int { return cmp.Compare(a.ID, b.ID) })
}

// restoreExpected puts back what is expected by connections that are there, and
// what helpers remember of them.
func (r *restorer) restoreExpected() {
	t, s := r.table, r.from
	for i := range s.help {
		if e := t.get(r.ids[s.help[i].ID]); e != nil {
			*t.HelpData(e) = s.help[i].Data
			if e.Helper != 0 && t.helpers[e.Helper-1].Restore != nil {
				t.helpers[e.Helper-1].Restore(e)
			}
		}
	}
	for i := range s.expects {
		rec := &s.expects[i]
		master := t.get(r.ids[rec.Master])
		if master == nil || !rec.sane(len(s.names)) || rec.Expires-s.Time > maxLifetime ||
			rec.Expires-r.back <= t.now || t.expects.count() >= int(t.Sysctl.ExpectMax) {
			continue
		}
		x := &Expectation{
			Master: master.ID, Zone: master.Zone, Tuple: Tuple(rec.Tuple), Mask: SourceMask{rec.MaskAddr, rec.MaskID},
			Class: rec.Class, Flags: ExpectFlags(rec.Flags), Fn: ExpectFunc(rec.Func), Expires: rec.Expires - r.back,
			SavedAddr: rec.SavedAddr, SavedID: rec.SavedID, Dir: nf.Dir(rec.Dir),
		}
		if rec.Helper != 0 {
			x.Helper, _ = t.RegisterHelper(s.names[rec.Helper-1])
		}
		t.expects.insert(x)
	}
}

// sane reports whether the table could have held such an expectation, in a file
// of so many names.
func (r *recordExpect) sane(names int) bool {
	return int(r.Helper) <= names && r.Func < uint8(expectFuncs) && r.Dir <= 1 &&
		(r.Tuple.L3 == uint8(nf.FamilyIPv4) || r.Tuple.L3 == uint8(nf.FamilyIPv6))
}
