package ct

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"nfvm/nf"
)

// Shorthands for flags.
const (
	fin    = nf.TCPFin
	syn    = nf.TCPSyn
	rst    = nf.TCPRst
	ack    = nf.TCPAck
	synAck = syn | ack
	finAck = fin | ack
)

// A flow is a TCP connection from a, port sp, to b, port 80, with both ends in
// hand.
type flow struct {
	w  world
	sp uint16
}

func (f flow) a(s tcpSpec) string { return f.w.send('a', tcpPacket(a4, b4, f.sp, 80, s)) }
func (f flow) b(s tcpSpec) string { return f.w.send('b', tcpPacket(b4, a4, 80, f.sp, s)) }

// open makes a connection whose next sequence numbers are 1001 and 5001.
func (f flow) open() flow {
	f.a(tcpSpec{flags: syn, seq: 1000})
	f.b(tcpSpec{flags: synAck, seq: 5000, ack: 1001})
	f.a(tcpSpec{flags: ack, seq: 1001, ack: 5001})
	return f
}

// state is what the listing says of the flow.
func (f flow) state() string {
	if s, ok := states(f.w)[f.sp]; ok {
		return s
	}
	return "none"
}

// states reads the state, the lifetime and the flags of all TCP flows, by the
// port of a.
func states(w world) map[uint16]string {
	m := map[uint16]string{}
	for _, l := range strings.Split(w.list(), "\n") {
		word := strings.Fields(l)
		if len(word) < 10 || word[2] != "tcp" {
			continue
		}
		s := word[5] + " " + word[4]
		for _, flag := range []string{"[UNREPLIED]", "[ASSURED]"} {
			if strings.Contains(l, flag) {
				s += " " + flag
			}
		}
		for _, at := range []int{8, 9} {
			if _, port, _ := strings.Cut(word[at], "="); port != "80" {
				sp, _ := strconv.Atoi(port)
				m[uint16(sp)] = s
			}
		}
	}
	return m
}

// A tally collects what was said of many flows, to list them all at once.
type tally struct {
	flows []flow
	said  []string
}

func (t *tally) add(f flow, format string, args ...any) {
	t.flows = append(t.flows, f)
	t.said = append(t.said, fmt.Sprintf(format, args...))
}

// report writes what was said, with the flows' present states, and ends them.
func (t *tally) report(w world, out *bytes.Buffer) {
	state := states(w)
	for i, f := range t.flows {
		s, ok := state[f.sp]
		if !ok {
			s = "none"
		}
		fmt.Fprintf(out, "%s -> %s\n", t.said[i], s)
	}
	*t = tally{}
	w.flush()
}

// reach brings a flow into a state; it gives the next sequence numbers.
func reach(f flow, state uint8) (a, b uint32) {
	if state >= TCPEstablished && state <= TCPClose {
		f.open()
	}
	a, b = 1001, 5001
	switch state {
	case TCPNone:
		return 1000, 5000
	case TCPSynSent:
		f.a(tcpSpec{flags: syn, seq: 1000})
		return 1001, 5000
	case TCPSynSent2:
		f.a(tcpSpec{flags: syn, seq: 1000})
		f.b(tcpSpec{flags: syn, seq: 5000})
	case TCPSynRecv:
		f.a(tcpSpec{flags: syn, seq: 1000})
		f.b(tcpSpec{flags: synAck, seq: 5000, ack: 1001})
	case TCPFinWait, TCPCloseWait, TCPLastAck, TCPTimeWait:
		f.a(tcpSpec{flags: finAck, seq: a, ack: b})
		a++
	case TCPClose:
		f.b(tcpSpec{flags: rst, seq: b})
	}
	if state >= TCPCloseWait && state <= TCPTimeWait {
		f.b(tcpSpec{flags: ack, seq: b, ack: a})
	}
	if state == TCPLastAck || state == TCPTimeWait {
		f.b(tcpSpec{flags: finAck, seq: b, ack: a})
		b++
	}
	if state == TCPTimeWait {
		f.a(tcpSpec{flags: ack, seq: a, ack: b})
	}
	return a, b
}
