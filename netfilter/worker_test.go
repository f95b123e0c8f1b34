package netfilter

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"nfvm/bytecode"
	"nfvm/ct"
	"nfvm/nf"
	"nfvm/packet"
)

// manyRules have rules of all kinds on the way of established connections: those
// that workers run beside each other, and those for which one must be alone.
const manyRules = `
table ip gw {
	counter whole { }
	quota some { over 100 mbytes }
	set blocked { type ipv4_addr; flags interval; elements = { 198.51.100.0/24, 203.0.113.99 } }
	set seen { type ipv4_addr . inet_service; flags dynamic,timeout; timeout 300ms; }
	set counted { type inet_service; counter; elements = { 53, 80 } }
	set rated { type ipv4_addr; flags dynamic; }
	chain pre {
		type filter hook prerouting priority raw
		counter name whole
		udp dport 7777 notrack
		ip saddr @blocked drop
	}
	chain known {
		quota name some drop
		th dport @counted
		limit rate over 1000000/second drop
		ip dscp 1 add @seen { ip saddr . th dport }
		ip dscp 2 update @rated { ip saddr limit rate 100/second } counter
		ip dscp 3 meta mark set numgen inc mod 7
		ip dscp 4 ct mark set numgen inc mod 3
		ip dscp 5 log prefix "five "
		ip dscp 6 reject with icmp type admin-prohibited
		ip dscp 7 meta nftrace set 1
		accept
	}
	chain forward {
		type filter hook forward priority filter; policy drop
		ct state vmap { invalid : drop, established : jump known, related : accept }
		iifname "lan0" oifname "wan0" counter accept
		ct state untracked counter accept
	}
	chain post {
		type nat hook postrouting priority srcnat
		oifname "wan0" counter masquerade
	}
}`

// traffic is random traffic of some hosts in the LAN with one in the world.
type traffic struct {
	r       *rand.Rand
	e       *Engine
	first   int // port of this traffic's
	now     int64
	seq     [8][2]uint32
	started [8]int
	number  int
	pieces  int // frames that are fragments, which rules do not see
}

func newTraffic(e *Engine, seed uint64, first int) *traffic {
	return &traffic{r: rand.New(rand.NewPCG(1, seed)), e: e, first: first, now: 1e18}
}

// next gives a frame of a conversation: a third UDP, the rest TCP.
func (t *traffic) next() *Frame {
	r := t.r
	t.now += r.Int64N(4e6)
	t.number++
	i, back := r.IntN(len(t.seq)), r.IntN(2) == 1
	port := uint16(t.first + i)
	var data []byte
	switch {
	case r.IntN(60) == 0: // in pieces, to nobody, or with no hops left
		data = udp("10.0.1.2", "192.0.2.1", port, 53, uint8(1+r.IntN(2)), 8)
		if r.IntN(2) == 0 {
			data[6] = 0x20
			t.pieces++
			packet.FixIPv4Checksum(data)
		}
		back = false
	case i%3 == 0:
		data = t.datagram(port, back)
	default:
		data, back = t.segment(i, port, back)
	}
	data[1] = uint8(r.IntN(24)) << 2
	if data[1]>>2 > 7 {
		data[1] = 0
	}
	packet.FixIPv4Checksum(data)
	name := "lan0"
	if back {
		name = "wan0"
	}
	return &Frame{Number: t.number, Link: t.e.host.LinkByName(name), Time: t.now, Data: data}
}

func (t *traffic) datagram(port uint16, back bool) []byte {
	to := []uint16{53, 53, 53, 7777}[t.r.IntN(4)]
	if back {
		return udp("192.0.2.1", "203.0.113.1", to, port, 60, 4)
	}
	return udp("10.0.1.2", "192.0.2.1", port, to, 64, 4)
}

// segment goes on with a connection, begins one or, seldom, ends one.
func (t *traffic) segment(i int, port uint16, back bool) ([]byte, bool) {
	seq, flags := &t.seq[i], uint8(nf.TCPAck)
	t.started[i]++
	switch n := t.started[i]; {
	case n == 1:
		*seq, flags, back = [2]uint32{1000, 5000}, nf.TCPSyn, false
	case n == 2:
		flags, back = nf.TCPSyn|nf.TCPAck, true
	case n == 3:
		back = false
	case t.r.IntN(100) == 0:
		flags, t.started[i] = []uint8{nf.TCPRst, nf.TCPFin | nf.TCPAck}[t.r.IntN(2)], 0
	}
	lan, wan, gate := packet.Addr4(0x0a000102), packet.Addr4(0xc0000201), packet.Addr4(0xcb007101)
	s := packet.Segment{Family: nf.FamilyIPv4, Src: lan, Dst: wan, SrcPort: [2]byte{byte(port >> 8), byte(port)}, DstPort: [2]byte{0, 80},
		Seq: seq[0], Ack: seq[1], Flags: flags, Window: 5000, TTL: 64}
	if back {
		s.Src, s.Dst, s.SrcPort, s.DstPort = wan, gate, s.DstPort, s.SrcPort
		s.Seq, s.Ack = s.Ack, s.Seq
	}
	if flags&nf.TCPSyn != 0 {
		side := 0
		if back {
			side = 1
		}
		seq[side]++
	}
	return s.Append(nil), back
}

