package ct

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"nfvm/ctnetlink"
	"nfvm/nf"
)

// TestTCPCells sends a segment of each class in each state and direction.
func TestTCPCells(t *testing.T) {
	flags := []struct {
		name string
		bits uint8
	}{{"syn", syn}, {"synack", synAck}, {"fin", finAck}, {"ack", ack}, {"rst", rst}, {"rstack", rst | ack}, {"none", 0}}
	play(t, func(w world, out *bytes.Buffer) {
		f := flow{w: w, sp: 1000}
		var seen tally
		for state := range uint8(tcpStates) {
			for d := nf.DirOriginal; d <= nf.DirReply; d++ {
				if state == TCPNone && d == nf.DirReply {
					continue
				}
				for _, fl := range flags {
					f.sp++
					sa, sb := reach(f, state)
					if d == nf.DirReply {
						sa, sb = sb, sa
					}
					s := tcpSpec{flags: fl.bits, seq: sa}
					if fl.bits&ack != 0 {
						s.ack = sb
					}
					send := f.a
					if d == nf.DirReply {
						send = f.b
					}
					verdict := send(s)
					seen.add(f, "%s %s %s: %s", ctnetlink.TCPStates[state], d, fl.name, verdict)
				}
			}
			seen.report(w, out)
		}
	})
}

// TestTCPFlags tries all combinations of flags on a new and on an open flow.
func TestTCPFlags(t *testing.T) {
	play(t, func(w world, out *bytes.Buffer) {
		for fl := range 256 {
			first := flow{w, uint16(1000 + fl)}.a(tcpSpec{flags: uint8(fl), seq: 1})
			later := flow{w, uint16(2000 + fl)}.open().a(tcpSpec{flags: uint8(fl), seq: 1001, ack: 5001})
			fmt.Fprintf(out, "%02x %s %s\n", fl, first, later)
		}
	})
}

// TestTCPWindows tries both sides of every edge of the window check.
func TestTCPWindows(t *testing.T) {
	play(t, func(w world, out *bytes.Buffer) {
		f := flow{w: w, sp: 1000}
		var seen tally
		try := func(what string, s tcpSpec) {
			f.sp++
			f.open()
			seen.add(f, "%s seq %d ack %d size %d: %s", what, int32(s.seq), int32(s.ack), s.size, f.a(s))
		}
		for _, seq := range []int{1001, 2000, 2001, 2002, 2003, 3002} {
			try("data", tcpSpec{flags: ack, seq: uint32(seq), ack: 5001, size: 1})
		}
		for _, seq := range []int{1001, 2001, 2002, 1, 0, -1, -2} {
			try("empty", tcpSpec{flags: ack, seq: uint32(seq), ack: 5001})
		}
		for _, size := range []int{1000, 1001, 1002, 1400} {
			try("long", tcpSpec{flags: ack, seq: 1001, ack: 5001, size: size})
		}
		for _, a := range []int{5001, 5002, 5003, 5001 - 65999, 5001 - 66000, 5001 - 66001, 5001 - 66002} {
			try("acknowledgement", tcpSpec{flags: ack, seq: 1001, ack: uint32(a)})
		}
		seen.report(w, out)
		scaledWindows(w, out)
		w.flush()
		selectiveAcks(w, out)
	})
}

func scaledWindows(w world, out *bytes.Buffer) {
	scale := func(n byte) []byte { return []byte{1, optWindowScale, 3, n} }
	f := flow{w: w, sp: 2000}
	for _, both := range []bool{true, false} {
		for _, seq := range []uint32{1500, 1501, 1502, 2001, 2002, 3001, 3002} {
			f.sp++
			f.a(tcpSpec{flags: syn, seq: 1000, options: scale(7)})
			answer := tcpSpec{flags: synAck, seq: 5000, ack: 1001, win: 500}
			if both {
				answer.options = scale(2)
			}
			f.b(answer)
			f.a(tcpSpec{flags: ack, seq: 1001, ack: 5001, win: 10})
			before := f.a(tcpSpec{flags: ack, seq: seq, ack: 5001})
			f.b(tcpSpec{flags: ack, seq: 5001, ack: 1001, win: 500})
			fmt.Fprintf(out, "scaled %t seq %d: %s, then %s\n", both, seq, before, f.a(tcpSpec{flags: ack, seq: seq, ack: 5001}))
		}
	}
}

func selectiveAcks(w world, out *bytes.Buffer) {
	permit := []byte{optSackPerm, 2}
	f := flow{w: w, sp: 3000}
	for _, permitted := range []bool{true, false} {
		for _, right := range []uint32{1001, 1002} {
			f.sp++
			offer := tcpSpec{flags: syn, seq: 1000}
			if permitted {
				offer.options = permit
			}
			f.a(offer)
			f.b(tcpSpec{flags: synAck, seq: 5000, ack: 1001})
			f.a(tcpSpec{flags: ack, seq: 1001, ack: 5001})
			block := append([]byte{1, 1, optSack, 10, 0, 0, 0, 0}, be.AppendUint32(nil, right)...)
			fmt.Fprintf(out, "sack %t right edge %d: %s\n", permitted, right, f.b(tcpSpec{flags: ack, seq: 5001, ack: 1001, options: block}))
		}
	}
}

