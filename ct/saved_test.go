package ct

import (
	"bytes"
	"errors"
	"testing"

	"nfvm/nf"
)

// saved plays a few flows of every kind and takes them out of the table.
func saved(t testing.TB) (*model, *Saved) {
	m := newModel()
	helper, _ := m.t.RegisterHelper("ftp")
	policy, err := m.t.RegisterPolicy(Policy{L3: 2, L4: nf.ProtoUDP, Timeouts: Timeouts{1: 77e9, 2: 99e9}})
	if err != nil {
		t.Fatal(err)
	}
	m.t.Sysctl.Acct, m.t.Sysctl.Timestamp = true, true
	flow{m, 1}.open()
	flow{m, 2}.a(tcpSpec{flags: syn, seq: 5, win: 7})
	m.send('a', udpPacket(a4, b4, 1, 53, 10))
	m.send('b', udpPacket(b4, a4, 53, 1, 10))
	m.send('a', udpPacket(a6, b6, 9, 53, 10))
	m.send('a', icmpPacket(a4, b4, 8, 0, 3, nil))
	m.send('a', sctpPacket(a4, b4, 1, 2, 0, initChunk(1, 2)))
	m.t.ForEach(func(e *Entry) bool {
		e.Mark, e.MasqIndex, e.Helper = uint32(e.Seq)*7, int32(e.Seq%2)*5, helper*uint16(e.Seq%2)
		x := m.t.extend(e)
		x.labels[3], x.seqAdj[1] = 9, SeqAdj{1, -2, 3}
		if e.L4() == nf.ProtoUDP {
			e.Policy = policy
		}
		return true
	})
	expectSome(t, m)
	master, child := m.t.at(m.t.oldest), m.t.at(m.t.newest)
	child.Master = master.ID
	m.t.ref(master)
	s := &Saved{}
	for from := m.t.Save(s, 0, 2, ifname); from != 0; {
		from = m.t.Save(s, from, 2, ifname)
	}
	return m, s
}

func ifname(index int) string { return map[int]string{5: "eth5"}[index] }

// onEth8 is where the interface is in a table that connections are restored to.
func onEth8(e *Entry, name string) bool {
	e.MasqIndex = 8
	return name == "eth5"
}

// through writes and reads a file.
func (s *Saved) through(t testing.TB) *Saved {
	t.Helper()
	var file bytes.Buffer
	if err := s.Write(&file); err != nil {
		t.Fatal(err)
	}
	got, err := ReadSaved(&file)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func list(t testing.TB, tb *Table, now int64) string {
	var out bytes.Buffer
	if err := tb.WriteList(&out, now); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestRestore: what is saved is the same in another table, and goes on there.
func TestRestore(t *testing.T) {
	before, s := saved(t)
	s = s.through(t)
	after := newModel()
	after.now = before.now + 2e9
	if sum := after.t.Restore(s, after.now, onEth8); sum != (Restored{Flows: 6}) {
		t.Fatalf("%+v", sum)
	}
	invariants(t, after.t)
	if got, want := list(t, after.t, after.now), list(t, before.t, after.now); got != want {
		t.Errorf("before:\n%safter:\n%s", want, got)
	}
	var old []*Entry
	before.t.ForEach(func(e *Entry) bool { old = append(old, e); return true })
	i := 0
	after.t.ForEach(func(e *Entry) bool {
		want := old[i]
		if e.MasqIndex != 0 != (want.MasqIndex != 0) || e.MasqIndex%8 != 0 {
			t.Errorf("%v: masqueraded by %d", e.Tuple[0], e.MasqIndex)
		}
		if want.Policy != 0 && after.t.policies[e.Policy-1] != before.t.policies[want.Policy-1] {
			t.Errorf("%v: another policy", e.Tuple[0])
		}
		was, is := before.t.newRecord(want), after.t.newRecord(e)
		was.Seq, was.ID, was.Master = is.Seq, is.ID, is.Master // the table's own
		if is != was {
			t.Errorf("%v:\nbefore %+v\nafter  %+v", e.Tuple[0], was, is)
		}
		i++
		return true
	})
	if got := after.send('b', udpPacket(b4, a4, 53, 1, 10)); got != "established/reply" {
		t.Errorf("the next answer of a flow is %s", got)
	}
	if got := (flow{after, 1}).b(tcpSpec{flags: ack, seq: 1, ack: 1}); got != "established/reply" {
		t.Errorf("the next segment of a flow is %s", got)
	}
	after.t.Flush()
	invariants(t, after.t)
}

// TestLoosen: 100,000 bytes pass unseen; then the sender repeats what it has sent
// first, and all of it is acknowledged.
func TestLoosen(t *testing.T) {
	for _, c := range []struct {
		loose bool
		want  string
	}{{true, "established/reply"}, {false, "invalid"}} {
		m := newModel()
		f := flow{m, 1}.open()
		if c.loose {
			m.t.Loosen()
		} else {
			m.t.RelearnWindows(nf.FamilyIPv4)
		}
		if got := f.a(tcpSpec{flags: ack, seq: 1001, ack: 5001, size: 1000}); got != "established" {
			t.Errorf("loose %v: the sender's segment is %s", c.loose, got)
		}
		if got := f.b(tcpSpec{flags: ack, seq: 5001, ack: 101001}); got != c.want {
			t.Errorf("loose %v: its acknowledgment is %s, want %s", c.loose, got, c.want)
		}
	}
}

// TestRestoreLeavesOut: connections without a place are counted, by reason.
func TestRestoreLeavesOut(t *testing.T) {
	m, s := saved(t)
	for _, c := range []struct {
		name   string
		want   Restored
		change func(*Table) int64
		usable func(*Entry, string) bool
	}{
		{"same table", Restored{Clashing: 6}, nil, onEth8},
		{"full", Restored{Flows: 2, Full: 4}, func(tb *Table) int64 { tb.Sysctl.Max = 2; return m.now }, onEth8},
		{"later", Restored{Flows: 1, Expired: 5}, func(*Table) int64 { return m.now + 1000e9 }, onEth8},
		{"interface gone", Restored{Flows: 3, Unusable: 3}, func(*Table) int64 { return m.now }, func(*Entry, string) bool { return false }},
		{"clock set back", Restored{Flows: 6}, func(*Table) int64 { return 1e18 }, onEth8},
	} {
		tb, now := m.t, m.now
		if c.change != nil {
			tb = newTable()
			now = c.change(tb)
		}
		if got := tb.Restore(s.through(t), now, c.usable); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
		invariants(t, tb)
		tb.ForEach(func(e *Entry) bool {
			if left := e.Remaining(now); left > 5*24*3600e9 {
				t.Errorf("%s: %v lives for %d s", c.name, e.Tuple[0], left/1e9)
			}
			return true
		})
	}
}

// TestReadSavedDamage: no damage goes unnoticed.
func TestReadSavedDamage(t *testing.T) {
	_, s := saved(t)
	var file bytes.Buffer
	if err := s.Write(&file); err != nil {
		t.Fatal(err)
	}
	whole := file.Bytes()
	for i := range whole {
		if _, err := ReadSaved(bytes.NewReader(whole[:i])); !errors.Is(err, errSaved) {
			t.Fatalf("cut at %d: %v", i, err)
		}
		bad := bytes.Clone(whole)
		bad[i] ^= 4
		if _, err := ReadSaved(bytes.NewReader(bad)); err == nil {
			t.Fatalf("byte %d changed: read all the same", i)
		}
	}
}
