package vm

import (
	"fmt"
	"testing"

	"nfvm/bytecode"
	"nfvm/nf"
	"nfvm/packet"
)

// withSets is program with sets in its table.
func withSets(sets []*bytecode.Set, rules ...[]bytecode.Expr) *bytecode.Program {
	p := program(rules...)
	p.Tables[0].Sets = sets
	return p
}

func from(last byte) *packet.Packet {
	b := ipv4(nf.ProtoUDP, udp(100, 53, 0))
	b[15] = last
	return parsed(b)
}

func key(last byte) bytecode.Element { return bytecode.Element{Key: []byte{10, 0, 1, last}} }

func saddrSet(flags uint32, elements ...bytecode.Element) *bytecode.Set {
	return &bytecode.Set{Name: "s", Flags: flags, KeyLen: 4, Elements: elements}
}

var saddr = load(bytecode.PayloadNetwork, 12, 4)

func TestLookup(t *testing.T) {
	in, notIn := &bytecode.Lookup{Set: "s", SReg: 1}, &bytecode.Lookup{Set: "s", SReg: 1, Invert: true}
	interval := saddrSet(bytecode.SetInterval, bytecode.Element{Key: []byte{0, 0, 0, 0}, IntervalEnd: true}, key(3), bytecode.Element{Key: []byte{10, 0, 1, 10}, IntervalEnd: true})
	any := saddrSet(0, key(1), bytecode.Element{CatchAll: true})
	for _, c := range []struct {
		name string
		set  *bytecode.Set
		from byte
		want [2]bool // in, not in
	}{
		{"element", saddrSet(0, key(2)), 2, [2]bool{true, false}},
		{"no element", saddrSet(0, key(2)), 3, [2]bool{false, true}},
		{"interval start", interval, 3, [2]bool{true, false}},
		{"interval last", interval, 9, [2]bool{true, false}},
		{"interval end", interval, 10, [2]bool{false, true}},
		{"catch-all", any, 7, [2]bool{true, false}},
		{"element exhausted", saddrSet(0, bytecode.Element{Key: []byte{10, 0, 1, 2}, Exprs: []bytecode.Expr{&bytecode.Quota{Bytes: 1}}}), 2, [2]bool{false, false}},
	} {
		for i, e := range []bytecode.Expr{in, notIn} {
			v := run(t, newWorld(), withSets([]*bytecode.Set{c.set}, []bytecode.Expr{saddr, e, drop}), from(c.from))
			if (v == nf.Drop) != c.want[i] {
				t.Errorf("%s: %s: %v", c.name, e, v)
			}
		}
	}
}

func TestConcatenatedRanges(t *testing.T) {
	s := &bytecode.Set{Name: "s", Flags: bytecode.SetInterval | bytecode.SetConcat, KeyLen: 8, FieldLens: []uint32{4, 2}, Elements: []bytecode.Element{
		{Key: []byte{10, 0, 0, 0, 0, 50, 0, 0}, KeyEnd: []byte{10, 255, 255, 255, 0, 60, 0, 0}}}}
	dport := &bytecode.Payload{Base: bytecode.PayloadTransport, Offset: 2, Len: 2, DReg: 9}
	for port, want := range map[uint16]nf.Verdict{49: nf.Accept, 50: nf.Drop, 60: nf.Drop, 61: nf.Accept} {
		p := withSets([]*bytecode.Set{s}, []bytecode.Expr{saddr, dport, &bytecode.Lookup{Set: "s", SReg: 1}, drop})
		if v := run(t, newWorld(), p, parsed(ipv4(17, udp(1, port, 0)))); v != want {
			t.Errorf("port %d: %v", port, v)
		}
	}
}

