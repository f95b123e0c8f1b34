package compiler

import (
	"sort"

	"nfvm/datatype"
	"nfvm/nf"
)

// mergeLoads joins comparisons of neighbouring header fields with constants, so
// that `tcp sport 1 tcp dport 2` is one load of four bytes. Comparisons of other
// kinds may stand between them; any other statement ends a run.
func (r *rule) mergeLoads() {
	var run []int // indexes of comparisons that may be merged
	gone := map[int]bool{}
	for i, s := range r.stmts {
		m, ok := s.(*matchStmt)
		if !ok {
			r.joinRun(run, gone)
			run = run[:0]
			continue
		}
		switch {
		case mergeable(m.rel):
			run = append(run, i)
		case i+1 < len(r.stmts) && r.redundant(m.rel):
			gone[i] = true
		}
	}
	r.joinRun(run, gone)
	if len(gone) == 0 {
		return
	}
	out := r.stmts[:0]
	for i, s := range r.stmts {
		if !gone[i] {
			out = append(out, s)
		}
	}
	r.stmts = out
}

// redundant reports whether a comparison is always true: `meta protocol ip` in
// an ip table, and the same for ip6.
func (r *rule) redundant(rel *relation) bool {
	m, ok := rel.left.(*metaExpr)
	c, isConst := rel.right.(*constant)
	if !ok || !isConst || m.key != metaProtocol || m.tunnel != nil || rel.op != relEq {
		return false
	}
	return r.ctx.family == nf.FamilyIPv4 && c.val == n64(nf.EtherTypeIPv4) ||
		r.ctx.family == nf.FamilyIPv6 && c.val == n64(nf.EtherTypeIPv6)
}

// mergeable reports whether a comparison is of a whole-byte header field with
// a constant.
func mergeable(rel *relation) bool {
	p, ok := rel.left.(*payload)
	if !ok || p.offset%8 != 0 || p.width%8 != 0 || rel.op != relEq {
		return false
	}
	_, ok = rel.right.(*constant)
	return ok
}

// joinRun merges what is adjacent in the packet. The comparison with the lowest
// offset takes the others in, unless one of them tells the next protocol.
func (r *rule) joinRun(run []int, gone map[int]bool) {
	if len(run) < 2 {
		return
	}
	order := append([]int(nil), run...)
	at := func(i int) *payload { return r.stmts[i].(*matchStmt).rel.left.(*payload) }
	sort.SliceStable(order, func(a, b int) bool {
		p, q := at(order[a]), at(order[b])
		if p.tunnel != q.tunnel {
			return p.tunnel == nil
		}
		if p.base != q.base {
			return p.base < q.base
		}
		return p.offset < q.offset
	})
	into := order[0]
	for _, i := range order[1:] {
		j := r.join(r.stmts[into].(*matchStmt).rel, r.stmts[i].(*matchStmt).rel)
		if j == nil {
			into = i
			continue
		}
		if isKey(at(i)) {
			into, i = i, into
		}
		gone[i] = true
		j.left.(*payload).desc, j.left.(*payload).field = at(into).desc, at(into).field
		r.stmts[into] = r.room().matches.add(matchStmt{rel: j})
	}
}

// isKey reports whether a field tells which header follows.
func isKey(p *payload) bool { return p.desc != nil && p.field != nil && p.field.Name == p.desc.Key }

const (
	maxMerged = 128 // the widest merged load in bits: one register
	maxFast   = 32  // loads up to this many bits are fast in the kernel
)

// join merges two comparisons of adjacent fields, nil if they are not adjacent
// or if two fast loads would become a slow one.
func (r *rule) join(a, b *relation) *relation {
	p, q := a.left.(*payload), b.left.(*payload)
	total := p.width + q.width
	if p.tunnel != q.tunnel || p.base != q.base || p.whole != q.whole || p.offset+p.width != q.offset || total > maxMerged ||
		total > maxFast && p.width <= maxFast && q.width <= maxFast {
		return nil
	}
	i := p.info
	i.width = total
	i.order = datatype.BigEndian
	val := a.right.(*constant).val.shl(q.width).or(b.right.(*constant).val)
	return r.room().relations.add(relation{at: a.at.To(b.at), op: relEq,
		left:  r.room().payloads.add(payload{info: i, base: p.base, offset: p.offset, raw: true, whole: p.whole, tunnel: p.tunnel}),
		right: r.constant(i, val)})
}
