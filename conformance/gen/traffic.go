package gen

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
)

// Traffic draws the packets of a scenario one after another, looking at what
// came out of the kernel for those before.
type Traffic struct {
	source
	flows []*flow
	left  int
	// datagram counts those sent in pieces, pieces are what is left of the last.
	datagram int
	pieces   []string
}

// flow is a conversation: the first packet's addresses, and those that the
// other side saw.
type flow struct {
	six          bool
	from         string // interface, or "out"
	src, dst     string
	proto        string // tcp, udp, sctp, icmp, or a number
	sport, dport string
	far          string // interface where it came out; "" as yet
	fsrc, fdst   string
	fsp, fdp     string
	quote        string // the last packet that came out on the far side
	cseq, sseq   uint32
	sent         int
}

// NewTraffic draws n packets.
func NewTraffic(seed uint64, n int) *Traffic {
	return &Traffic{source: source{Rand: rand.New(rand.NewPCG(seed, 2))}, left: n}
}

// Next gives the next step, or false at the end. seen are the lines that the
// last step brought out.
func (t *Traffic) Next(seen []string) (string, bool) {
	if len(t.flows) > 0 {
		t.flows[0].learn(seen)
	}
	if t.left--; t.left < 0 {
		return "", false
	}
	if len(t.pieces) > 0 {
		next := t.pieces[0]
		t.pieces = t.pieces[1:]
		return next, true
	}
	if len(t.flows) == 0 || t.chance(18) {
		t.flows = append(t.flows, t.newFlow())
	}
	// the flow of the moment stands first
	i := t.IntN(len(t.flows))
	t.flows[0], t.flows[i] = t.flows[i], t.flows[0]
	if f := t.flows[0]; f.inPieces() && t.chance(15) {
		t.pieces = t.fragments(f)
		return t.Next(nil)
	}
	return t.flows[0].step(t.source), true
}

func (t *Traffic) newFlow() *flow {
	f := &flow{six: t.chance(30), from: pick(t.source, "ta", "ta", "ta", "ta", "tb", "out")}
	f.src, f.dst = t.client(f.six), t.server(f.six)
	switch f.from {
	case "tb":
		f.src, f.dst = t.server(f.six), pick(t.source, t.client(f.six), t.router(f.six))
	case "out":
		f.src = t.router(f.six)
		f.dst = pick(t.source, t.server(f.six), t.client(f.six))
	case "ta":
		if t.chance(20) {
			f.dst = t.router(f.six)
		}
	}
	f.proto = pick(t.source, "tcp", "tcp", "tcp", "udp", "udp", "icmp", "sctp", pick(t.source, "99", "47", "50", "136", "136", "33"))
	f.sport, f.dport = fmt.Sprint(t.port()), fmt.Sprint(t.port())
	f.cseq, f.sseq = 1000, 5000
	return f
}

// line is a packet that came out.
var line = regexp.MustCompile(`^\d+ (local )?(\w+): (ip6? (\S+) > (\S+).*)$`)

var portsOf = regexp.MustCompile(`^ip6? \S+ > \S+ [^{]*?\b(tcp|udp|sctp) (\w+) > (\w+)|^ip6? \S+ > \S+ [^{]*?echo-request id (\w+)`)

// learn takes the far side's view from the first packet of the flow that came
// out on another interface than it came in by.
func (f *flow) learn(seen []string) {
	for _, l := range seen {
		m := line.FindStringSubmatch(l)
		if m == nil || f.sent != 1 || strings.Contains(m[3], "{") || strings.Contains(m[3], " frag ") {
			continue
		}
		if f.far = m[2]; m[1] != "" {
			f.far = "out"
		}
		f.fsrc, f.fdst, f.quote = m[4], m[5], m[3]
		f.fsp, f.fdp = f.sport, f.dport
		if p := portsOf.FindStringSubmatch(m[3]); p != nil {
			f.fsp, f.fdp = p[2]+p[4], p[3]
		}
	}
}

// ref makes a name of a random port a reference to it.
var ref = regexp.MustCompile(`\bP\d+\b`)

// step writes the next packet of the flow.
func (f *flow) step(r source) string {
	f.sent++
	answer := f.far != "" && f.sent > 1 && r.chance(50)
	if !answer {
		return f.write(r, f.from, f.src, f.dst, f.sport, f.dport, false)
	}
	if r.chance(12) {
		return f.icmpError(r)
	}
	return ref.ReplaceAllString(f.write(r, f.far, f.fdst, f.fsrc, f.fdp, f.fsp, true), "$$$0")
}