func TestMaps(t *testing.T) {
	vmap := &bytecode.Set{Name: "s", Flags: bytecode.SetMap, DataType: bytecode.DataTypeVerdict, KeyLen: 4, Elements: []bytecode.Element{
		{Key: []byte{10, 0, 1, 1}, Verdict: nf.Drop}, {Key: []byte{10, 0, 1, 2}, Verdict: nf.Jump, Chain: "a"}, {Key: []byte{10, 0, 1, 3}, Verdict: nf.Continue}}}
	rule := []bytecode.Expr{saddr, &bytecode.Lookup{Set: "s", SReg: 1, HasDReg: true}}
	for last, want := range map[byte]struct {
		v    nf.Verdict
		mark uint32
	}{1: {nf.Drop, 0}, 2: {nf.Accept, 3}, 3: {nf.Accept, 1}, 4: {nf.Accept, 1}} {
		p := withSets([]*bytecode.Set{vmap}, rule, setMark(0))
		p.Tables[0].Chains = append(p.Tables[0].Chains, chain("a", setMark(1)))
		pkt := from(last)
		if v := run(t, newWorld(), p, pkt); v != want.v || pkt.Mark != want.mark {
			t.Errorf("vmap %d: %v, mark %d", last, v, pkt.Mark)
		}
	}
	data := &bytecode.Set{Name: "s", Flags: bytecode.SetMap, DataType: 19, KeyLen: 4, DataLen: 4, Elements: []bytecode.Element{{Key: []byte{10, 0, 1, 1}, Data: []byte{7, 0, 0, 0}}}}
	set := []bytecode.Expr{saddr, &bytecode.Lookup{Set: "s", SReg: 1, DReg: 1, HasDReg: true}, &bytecode.MetaSet{Key: bytecode.MetaMark, SReg: 1}}
	for last, want := range map[byte]uint32{1: 7, 2: 0} {
		pkt := from(last)
		if run(t, newWorld(), withSets([]*bytecode.Set{data}, set), pkt); pkt.Mark != want {
			t.Errorf("map %d: mark %d", last, pkt.Mark)
		}
	}
}

func TestObjectMap(t *testing.T) {
	s := &bytecode.Set{Name: "s", Flags: bytecode.SetObject, ObjectType: bytecode.ObjectCounter, KeyLen: 4, Elements: []bytecode.Element{{Key: []byte{10, 0, 1, 1}, Object: "n"}}}
	p := withSets([]*bytecode.Set{s}, []bytecode.Expr{saddr, &bytecode.Objref{Set: "s", SReg: 1}, drop})
	p.Tables[0].Objects = []*bytecode.Object{{Type: bytecode.ObjectCounter, Name: "n", Counter: &bytecode.Counter{}}}
	r := mustLoad(t, p, Options{})
	m := NewMachine(newWorld())
	for last, want := range map[byte]nf.Verdict{1: nf.Drop, 2: nf.Accept} {
		if v := m.Run(r.tables[0].chains[0], from(last), 0); v != want {
			t.Errorf("%d: %v", last, v)
		}
	}
	if c := r.Snapshot(0).Tables[0].Objects[0].Counter; c.Packets != 1 {
		t.Errorf("counter %v", c)
	}
}

