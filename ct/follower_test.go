package ct

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"testing"

	"nfvm/internal/lane"
	"nfvm/nf"
	"nfvm/packet"
)

// TestFollowerIsExact has a Follower take what it can of random conversations, and
// compares each step with a table that sees all itself.
func TestFollowerIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	plain, followed := newModel(), newFollowed()
	taken := map[uint8]int{} // by protocol
	talk := newConversations(r, 10)
	for step := range 30_000 {
		gap := int64(r.ExpFloat64() * 2e8)
		if r.IntN(500) == 0 {
			gap = int64(r.ExpFloat64() * 200e9)
		}
		pkt := talk.next()
		a, b := packet.Packet{Data: pkt}, packet.Packet{Data: bytes.Clone(pkt)}
		plain.now, followed.now = plain.now+gap, followed.now+gap
		va, vb := plain.pass(&a, nf.FamilyIPv4), followed.pass(&b, nf.FamilyIPv4)
		if followed.took {
			taken[pkt[9]]++
		}
		if va != vb || a.CT != b.CT || a.CTInfo != b.CTInfo || a.SumValid != b.SumValid {
			t.Fatalf("step %d: %v %x %d, followed %v %x %d", step, va, a.CT, a.CTInfo, vb, b.CT, b.CTInfo)
		}
		if e := plain.t.Entry(a.CT); e != nil {
			x, y := *e, *followed.t.Entry(b.CT)
			x.due, y.due = 0, 0 // the queues need not be in the same order
			if x != y {
				t.Fatalf("step %d:\n%+v\nfollowed\n%+v", step, x, y)
			}
		}
		plain.t.Release(&a)
		followed.t.Release(&b)
		followed.t.now = plain.t.now // what a packet that is followed does not set
		invariants(t, followed.t)
	}
	if plain.log.String() != followed.log.String() {
		t.Error("the events are not the same")
	}
	if plain.t.Stats != followed.t.Stats {
		t.Errorf("%+v, followed %+v", plain.t.Stats, followed.t.Stats)
	}
	for _, proto := range []uint8{nf.ProtoTCP, nf.ProtoUDP, nf.ProtoUDPLite, nf.ProtoICMP, nf.ProtoGRE, nf.ProtoSCTP, 50} {
		if taken[proto] < 100 {
			t.Errorf("protocol %d: only %d packets were followed", proto, taken[proto])
		}
	}
}

// conversations are TCP connections and UDP flows whose packets come in a random
// order, mostly within their windows.
type conversations struct {
	r    *rand.Rand
	tcps []conversation
}

type conversation struct {
	seq  [2]uint32
	step int
}

func newConversations(r *rand.Rand, n int) *conversations {
	return &conversations{r: r, tcps: make([]conversation, n)}
}

// next gives a packet.
func (c *conversations) next() []byte {
	r := c.r
	i := r.IntN(3 * len(c.tcps))
	back := r.IntN(2)
	port := uint16(1000 + i)
	if i >= 2*len(c.tcps) {
		return otherBetween(r, back, port)
	}
	if i >= len(c.tcps) {
		return udpBetween(back, port)
	}
	t := &c.tcps[i]
	t.step++
	end := [2]uint32{}
	if t.step < 4 || r.IntN(100) == 0 { // a handshake, or part of one at a bad time
		back = t.step&1 ^ 1
		flags := [4]uint8{ack, syn, synAck, ack}[t.step%4]
		if t.step == 1 {
			t.seq = [2]uint32{1000, 5000}
		}
		end[back] = uint32(flags&syn) >> 1
		pkt := tcpBetween(back, port, tcpSpec{flags: flags, seq: t.seq[back], ack: t.seq[1-back]})
		t.seq[back] += end[back]
		return pkt
	}
	spec := tcpSpec{flags: ack, seq: t.seq[back], ack: t.seq[1-back]}
	switch r.IntN(40) {
	case 0:
		spec.seq -= uint32(r.IntN(100_000))
	case 1:
		spec.ack += uint32(r.IntN(100_000))
	case 2:
		spec.flags = []uint8{finAck, rst, syn, synAck, 0}[r.IntN(5)]
	case 3:
		t.step = 0
	case 4:
	default:
		spec.size = r.IntN(3) * 100
		t.seq[back] += uint32(spec.size)
	}
	return tcpBetween(back, port, spec)
}

func tcpBetween(back int, port uint16, spec tcpSpec) []byte {
	if back == 1 {
		return tcpPacket(b4, a4, 80, port, spec)
	}
	return tcpPacket(a4, b4, port, 80, spec)
}

func udpBetween(back int, port uint16) []byte {
	if back == 1 {
		return udpPacket(b4, a4, 53, port, 1)
	}
	return udpPacket(a4, b4, port, 53, 1)
}