// TestWorkerIsExact sends the same traffic through an engine and through a Worker of
// another one: what comes out is the same, and so is what rules have counted.
func TestWorkerIsExact(t *testing.T) {
	p := compile(t, manyRules)
	plain, beside := newBench(t, p), newBench(t, p)
	w := beside.e.Worker(SinkFunc(beside.packet))
	w.e.rand = beside.e.rand // so that ports are chosen alike
	one, two := newTraffic(plain.e, 1, 1000), newTraffic(beside.e, 1, 1000)
	aside := 0
	for n := range 20_000 {
		plain.out, beside.out = nil, nil
		plain.e.Process(one.next())
		w.Process(two.next())
		if w.followed {
			aside++
		}
		if !slices.Equal(plain.out, beside.out) {
			t.Fatalf("packet %d: %q, by the worker %q", n, plain.out, beside.out)
		}
	}
	beside.e.Lock()
	plain.e.Advance(one.now + 1)
	beside.e.Advance(one.now + 1)
	if !reflect.DeepEqual(plain.e.Snapshot(), beside.e.Snapshot()) {
		t.Error("the rules have not counted the same")
	}
	beside.e.Unlock()
	if plain.e.ct.Stats != beside.e.ct.Stats {
		t.Errorf("%+v, by the worker %+v", plain.e.ct.Stats, beside.e.ct.Stats)
	}
	if aside < 8000 {
		t.Errorf("only %d packets went beside others", aside)
	}
}

// TestFourWorkers has four workers send traffic through one engine, while others load
// rules, end connections, list, trace and let time pass. No packet is lost or counted
// twice.
func TestFourWorkers(t *testing.T) {
	const packets = 4000
	p := compile(t, manyRules)
	b := newBench(t, p)
	e := b.e
	e.SetSink(nil)
	e.ct.Sysctl.Max, e.ct.SweepStep = 60, 4
	var workers, others sync.WaitGroup
	var aside, ends [4]int
	var seen [4]uint64
	for i := range aside {
		w := e.Worker(SinkFunc(func(o *Outcome) {
			if !o.Generated {
				ends[i]++
			}
		}))
		workers.Go(func() {
			talk := newTraffic(e, uint64(i), 1000+100*i)
			for range packets {
				w.Process(talk.next())
				if w.followed {
					aside[i]++
				}
			}
			seen[i] = uint64(packets - talk.pieces)
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
			e.Lock()
			meddle(t, e, r, p)
			e.Unlock()
			time.Sleep(100 * time.Microsecond)
		}
	})
	workers.Wait()
	close(done)
	others.Wait()
	e.Lock()
	defer e.Unlock()
	e.Advance(e.now + 3600e9)
	if n, _ := objectCounter(t, e.Snapshot(), "whole"); n != seen[0]+seen[1]+seen[2]+seen[3] {
		t.Errorf("the rules have seen %d packets of %d", n, seen)
	}
	if aside[0]+aside[1]+aside[2]+aside[3] == 0 {
		t.Error("no packet went beside others")
	}
	for i := range ends {
		if ends[i] < packets {
			t.Errorf("worker %d: %d packets came to an end", i, ends[i])
		}
	}
}

// meddle does to an engine what its owner does.
func meddle(t *testing.T, e *Engine, r *rand.Rand, p *bytecode.Program) {
	switch r.IntN(6) {
	case 0:
		if err := e.Load(p); err != nil {
			t.Error(err)
		}
	case 1:
		e.Conntrack().ForEach(func(en *ct.Entry) bool {
			if r.IntN(10) == 0 {
				e.Conntrack().Kill(en.ID)
			}
			return true
		})
	case 2:
		e.Snapshot()
	case 3:
		e.Advance(e.Now() + r.Int64N(1e8))
	case 4:
		e.Sweep()
	case 5:
		e.Trace(nil, r.IntN(10) == 0)
	}
}

// objectCounter reads a named counter of a program.
func objectCounter(t *testing.T, p *bytecode.Program, name string) (packets, bytes uint64) {
	t.Helper()
	for _, tab := range p.Tables {
		for _, o := range tab.Objects {
			if o.Name == name {
				return o.Counter.Packets, o.Counter.Bytes
			}
		}
	}
	t.Fatal(fmt.Errorf("there is no counter %s", name))
	return 0, 0
}