// TestDynset is the decision table recorded from the kernel: what a rule with
// add, update or delete does for a key that is absent, present, expired, or
// has no room. Each set begins with element 1, which lives for 10 s; 5 s pass,
// the operation, then 6 s.
func TestDynset(t *testing.T) {
	const absent, present, full, expired = 2, 1, 3, 4
	for _, c := range []struct {
		op       bytecode.DynsetOp
		kase     byte
		goesOn   bool
		afterOp  bool // the key is in the set
		afterEnd bool // and still is 6 s later
	}{
		{bytecode.DynsetAdd, absent, true, true, true},
		{bytecode.DynsetAdd, full, false, false, false},
		{bytecode.DynsetAdd, present, true, true, false},
		{bytecode.DynsetAdd, expired, true, true, true},
		{bytecode.DynsetUpdate, absent, true, true, true},
		{bytecode.DynsetUpdate, full, false, false, false},
		{bytecode.DynsetUpdate, present, true, true, true},
		{bytecode.DynsetUpdate, expired, true, true, true},
		{bytecode.DynsetDelete, absent, true, false, false},
		{bytecode.DynsetDelete, full, true, false, false},
		{bytecode.DynsetDelete, present, true, false, false},
		{bytecode.DynsetDelete, expired, true, false, false},
	} {
		w := newWorld()
		s := saddrSet(bytecode.SetEval|bytecode.SetTimeout, key(1))
		s.Timeout, s.Size = 10_000, 2
		if c.kase == full {
			s.Size = 1
		}
		dyn := &bytecode.Dynset{Op: c.op, Set: "s", SReg: 1}
		r := mustLoad(t, withSets([]*bytecode.Set{s}, []bytecode.Expr{saddr, dyn, drop}), Options{Now: w.now})
		m := NewMachine(w)
		w.now += 5e9
		pkt := from(c.kase)
		if c.kase == expired {
			w.now += 6e9
			pkt = from(present)
		}
		name := fmt.Sprintf("%s, case %d", c.op, c.kase)
		if v := m.Run(r.tables[0].chains[0], pkt, 0); (v == nf.Drop) != c.goesOn {
			t.Errorf("%s: %v", name, v)
		}
		k := pkt.Data[12:16]
		if got := r.tables[0].sets[0].find(k, w.now) != nil; got != c.afterOp {
			t.Errorf("%s: in the set: %v", name, got)
		}
		if got := r.tables[0].sets[0].find(k, w.now+6e9) != nil; got != c.afterEnd {
			t.Errorf("%s: in the set 6 s later: %v", name, got)
		}
	}
}

// TestRoom holds what the kernel counts: an element that a packet deletes never
// leaves the count, one whose time is over leaves it at the next second.
func TestRoom(t *testing.T) {
	w := newWorld()
	s := saddrSet(bytecode.SetEval | bytecode.SetTimeout)
	s.Size = 2
	add := []bytecode.Expr{saddr, &bytecode.Dynset{Set: "s", SReg: 1, Timeout: 500}, drop}
	del := []bytecode.Expr{saddr, &bytecode.Dynset{Op: bytecode.DynsetDelete, Set: "s", SReg: 1}}
	load := func(rules ...[]bytecode.Expr) func(byte) bool {
		r := mustLoad(t, withSets([]*bytecode.Set{s}, rules...), Options{Now: w.now})
		m := NewMachine(w)
		return func(last byte) bool { return m.Run(r.tables[0].chains[0], from(last), 0) == nf.Drop }
	}
	send := load(add)
	for i, step := range []struct {
		after int64 // milliseconds
		from  byte
		want  bool
	}{{0, 1, true}, {0, 2, true}, {0, 3, false}, {600, 3, false}, {300, 1, false}, {100, 3, true}, {0, 4, true}, {0, 5, false}} {
		w.now += step.after * 1e6
		if got := send(step.from); got != step.want {
			t.Errorf("step %d: added %v", i, got)
		}
	}
	send = load(del, add)
	for i, want := range []bool{true, true, false} {
		if got := send(1); got != want {
			t.Errorf("add after delete, packet %d: %v", i, got)
		}
	}
}

func TestDynsetExpressions(t *testing.T) {
	w := newWorld()
	s := saddrSet(bytecode.SetEval)
	meter := &bytecode.Dynset{Set: "s", SReg: 1, Exprs: []bytecode.Expr{&bytecode.Limit{Rate: 1, Unit: 3600, Burst: 2}, &bytecode.Counter{}}}
	p := withSets([]*bytecode.Set{s}, []bytecode.Expr{saddr, meter, drop})
	r := mustLoad(t, p, Options{Now: w.now})
	m := NewMachine(w)
	for i, want := range []nf.Verdict{nf.Drop, nf.Drop, nf.Accept} {
		if v := m.Run(r.tables[0].chains[0], from(1), 0); v != want {
			t.Errorf("packet %d: %v", i, v)
		}
	}
	if v := m.Run(r.tables[0].chains[0], from(2), 0); v != nf.Drop {
		t.Errorf("other key: %v", v)
	}
	check := func(r *Ruleset) {
		t.Helper()
		got := bytecode.SetListing("t", r.Snapshot(w.now).Tables[0].Sets[0])
		if want := "s t 20\ns t 0\n\telement 0101000a...\n"; len(r.Snapshot(w.now).Tables[0].Sets[0].Elements) != 2 {
			t.Errorf("got %s, want two elements like %s", got, want)
		}
		if c := r.Snapshot(w.now).Tables[0].Sets[0].Elements[0].Exprs[1].(*bytecode.Counter); c.Packets != 2 {
			t.Errorf("element's counter: %s", c)
		}
	}
	check(r)
	check(mustLoad(t, p, Options{Now: w.now, Prev: r}))
}