// TestTCPLifetimes shows what keeps a flow alive for how long.
func TestTCPLifetimes(t *testing.T) {
	play(t, func(w world, out *bytes.Buffer) {
		say := func(what string, f flow) { fmt.Fprintf(out, "%s: %s\n", what, f.state()) }
		f := flow{w, 1}.open()
		say("open", f)
		f.a(tcpSpec{flags: ack, seq: 1001, ack: 5001, size: 3})
		say("data", f)
		f.b(tcpSpec{flags: ack, seq: 5001, ack: 1002})
		say("acknowledged in part", f)
		f.b(tcpSpec{flags: ack, seq: 5001, ack: 1004})
		say("acknowledged", f)
		for i := range 4 {
			f.b(tcpSpec{flags: ack, seq: 5001, ack: 1004})
			say(fmt.Sprintf("repeated %d", i), f)
		}
		f = flow{w, 2}.open()
		f.b(tcpSpec{flags: ack, seq: 5001, ack: 1001, win: noWin})
		say("window zero", f)
		f = flow{w, 3}.open()
		f.a(tcpSpec{flags: finAck, seq: 99999999, ack: 5001})
		say("strange FIN", f)
		f.b(tcpSpec{flags: finAck, seq: 1 << 30, ack: 1001})
		say("and back", f)
		f = flow{w, 4}
		f.a(tcpSpec{flags: ack, seq: 1, ack: 1})
		say("taken up", f)
		f.b(tcpSpec{flags: ack, seq: 1, ack: 1})
		say("answered", f)
		f.a(tcpSpec{flags: ack, seq: 1, ack: 1})
		say("again", f)
		f = flow{w, 5}
		f.a(tcpSpec{flags: syn, seq: 1000})
		w.wait(1500 * time.Millisecond)
		f.a(tcpSpec{flags: syn, seq: 1000})
		say("repeated SYN", f)
	})
}

// TestTCPReset tries sequence numbers of a RST from the server, of which the
// client acknowledged all up to 5001.
func TestTCPReset(t *testing.T) {
	play(t, func(w world, out *bytes.Buffer) {
		f := flow{w: w, sp: 1000}
		var seen tally
		for _, ignore := range []string{"0", "1"} {
			w.set("tcp_ignore_invalid_rst", ignore)
			for _, seq := range []uint32{0, 3000, 5000, 5001, 5002, 6001, 6002, 6003, 8000} {
				f.sp++
				f.open()
				seen.add(f, "ignore %s seq %d: %s", ignore, seq, f.b(tcpSpec{flags: rst, seq: seq}))
			}
		}
		w.set("tcp_ignore_invalid_rst", "0")
		for _, s := range []tcpSpec{{flags: rst | ack, ack: 1001}, {flags: rst | ack, ack: 7777}, {flags: rst, seq: 77}} {
			f.sp++
			f.a(tcpSpec{flags: syn, seq: 1000})
			seen.add(f, "after SYN: flags %x seq %d ack %d: %s", s.flags, s.seq, s.ack, f.b(s))
		}
		seen.report(w, out)
	})
}

// TestTCPReopen uses the tuple of an ended or half-known flow again.
func TestTCPReopen(t *testing.T) {
	play(t, func(w world, out *bytes.Buffer) {
		say := func(what string, f flow, tag string) { fmt.Fprintf(out, "%s: %s %s\n", what, tag, f.state()) }
		f := flow{w, 1}
		reach(f, TCPTimeWait)
		say("SYN in TIME_WAIT", f, f.a(tcpSpec{flags: syn, seq: 90000}))
		f = flow{w, 2}
		reach(f, TCPTimeWait)
		say("SYN of the server in TIME_WAIT", f, f.b(tcpSpec{flags: syn, seq: 90000}))
		f = flow{w, 3}.open()
		say("RST of the client", f, f.a(tcpSpec{flags: rst, seq: 1001}))
		say("SYN of the client", f, f.a(tcpSpec{flags: syn, seq: 1}))
		f = flow{w, 4}
		reach(f, TCPClose)
		say("SYN after RST of the server", f, f.a(tcpSpec{flags: syn, seq: 1}))
		say("its answer", f, f.b(tcpSpec{flags: synAck, seq: 700, ack: 2}))
		say("its end", f, f.a(tcpSpec{flags: ack, seq: 2, ack: 701}))
		f = flow{w, 5}.open()
		say("SYN in ESTABLISHED", f, f.a(tcpSpec{flags: syn, seq: 90000}))
		say("SYN/ACK", f, f.b(tcpSpec{flags: synAck, seq: 300000, ack: 90001}))
		say("ACK", f, f.a(tcpSpec{flags: ack, seq: 90001, ack: 300001}))
		f = flow{w, 6}.open()
		say("SYN in ESTABLISHED", f, f.a(tcpSpec{flags: syn, seq: 90000}))
		say("RST in answer", f, f.b(tcpSpec{flags: rst | ack, ack: 90001}))
		f = flow{w, 7}
		reach(f, TCPLastAck)
		say("SYN in LAST_ACK", f, f.a(tcpSpec{flags: syn, seq: 90000}))
		say("challenge", f, f.b(tcpSpec{flags: ack, seq: 5002, ack: 1002}))
		say("last ACK", f, f.b(tcpSpec{flags: ack, seq: 5002, ack: 1002}))
		f = flow{w, 8}
		f.a(tcpSpec{flags: syn, seq: 1000})
		say("challenge in SYN_SENT", f, f.b(tcpSpec{flags: ack, seq: 5000, ack: 4444}))
		say("RST for it", f, f.a(tcpSpec{flags: rst, seq: 4444}))
		f = flow{w, 9}
		reach(f, TCPSynSent2)
		say("simultaneous SYN/ACK", f, f.a(tcpSpec{flags: synAck, seq: 1000, ack: 5001}))
		say("ACK", f, f.b(tcpSpec{flags: ack, seq: 5001, ack: 1001}))
	})
}
