package compiler

import "nfvm/diag"

// gatherPart is how many rows are gathered at a time.
const gatherPart = 1 << 14

// gather copies n rows in the order that row gives. Where their keys begin is found
// in the order of the source, in which that is quick.
func (r *rule) gather(t *rows, n int, row func(i int) int) *rows {
	begins := make([]diag.LineCol, t.len())
	r.inParts(len(begins), func(w *compiler, from, to int) {
		for i := from; i < to; i++ {
			begins[i] = w.pos.cursor.LineCol(t.at[i])
		}
	})
	size := t.stride()
	out := &rows{width: t.width, ends: t.ends, data: t.data, extra: t.extra, known: t.known,
		bytes: make([]byte, n*size), at: make([]span, n), place: make([]diag.LineCol, n)}
	if len(t.more) > 0 {
		out.more = make([]uint32, n)
	}
	r.inParts(n, func(_ *compiler, from, to int) {
		for i := from; i < to; i++ {
			j := row(i)
			copy(out.bytes[i*size:][:size], t.bytes[j*size:])
			out.at[i], out.place[i] = t.at[j], begins[j]
			if j < len(t.more) {
				out.more[i] = t.more[j]
			}
		}
	})
	return out
}

// inParts calls f for parts of the numbers below n, on all processors.
func (r *rule) inParts(n int, f func(w *compiler, from, to int)) {
	r.parallel((n+gatherPart-1)/gatherPart, func(w *compiler, i int) {
		f(w, i*gatherPart, min((i+1)*gatherPart, n))
	})
}