// otherBetween gives a packet of another protocol: mostly one with which a flow just
// goes on, but also those that begin, change or end it, and bad ones.
func otherBetween(r *rand.Rand, back int, port uint16) []byte {
	from, to, sp, dp := a4, b4, port, uint16(80)
	if back == 1 {
		from, to, sp, dp = to, from, dp, sp
	}
	var pkt []byte
	switch port % 5 {
	case 0:
		pkt = ip(from, to, nf.ProtoUDPLite, liteSum(from, to, ports(sp, dp, 0, 0, 0, 0)))
	case 1:
		types := []uint8{icmpEcho, icmpEchoReply}
		if r.IntN(20) == 0 {
			types = []uint8{icmpTimestamp, icmpTimeExceeded}
		}
		pkt = icmpPacket(from, to, types[back], 0, port, make([]byte, 8))
	case 2:
		pkt = ip(from, to, nf.ProtoGRE, []byte{0, uint8(r.IntN(20) / 19), 8, 0, 0, 0, 0, 0})
	case 3:
		pkt = ip(from, to, 50, make([]byte, 20)) // ESP
	case 4:
		pkt = sctpPacket(from, to, sp, dp, 1+uint32(back), randomChunks(r, back))
	}
	if r.IntN(50) == 0 {
		pkt[len(pkt)-1] ^= 1
	}
	return pkt
}

// randomChunks are of an association, mostly data.
func randomChunks(r *rand.Rand, back int) []byte {
	const sack, ecne = 3, 12
	switch typ := uint8(r.IntN(100)); {
	case typ == chunkInit || typ == chunkInitAck:
		return initChunk(typ, 2-uint32(back))
	case typ < 15:
		return chunk(typ, 0)
	}
	return append(chunk(chunkData, 3, 1, 2, 3), chunk([]uint8{sack, ecne}[r.IntN(2)], 0)...)
}

// TestFourFollowers has four workers send packets through one table at the same
// time, each alone only for packets that its Follower does not take. Others delete,
// sweep, list and save in between, and the table is too small.
func TestFourFollowers(t *testing.T) {
	tb := newTable()
	tb.Sysctl.Max, tb.Sysctl.Acct, tb.Sysctl.Timestamp = 40, true, true
	tb.buckets, tb.SweepStep = 16, 4
	var road lane.Road
	var workers, others sync.WaitGroup
	var taken [4]int
	for i := range taken {
		w := newSideBySide(tb, &road)
		workers.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(i)))
			talk := newConversations(r, 4)
			now := int64(1e18)
			for n := range 5000 {
				now += r.Int64N(1e7)
				if w.pass(talk.next(), now) {
					taken[i]++
				}
				if n%1000 == 0 {
					talk = newConversations(r, 4)
				}
			}
		})
	}
	done := make(chan struct{})
	others.Go(func() {
		r := rand.New(rand.NewPCG(1, 100))
		for {
			select {
			case <-done:
				return
			default:
			}
			road.Lock()
			meddle(t, tb, r)
			road.Unlock()
		}
	})
	workers.Wait()
	close(done)
	others.Wait()
	tb.SweepStep = 0
	tb.Sweep(tb.now)
	invariants(t, tb)
	for i, n := range taken {
		if n < 300 {
			t.Errorf("worker %d: only %d packets were followed", i, n)
		}
	}
}

// meddle does to a table what programs do.
func meddle(t *testing.T, tb *Table, r *rand.Rand) {
	switch r.IntN(4) {
	case 0:
		var out bytes.Buffer
		if err := tb.WriteList(&out, tb.now); err != nil {
			t.Error(err)
		}
	case 1:
		tb.Save(&Saved{}, 0, 10, ifname)
	case 2:
		tb.Sweep(tb.now + r.Int64N(1e9))
	case 3:
		tb.ForEach(func(e *Entry) bool {
			if r.IntN(20) == 0 {
				tb.Kill(e.ID)
			}
			tb.SetMark(e, r.Uint32N(2))
			return true
		})
	}
}

// sideBySide is a worker that sends packets through a table beside others.
type sideBySide struct {
	t    *Table
	f    *Follower
	lane *lane.Lane
	p    packet.Packet
}

func newSideBySide(tb *Table, road *lane.Road) *sideBySide {
	return &sideBySide{t: tb, f: tb.NewFollower(), lane: road.Lane()}
}

// pass takes a packet through the table and reports whether it was followed.
func (w *sideBySide) pass(data []byte, now int64) bool {
	p := &w.p
	*p = packet.Packet{Data: data}
	w.lane.Enter()
	followed := w.f.Track(p, nf.FamilyIPv4, nf.HookPrerouting, now)
	if !followed {
		w.lane.Alone()
		w.t.Track(p, nf.FamilyIPv4, nf.HookPrerouting, now)
	}
	confirmed := followed && w.f.Confirm(p)
	w.f.Release()
	if !confirmed {
		w.lane.Alone()
		w.t.Confirm(p, now)
	}
	w.t.Release(p)
	w.lane.Leave()
	return followed
}
