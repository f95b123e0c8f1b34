package host

import (
	"net/netip"
	"slices"

	"github.com/gaissmai/bart"

	"nfvm/nf"
)

// A table is one routing table: the routes of each prefix in order of
// preference.
type table struct {
	routes bart.Table[[]*Route]
}

// insert files a route behind those of the same prefix that come first: a more
// specific TOS, then a lower metric, then the order of the listing.
func (t *table) insert(r *Route) {
	list, _ := t.routes.Get(r.Dst)
	i := 0
	for i < len(list) && !routeBefore(r, list[i]) {
		i++
	}
	t.routes.Insert(r.Dst, slices.Insert(slices.Clone(list), i, r))
}

func routeBefore(a, b *Route) bool {
	if a.TOS != b.TOS {
		return a.TOS > b.TOS
	}
	return a.Metric < b.Metric
}

// lookup finds the best route for a query: the longest prefix that has a route
// of the right TOS and device.
func (t *table) lookup(q *Query) (*Route, int) {
	if list, ok := t.routes.Lookup(q.Dst); ok {
		if r, hop := choose(list, q); r != nil {
			return r, hop
		}
	} else {
		return nil, 0
	}
	bits := q.Dst.BitLen()
	for bits >= 0 {
		prefix, list, ok := t.routes.LookupPrefixLPM(netip.PrefixFrom(q.Dst, bits).Masked())
		if !ok {
			return nil, 0
		}
		if r, hop := choose(list, q); r != nil {
			return r, hop
		}
		bits = prefix.Bits() - 1
	}
	return nil, 0
}

// choose takes the first route of a prefix that the query allows.
func choose(list []*Route, q *Query) (*Route, int) {
	for _, r := range list {
		if r.TOS != 0 && r.TOS != q.TOS {
			continue
		}
		if len(r.Hops) == 0 {
			return r, -1
		}
		if hop, ok := r.hop(q); ok {
			return r, hop
		}
	}
	return nil, 0
}

// hop picks a next hop: the one on the wanted device, or by the flow's
// addresses among several.
func (r *Route) hop(q *Query) (int, bool) {
	if q.Out == nil {
		return r.spread(q), true
	}
	for i := range r.Hops {
		if r.Hops[i].Dev == q.Out {
			return i, true
		}
	}
	return 0, false
}

// spread divides flows over next hops by weight and a hash of the addresses.
// The kernel's hash has a random seed, so only the proportions are its.
func (r *Route) spread(q *Query) int {
	if len(r.Hops) == 1 {
		return 0
	}
	total := 0
	for i := range r.Hops {
		total += r.Hops[i].Weight
	}
	src, dst := q.Src.As16(), q.Dst.As16()
	h := uint64(14695981039346656037) // FNV-1a
	for i := range src {
		h = (h ^ uint64(src[i])) * 1099511628211
		h = (h ^ uint64(dst[i])) * 1099511628211
	}
	n := int(h >> 33 % uint64(max(total, 1)))
	for i := range r.Hops {
		if n -= r.Hops[i].Weight; n < 0 {
			return i
		}
	}
	return 0
}

// usesDevice reports whether any next hop leaves by l.
func (r *Route) usesDevice(l *nf.Link) bool {
	for i := range r.Hops {
		if r.Hops[i].Dev == l {
			return true
		}
	}
	return false
}
