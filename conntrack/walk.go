package conntrack

import (
	"nfvm/ct"
	"nfvm/nat"
	"nfvm/nf"
)

// chunk is how many entries are looked at while nothing else uses the table.
const chunk = 256

// Walk calls visit for each connection of a table, in the order of their making,
// and rest, when it is not nil, after some, while the table is free. What begins
// meanwhile is left out. An error ends it.
func Walk(s Source, visit func(*ct.Table, *nat.Engine, *ct.Entry) error, rest func() error) error {
	for ids := all(s); len(ids) > 0; {
		some := ids[:min(chunk, len(ids))]
		ids = ids[len(some):]
		var failed error
		s.Do(func(table *ct.Table, n *nat.Engine) {
			for _, id := range some {
				e := table.Entry(id)
				if e == nil || e.Dying() || e.Expires <= table.Now() {
					continue
				}
				if failed = visit(table, n, e); failed != nil {
					return
				}
			}
		})
		if failed == nil && rest != nil {
			failed = rest()
		}
		if failed != nil {
			return failed
		}
	}
	return nil
}

// all gives the ids of the connections that can be shown.
func all(s Source) (ids []uint32) {
	s.Do(func(table *ct.Table, _ *nat.Engine) {
		ids = make([]uint32, 0, table.Count())
		table.ForEach(func(e *ct.Entry) bool {
			if e.Status&nf.CTStatusNATClash == 0 {
				ids = append(ids, e.ID)
			}
			return true
		})
	})
	return ids
}
