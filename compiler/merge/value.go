package merge

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"nfvm/datatype"
	"nfvm/lang"
)

// valueText gives a value as nft prints it before it is evaluated, "" for one that
// can't be merged.
func (f *finder) valueText(e lang.Expr) string {
	switch e := e.(type) {
	case *lang.Number:
		return numberText(e.Value)
	case *lang.Symbol:
		if e.Text == "exists" || e.Text == "missing" {
			return ""
		}
		return e.Text
	case *lang.Prefix:
		if a, ok := e.Addr.(*lang.Symbol); ok {
			return a.Text + "/" + numberText(e.Len.Value)
		}
	case *lang.Range:
		from, to := f.valueText(e.From), f.valueText(e.To)
		if from != "" && to != "" {
			return from + "-" + to
		}
	}
	return ""
}

// A span holds the values of a test; text is set for what has no number that can be
// known here. A name with an asterisk is open: it stands for all that begin so.
type span struct {
	lo, hi []byte // big endian
	text   string
	open   bool
}

// spanOf evaluates a value.
func (f *finder) spanOf(e lang.Expr, t *datatype.Type) (s span, ok bool) {
	switch e := e.(type) {
	case *lang.Range:
		from, ok1 := f.spanOf(e.From, t)
		to, ok2 := f.spanOf(e.To, t)
		return span{lo: from.lo, hi: to.lo}, ok1 && ok2 && from.lo != nil && to.lo != nil
	case *lang.Prefix:
		one, ok := f.spanOf(e.Addr, t)
		if !ok || one.lo == nil {
			return s, false
		}
		lo, hi := slices.Clone(one.lo), slices.Clone(one.lo)
		for i := int(e.Len.Value); i < len(lo)*8; i++ {
			lo[i/8] &^= 0x80 >> (i % 8)
			hi[i/8] |= 0x80 >> (i % 8)
		}
		return span{lo: lo, hi: hi}, true
	}
	if n, ok := e.(*lang.Number); ok {
		v := binary.BigEndian.AppendUint64(nil, n.Value)
		return span{lo: v, hi: v}, true
	}
	text := f.valueText(e)
	if t.IsString() {
		name, open := strings.CutSuffix(text, "*")
		return span{text: name, open: open}, true
	}
	data, err := f.env.Parse(t, t.Size, text)
	if err != nil {
		return s, false
	}
	v := datatype.Reorder(t.Byteorder, data)
	return span{lo: v, hi: v}, true
}

func (a span) overlaps(b span) bool {
	if a.lo == nil {
		return a.text == b.text || a.open && strings.HasPrefix(b.text, a.text) || b.open && strings.HasPrefix(a.text, b.text)
	}
	return compare(a.lo, b.hi) <= 0 && compare(b.lo, a.hi) <= 0
}

// compare compares numbers of any widths.
func compare(a, b []byte) int {
	a, b = bytes.TrimLeft(a, "\x00"), bytes.TrimLeft(b, "\x00")
	return cmp.Or(cmp.Compare(len(a), len(b)), bytes.Compare(a, b))
}

func (a span) equal(b span) bool {
	return a.text == b.text && a.open == b.open && compare(a.lo, b.lo) == 0 && compare(a.hi, b.hi) == 0
}

// maxPairs bounds the comparisons of values in a run; longer runs are taken to
// overlap.
const maxPairs = 1 << 22

// overlaps tells whether some packet passes the tests of two rules of a run, and
// whether two rules have the same tests.
func (f *finder) overlaps(run []*shape) (overlap, equal bool) {
	all := make([][][]span, len(run))
	for i, s := range run {
		for _, t := range run[0].tests {
			var list []span
			for _, v := range s.test(t.field).values {
				one, ok := f.spanOf(v, t.typ)
				if !ok {
					return true, true
				}
				list = append(list, one)
			}
			all[i] = append(all[i], list)
		}
	}
	if len(run)*len(run) > maxPairs {
		return true, true
	}
	for i, a := range all {
		for _, b := range all[:i] {
			overlap = overlap || columnsMeet(a, b, span.overlaps)
			equal = equal || columnsMeet(a, b, span.equal)
		}
	}
	return overlap, equal
}

// columnsMeet tells whether in every column some value of a meets one of b.
func columnsMeet(a, b [][]span, meet func(span, span) bool) bool {
	for c := range a {
		if !slices.ContainsFunc(a[c], func(x span) bool {
			return slices.ContainsFunc(b[c], func(y span) bool { return meet(x, y) })
		}) {
			return false
		}
	}
	return true
}
