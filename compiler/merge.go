package compiler

import "nfvm/datatype"

// mergeLoads joins comparisons of neighbouring header fields with constants:
// `tcp sport 1 tcp dport 2` becomes one load of four bytes. Any other statement
// between them ends a run.
func (r *rule) mergeLoads() {
	out := r.stmts[:0:0]
	var run []stmt
	flush := func() {
		out = append(out, joinRun(run)...)
		run = run[:0]
	}
	for _, s := range r.stmts {
		m, ok := s.(*matchStmt)
		if ok && mergeable(m.rel) {
			run = append(run, s)
			continue
		}
		flush()
		out = append(out, s)
	}
	flush()
	r.stmts = out
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

// joinRun merges what is adjacent, in order.
func joinRun(run []stmt) []stmt {
	var out []stmt
	for _, s := range run {
		if n := len(out); n > 0 {
			if j := join(out[n-1].(*matchStmt).rel, s.(*matchStmt).rel); j != nil {
				out[n-1] = &matchStmt{rel: j}
				continue
			}
		}
		out = append(out, s)
	}
	return out
}

// maxMerged is the widest merged load in bits: one register.
const maxMerged = 128

// join merges two comparisons of adjacent fields, nil if they are not.
func join(a, b *relation) *relation {
	p, q := a.left.(*payload), b.left.(*payload)
	if p.base != q.base || p.width+q.width > maxMerged {
		return nil
	}
	x, y := a.right.(*constant), b.right.(*constant)
	if q.offset+q.width == p.offset {
		p, q, x, y = q, p, y, x
	} else if p.offset+p.width != q.offset {
		return nil
	}
	i := p.info
	i.width = p.width + q.width
	i.order = datatype.BigEndian
	val := x.val.shl(q.width).or(y.val)
	return &relation{at: a.at.To(b.at), op: relEq,
		left:  &payload{info: i, base: p.base, offset: p.offset, raw: true},
		right: &constant{info: i, val: val}}
}
