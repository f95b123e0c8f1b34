package vm

import (
	"encoding/binary"

	"nfvm/nf"
	"nfvm/xt"
)

// wholeHeader6 gives a packet's first extension header of a type, whole; nil where
// it has none or ends before it does.
func (m *Machine) wholeHeader6(typ uint8, least int) []byte {
	b := m.header6(typ, least)
	if b == nil || len(b) < (int(b[1])+1)*8 {
		return nil
	}
	return b[:(int(b[1])+1)*8]
}

// is reports whether a condition has the value that a rule wants, if it asks for
// it at all.
func is[T uint8 | uint16](flags, inverted, flag T, condition bool) bool {
	return flags&flag == 0 || condition != (inverted&flag != 0)
}

// rt6 compares a routing header, with its addresses if it is of type 0
// (ip6t_rt.c).
type rt6 struct{ xt.RT }

func loadRT6(_ *loader, info []byte) (xtMatch, error) {
	r := &rt6{}
	err := xt.Decode(info, &r.RT)
	r.NumAddrs = min(r.NumAddrs, uint8(len(r.Addrs)))
	return r, err
}

func (r *rt6) match(m *Machine) bool {
	h := m.wholeHeader6(nf.ProtoRouting, 4)
	if h == nil {
		return false
	}
	left := uint32(h[3])
	if !is(r.Flags, r.InvFlags, xt.RTSegsLeft, left >= r.SegsLeft[0] && left <= r.SegsLeft[1]) ||
		!is(r.Flags, r.InvFlags, xt.RTLen, r.Len == uint32(len(h))) ||
		!is(r.Flags, r.InvFlags, xt.RTType, r.Type == uint32(h[2])) {
		return false
	}
	if r.Flags&xt.RTReserved != 0 && binary.BigEndian.Uint32(h[4:]) != 0 {
		return false
	}
	return r.Flags&(xt.RTAddrs|xt.RTNotStrict) == 0 || r.addresses(h[8:])
}

// addresses reports whether those of the rule are the header's, or, if it is not
// strict, are among the header's in their order.
func (r *rt6) addresses(list []byte) bool {
	n := len(list) / 16
	want := r.Addrs[:r.NumAddrs]
	if len(want) > n || r.Flags&xt.RTNotStrict == 0 && len(want) != n {
		return false
	}
	for i := 0; i < n && len(want) > 0; i++ {
		switch {
		case xt.Addr(list[16*i:][:16]) == want[0]:
			want = want[1:]
		case r.Flags&xt.RTNotStrict == 0:
			return false
		}
	}
	return len(want) == 0
}

// opts6 compares the options of a hop-by-hop or destination header with a list, in
// its order from the first on (ip6t_hbh.c).
type opts6 struct {
	xt.Opts6
	header uint8
}

func loadOpts6(header uint8) func(*loader, []byte) (xtMatch, error) {
	return func(_ *loader, info []byte) (xtMatch, error) {
		o := &opts6{header: header}
		err := xt.Decode(info, &o.Opts6)
		o.NumOpts = min(o.NumOpts, uint8(len(o.Opts)))
		return o, err
	}
}

func (o *opts6) match(m *Machine) bool {
	h := m.wholeHeader6(o.header, 2)
	if h == nil || !is(o.Flags, o.InvFlags, xt.OptsLen, o.Len == uint32(len(h))) {
		return false
	}
	return o.Flags&xt.OptsOpts == 0 || o.options(h[2:])
}

// options compares options; only the last of the list may run past the header.
func (o *opts6) options(b []byte) bool {
	const pad1 = 0
	for i, want := range o.Opts[:o.NumOpts] {
		if len(b) < 1 || b[0] != uint8(want>>8) {
			return false
		}
		n := 1
		if b[0] != pad1 {
			if len(b) < 2 || want&0xff != xt.OptAnyLen && uint8(want) != b[1] {
				return false
			}
			n = int(b[1]) + 2
		}
		if n > len(b) {
			return i == int(o.NumOpts)-1
		}
		b = b[n:]
	}
	return true
}

// srh6 compares a segment routing header (ip6t_srh.c).
type srh6 struct{ xt.SRH }

func loadSRH6(_ *loader, info []byte) (xtMatch, error) {
	s := &srh6{}
	return s, xt.Decode(info, &s.SRH)
}

func (s *srh6) match(m *Machine) bool {
	const segmentRouting = 4
	b := m.p.IP()
	at, found, _ := findHeader6(b, nf.ProtoRouting)
	if !found || len(b) < at+8 {
		return false
	}
	b = b[at:]
	n := (int(b[1]) + 1) * 8
	if len(b) < n || b[2] != segmentRouting || b[3] > b[4] {
		return false
	}
	return s.fields(b) && s.segments(b)
}

func (s *srh6) fields(b []byte) bool {
	f, inv := s.Flags, s.InvFlags
	return is(f, inv, xt.SRHNextHdr, b[0] == s.NextHdr) &&
		is(f, inv, xt.SRHLenEq, b[1] == s.HdrLen) && is(f, inv, xt.SRHLenGt, b[1] > s.HdrLen) && is(f, inv, xt.SRHLenLt, b[1] < s.HdrLen) &&
		is(f, inv, xt.SRHSegsEq, b[3] == s.SegsLeft) && is(f, inv, xt.SRHSegsGt, b[3] > s.SegsLeft) && is(f, inv, xt.SRHSegsLt, b[3] < s.SegsLeft) &&
		is(f, inv, xt.SRHLastEq, b[4] == s.LastEntry) && is(f, inv, xt.SRHLastGt, b[4] > s.LastEntry) && is(f, inv, xt.SRHLastLt, b[4] < s.LastEntry) &&
		is(f, inv, xt.SRHTag, binary.LittleEndian.Uint16(b[6:]) == s.Tag)
}

// segments compares the segments before, behind and at the end of the way. The
// list runs from the last to the first.
func (s *srh6) segments(b []byte) bool {
	left, first := int(b[3]), int(b[4])
	sid := func(flag uint16, i int, addr, mask *xt.Addr) bool {
		if s.Flags&flag == 0 {
			return true
		}
		at := 8 + 16*i
		if i < 0 || i > first || at+16 > len(b) {
			return false
		}
		return sameUnder(b[at:], addr, mask) != (s.InvFlags&flag != 0)
	}
	return sid(xt.SRHPrevSID, left+1, &s.PrevSID, &s.PrevMask) && sid(xt.SRHNextSID, left-1, &s.NextSID, &s.NextMask) &&
		sid(xt.SRHLastSID, 0, &s.LastSID, &s.LastMask)
}

// sameUnder reports whether an address in a packet is another one under a mask.
func sameUnder(b []byte, addr, mask *xt.Addr) bool {
	for i := range addr {
		if (b[i]^addr[i])&mask[i] != 0 {
			return false
		}
	}
	return true
}
