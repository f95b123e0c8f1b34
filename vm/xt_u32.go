package vm

import (
	"encoding/binary"
	"fmt"

	"nfvm/xt"
)

// xtU32 compares numbers of 32 bits from anywhere in the packet.
type xtU32 struct {
	tests  []xt.U32Test
	invert bool
}

func loadU32(_ *loader, info []byte) (xtMatch, error) {
	var c xt.U32
	if err := xt.Decode(info, &c); err != nil {
		return nil, err
	}
	if int(c.NumTests) > len(c.Tests) {
		return nil, fmt.Errorf("%d tests", c.NumTests)
	}
	u := &xtU32{tests: c.Tests[:c.NumTests], invert: c.Invert != 0}
	for _, t := range u.tests {
		if int(t.Locations) > len(t.Location) || int(t.NumValues) > len(t.Value) {
			return nil, fmt.Errorf("%d locations and %d values", t.Locations, t.NumValues)
		}
	}
	return u, nil
}

func (u *xtU32) match(m *Machine) bool { return u.all(m.p.IP()) != u.invert }

func (u *xtU32) all(b []byte) bool {
	for i := range u.tests {
		t := &u.tests[i]
		v, ok := value32(t, b)
		if !ok || !oneOf32(t, v) {
			return false
		}
	}
	return true
}

// value32 computes a test's number; false where it lies outside of the packet.
func value32(t *xt.U32Test, b []byte) (v uint32, ok bool) {
	base := uint64(0)
	at := uint64(t.Location[0].Number)
	if at+4 > uint64(len(b)) {
		return 0, false
	}
	v = binary.BigEndian.Uint32(b[at:])
	for _, l := range t.Location[1:max(t.Locations, 1)] {
		switch l.Op {
		case xt.U32And:
			v &= l.Number
		case xt.U32Left:
			v <<= l.Number & 31
		case xt.U32Right:
			v >>= l.Number & 31
		case xt.U32At:
			if base += uint64(v); base > 1<<32-1 {
				return 0, false
			}
			at = base + uint64(l.Number)
			if at+4 > uint64(len(b)) {
				return 0, false
			}
			v = binary.BigEndian.Uint32(b[at:])
		}
	}
	return v, true
}

func oneOf32(t *xt.U32Test, v uint32) bool {
	for _, r := range t.Value[:t.NumValues] {
		if r.Min <= v && v <= r.Max {
			return true
		}
	}
	return false
}