func (f *flow) write(r source, at, src, dst, sport, dport string, reply bool) string {
	head := fmt.Sprintf("%s> %s %s > %s", at, ipWord(f.six), src, dst)
	head += f.oddHeader(r, at)
	switch f.proto {
	case "tcp":
		return head + fmt.Sprintf(" tcp %s > %s ", sport, dport) + f.segment(r, reply)
	case "udp":
		return head + fmt.Sprintf(" udp %s > %s", sport, dport) + pick(r, "", "", "", " sum bad", " sum 0") + pick(r, "", "", ` data "hello"`, " data x*100", " data x*1000")
	case "sctp":
		return head + fmt.Sprintf(" sctp %s > %s ", sport, dport) + f.association(r, reply)
	case "47":
		return head + " proto 47 data " + pick(r, "0x00000800", "0x3001880b0000000700000000", "0x3001880b0000000800000000", "0x0002080000000000", "0x00")
	case "136":
		return head + " proto 136 data " + lite(r, src, dst, sport, dport)
	case "33":
		return head + fmt.Sprintf(" proto 33 data 0x%04x%04x0500000000000001000000000000000000000000", number(sport), number(dport))
	case "icmp":
		word, id := "icmp", sport
		if f.six {
			word = "icmp6"
		}
		if reply {
			return head + fmt.Sprintf(" %s echo-reply id %s seq 1", word, f.fsp)
		}
		if r.chance(12) {
			return head + " " + word + " " + oddMessage(r, f.six) + " id " + id
		}
		return head + fmt.Sprintf(" %s %s id %s seq 1", word, pick(r, "echo-request", "echo-request", "echo-request", "echo-reply"), id)
	}
	return head + " proto " + f.proto + pick(r, "", ` data "12345678"`)
}

// oddHeader draws header fields; the host's own packets need an id.
func (f *flow) oddHeader(r source, at string) string {
	if at == "out" {
		if f.six {
			return ""
		}
		return " id 77"
	}
	if f.six {
		return pick(r, "", "", "", " hl 2", " hl 1", " tc 0x20", " flow 0x35", " hbh 0x010400000000", " dstopts 0x010400000000")
	}
	return pick(r, "", "", "", "", " ttl 2", " ttl 1", " tos 0x20", " df", " id 9 cut 0+8", " opts 0x94040000")
}

// segment draws a TCP segment that mostly continues the connection.
func (f *flow) segment(r source, reply bool) string {
	seq, ack := &f.cseq, &f.sseq
	if reply {
		seq, ack = ack, seq
	}
	flags := pick(r, "A", "A", "PA", "PA", "FA", "R", "RA", "S", "SA", "", "F", "SF", pick(r, "UA", "SEC", "AE", "FPU", "SR", "AC"))
	switch {
	case f.sent == 1:
		flags = pick(r, "S", "S", "S", "S", "S", "A", "SA", "R")
	case f.sent == 2 && reply:
		flags = pick(r, "SA", "SA", "SA", "SA", "RA", "S", "A")
	case f.sent == 3 && !reply:
		flags = pick(r, "A", "A", "A", "S", "FA")
	}
	text := fmt.Sprintf("[%s] seq %d", flags, *seq+pick[uint32](r, 0, 0, 0, 0, 0, 0, 0, 1, 100, 998, 1000, 1001, 8190, 8192, 8193, 20000, ^uint32(0), pick(r, ^uint32(4), ^uint32(5), 999, 1<<31, 65535, ^uint32(66000))))
	if strings.Contains(flags, "A") {
		text += fmt.Sprintf(" ack %d", *ack+pick[uint32](r, 0, 0, 0, 0, 0, 0, 0, 1, 5, 30000, ^uint32(65999), ^uint32(66001)))
	}
	text += pick(r, "", "", "", " win 1000", " win 0", pick(r, " win 1", " win 65535"))
	if strings.Contains(flags, "S") {
		*seq++
		text += pick(r, "", " opts mss=1460", " opts mss=1460,sackok,ts=1:0,nop,ws=7", " opts mss=1400,nop,nop,sackok,nop,ws=2", pick(r, " opts ws=14,nop", " opts nop,ws=15", " opts sackok,nop,nop"))
	}
	if f.sent > 3 && !strings.Contains(flags, "S") && r.chance(12) {
		from := *ack + pick[uint32](r, 0, 3, 100)
		text += fmt.Sprintf(" opts nop,nop,sack=%d-%d", from, from+pick[uint32](r, 1, 2, 5))
		if r.chance(30) {
			text += fmt.Sprintf("/%d-%d", from+8, from+9)
		}
	}
	if strings.Contains(flags, "F") {
		*seq++
	}
	if strings.Contains(flags, "P") {
		*seq += 5
		text += ` data "hello"`
	}
	return text
}

// icmpError quotes what came out on the far side, sent from there or from a
// router beyond.
func (f *flow) icmpError(r source) string {
	from, word := pick(r, f.fdst, r.server(f.six)), "icmp"
	if f.six {
		word = "icmp6"
	}
	if f.far == "out" {
		from = f.fdst
	}
	kind := pick(r, "destination-unreachable/3", "time-exceeded", "destination-unreachable/1", "parameter-problem", "destination-unreachable/4 mtu 1280", "source-quench", "redirect/1")
	if f.six {
		kind = pick(r, "destination-unreachable/4", "time-exceeded", "destination-unreachable/1", "parameter-problem", "packet-too-big mtu 1280", "100")
	}
	id := ""
	if f.far == "out" && !f.six {
		id = " id 78"
	}
	quote := f.quote
	if r.chance(12) { // of a flow that there may never have been
		quote = fmt.Sprintf("%s %s > %s udp %d > %d", ipWord(f.six), f.fsrc, f.fdst, r.port(), r.port())
	}
	text := fmt.Sprintf("%s> %s %s > %s%s %s %s { %s }", f.far, ipWord(f.six), from, f.fsrc, id, word, kind, quote)
	return ref.ReplaceAllString(text, "$$$0")
}
