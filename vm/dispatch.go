package vm

import (
	"slices"

	"nfvm/bytecode"
	"nfvm/classify"
)

// A dispatch is a run of rules, from first to before end, of which a packet
// need look only at those that an index gives.
type dispatch struct {
	first, end int
	loads      []instr // of the index's selectors
	index      *classify.Index
}

// loadDispatch makes the indexes that a chain's annotations ask for.
func (l *loader) loadDispatch(c *Chain) error {
	for i := range c.Chain.Dispatch {
		a := &c.Chain.Dispatch[i]
		d := &dispatch{first: int(a.First), end: int(a.First) + int(a.Count)}
		l.index, l.pos = d.first, c.Chain.Pos
		if l.reader == nil {
			l.reader = classify.NewReader(l.decl)
		}
		d.index = l.reader.Index(c.Chain.Rules[d.first:d.end], a.Key)
		if d.index == nil {
			return l.errorf("no dispatch is possible by %s", a)
		}
		for _, s := range d.index.Selectors {
			in, err := l.lower(s.Expr)
			if err != nil {
				return err
			}
			d.loads = append(d.loads, in)
		}
		for n := d.first; n < d.end; n++ {
			c.rules[n].dispatch = d
		}
	}
	return nil
}

// seek gives the first rule from a number on that the packet may match, or the
// end of the run. The index is asked anew when the packet may have changed, and
// when another chain has been there in between.
func (m *Machine) seek(d *dispatch, next int) int {
	if m.dispatch != d || m.changed || next < m.sought {
		m.dispatch, m.changed = d, false
		if m.all = !m.show(d); !m.all {
			d.index.Find(&m.key, next-d.first, &m.hits)
		}
	}
	m.sought = next
	if m.all {
		return next
	}
	return d.first + m.hits.Next(next-d.first, d.end-d.first)
}

// show makes the key of the packet. It reports false if a load would drop the
// packet: then the rules must be gone through one by one.
func (m *Machine) show(d *dispatch) bool {
	for i := range d.loads {
		in, s := &d.loads[i], &d.index.Selectors[i]
		ok := false
		switch in.op {
		case opPayload:
			ok = m.payload(in)
		case opMeta, opCT:
			ok = m.number(in)
		case opMetaName:
			ok = m.metaName(in)
		}
		switch {
		case m.refused:
			m.refused = false
			return false
		case ok:
			m.key.Present(s)
			copy(m.key[s.At:s.At+s.Len], m.regs[in.dst:])
		default:
			m.key.Absent(s)
		}
	}
	return true
}

// harmless are the instructions after which the packet shows the same of itself
// as before.
var harmless = [opCount]bool{
	opTest: true, opIfName: true, opPayload: true, opMeta: true, opMetaName: true, opCT: true, opCmp: true, opCmpBytes: true,
	opRange: true, opMask: true, opMaskBytes: true, opShift: true, opBitop: true, opByteorder: true, opImmediate: true,
	opVerdict: true, opLookup: true, opMap: true, opDynset: true, opState: true, opExthdr: true, opNumgen: true, opHash: true,
	opSymhash: true, opFib: true, opRt: true, opLog: true, opReject: true, opXTMatch: true,
}

// touches puts a note before each instruction that may change the packet.
func touches(code []instr) []instr {
	if !slices.ContainsFunc(code, func(in instr) bool { return !harmless[in.op] }) {
		return code
	}
	var out []instr
	for _, in := range code {
		if !harmless[in.op] {
			out = append(out, instr{op: opTouch})
		}
		out = append(out, in)
	}
	return out
}

// unskipped gives the expressions that a rule runs, with their instructions.
func unskipped(r *bytecode.Rule, code []instr) ([]bytecode.Expr, []instr) {
	if len(r.Skip) == 0 {
		return r.Exprs, code
	}
	var exprs []bytecode.Expr
	var run []instr
	skip := r.Skip
	for i, in := range code {
		if len(skip) > 0 && int(skip[0]) == i {
			skip = skip[1:]
			continue
		}
		exprs, run = append(exprs, r.Exprs[i]), append(run, in)
	}
	return exprs, run
}
