package json

import (
	"iter"
	"net/netip"
)

// A written is an expression as it is written in nft's language.
type written string

// elementsOf gives the members of a set as each does, prefixes as they are
// written: of the large sets, which are mostly made of them, most of the time
// would go into objects.
func elementsOf(v any) iter.Seq[any] {
	src, isLong := v.(long)
	if !isLong {
		return each(v)
	}
	return func(yield func(any) bool) {
		d := decoder{src: src, at: 1}
		for !d.take(']') {
			d.take(',')
			x, ok := d.prefix()
			if !ok {
				x, _ = d.value("", 0, true)
			}
			if !yield(x) {
				return
			}
		}
	}
}

// prefix reads {"prefix": {"addr": …, "len": …}} if that is what comes.
func (d *decoder) prefix() (v any, ok bool) {
	from := d.at
	if d.take('{') && d.key("prefix") && d.take('{') && d.key("addr") && d.space() == '"' {
		addr, _ := d.text()
		if a, err := netip.ParseAddr(addr); err == nil && a.Zone() == "" && d.take(',') && d.key("len") && d.space() != '"' {
			if n, ok := d.number(); ok && d.take('}') && d.take('}') {
				return written(addr + "/" + string(n)), true
			}
		}
	}
	d.at = from
	return nil, false
}

// key reads the key of a member and the colon behind it.
func (d *decoder) key(want string) bool {
	if d.space() != '"' {
		return false
	}
	got, ok := d.text()
	return ok && got == want && d.take(':')
}