// TestUpdateTimeouts holds what the kernel does with an element whose own
// timeout is 100 s: an update gives it the expression's, or the set's, or ends
// it at once, so that the next one makes a new element.
func TestUpdateTimeouts(t *testing.T) {
	for _, c := range []struct {
		set, expr uint64 // milliseconds
		first     int64  // seconds left after the first update, 0: over
		second    int64  // and after the second; 0: for ever
	}{{0, 0, 0, 0}, {10_000, 0, 10, 10}, {10_000, 50_000, 50, 50}} {
		w := newWorld()
		s := saddrSet(bytecode.SetEval|bytecode.SetTimeout, bytecode.Element{Key: []byte{10, 0, 1, 1}, HasTimeout: true, Timeout: 100_000})
		s.Timeout = c.set
		r := mustLoad(t, withSets([]*bytecode.Set{s}, []bytecode.Expr{saddr, &bytecode.Dynset{Op: bytecode.DynsetUpdate, Set: "s", SReg: 1, Timeout: c.expr}}), Options{Now: w.now})
		m := NewMachine(w)
		loaded := r.tables[0].sets[0]
		for i, want := range []int64{c.first, c.second} {
			m.Run(r.tables[0].chains[0], from(1), 0)
			e := loaded.find([]byte{10, 0, 1, 1}, w.now)
			switch {
			case e == nil && i == 0 && want == 0:
			case e == nil || want == 0 && e.expires != 0 || want != 0 && e.expires != w.now+want*1e9:
				t.Errorf("set %d, expression %d: update %d: %+v", c.set, c.expr, i+1, e)
			}
		}
		if got := r.Snapshot(w.now).Tables[0].Sets[0].Size; got != 65535 {
			t.Errorf("size %d", got)
		}
	}
}

func TestExpiredIntervals(t *testing.T) {
	w := newWorld()
	start := func(last byte, seconds uint64) bytecode.Element {
		e := key(last)
		e.HasTimeout, e.Timeout = true, seconds*1000
		return e
	}
	end := func(last byte) bytecode.Element { e := key(last); e.IntervalEnd = true; return e }
	s := saddrSet(bytecode.SetInterval|bytecode.SetTimeout, end(0), start(1, 9), start(3, 1), end(5), start(7, 1), end(8), start(9, 9), end(11))
	r := mustLoad(t, withSets([]*bytecode.Set{s}), Options{Now: w.now})
	got := ""
	for _, e := range r.Snapshot(w.now + 2e9).Tables[0].Sets[0].Elements {
		got += fmt.Sprint(e.Key[3], e.IntervalEnd, " ")
	}
	if want := "0 true 1 false 3 true 9 false 11 true "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestExpires(t *testing.T) {
	w := newWorld()
	s := saddrSet(bytecode.SetTimeout, key(1), bytecode.Element{Key: []byte{10, 0, 1, 2}, HasTimeout: true, Timeout: 5000, Expires: 2000})
	s.Timeout = 9000
	r := mustLoad(t, withSets([]*bytecode.Set{s}), Options{Now: w.now})
	got := r.Snapshot(w.now + 1e9).Tables[0].Sets[0].Elements
	if len(got) != 2 || got[0].Expires != 8000 || got[0].HasTimeout || got[1].Expires != 1000 || got[1].Timeout != 5000 {
		t.Errorf("after 1 s: %+v", got)
	}
	if got := r.Snapshot(w.now + 2e9).Tables[0].Sets[0].Elements; len(got) != 1 {
		t.Errorf("after 2 s: %+v", got)
	}
}
