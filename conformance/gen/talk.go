package gen

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"

	"nfvm/conformance/notation"
)

// Talks draws conversations of protocols that announce other connections, and
// the connections that they announce.
type Talks struct {
	Traffic
	talks []*talk
	now   *talk // whose packet was the last
	port  int   // of the last announcement
	six   bool
}

// Announced are the ports that conversations use and announce; each is used once,
// so that nobody has to draw another at random.
var Announced = numbers(2000, 600)

func numbers(first, n int) (out []int) {
	for i := range n {
		out = append(out, first+i)
	}
	return out
}

// A talk is a conversation of a client with a server.
type talk struct {
	script
	client, server side
	last           *side // who spoke last
	heard          bool  // it came out on the other side
	step           int
}

// A side is one end of a conversation and what it knows of the other.
type side struct {
	at, own, peer     string
	ownPort, peerPort string
	next, ack         uint32
	text              string // what it has said last, to be said again
}

// NewTalks draws n packets for a scenario of NewHelpers.
func NewTalks(seed uint64, n int, s *Scenario) *Talks {
	t := &Talks{six: s.Tables[0].Family == "ip6"}
	t.source, t.left = source{Rand: rand.New(rand.NewPCG(seed, 5))}, n
	return t
}

// Next gives the next step.
func (t *Talks) Next(seen []string) (string, bool) {
	if t.now != nil {
		t.hear(seen)
	} else if len(t.flows) > 0 {
		t.flows[0].learn(seen)
	}
	if t.left--; t.left < 0 {
		return "", false
	}
	t.now = nil
	if len(t.flows) > 0 && t.chance(25) {
		i := t.IntN(len(t.flows))
		t.flows[0], t.flows[i] = t.flows[i], t.flows[0]
		return t.flows[0].step(t.source), true
	}
	if len(t.talks) == 0 || t.chance(6) {
		t.talks = append(t.talks, t.begin())
	}
	t.now = pick(t.source, t.talks...)
	return t.say(t.now), true
}

// fresh gives a port that nobody has used yet, while there are some.
func (t *Talks) fresh() int {
	t.port++
	return Announced[min(t.port, len(Announced))-1]
}

// even gives a fresh port for media, with the one above.
func (t *Talks) even() int {
	port := t.fresh()
	if port%2 != 0 {
		port = t.fresh()
	}
	t.fresh()
	return port
}

func (t *Talks) begin() *talk {
	k := &talk{script: pick(t.source, scripts...)}
	for t.six && !k.six {
		k.script = pick(t.source, scripts...)
	}
	k.client = side{at: "ta", own: t.client(t.six), peer: t.server(t.six), ownPort: fmt.Sprint(t.fresh()), peerPort: fmt.Sprint(k.port), next: 1000, ack: 5001}
	k.server = side{at: "tb", own: k.client.peer, peer: k.client.own, ownPort: k.client.peerPort, peerPort: k.client.ownPort, next: 5000, ack: 1001}
	return k
}

// say lets one side of a conversation speak: of TCP the handshake first. What did
// not come through is mostly said again.
func (t *Talks) say(k *talk) string {
	if k.last != nil && k.last.text != "" && (!k.heard && t.chance(60) || t.chance(6)) {
		return t.send(k, k.last, k.last.text)
	}
	k.step++
	s, client := &k.client, true
	if k.step == 2 || k.step > 3 && t.chance(50) {
		s, client = &k.server, false
	}
	if k.udp {
		return t.send(k, s, fmt.Sprintf("udp %s > %s%s", s.ownPort, s.peerPort, datum(k.line(t, s, client))))
	}
	const options = " opts mss=1460,sackok"
	switch k.step {
	case 1:
		s.next++
		return t.send(k, s, fmt.Sprintf("tcp %s > %s [S] seq %d win 60000%s", s.ownPort, s.peerPort, s.next-1, options))
	case 2:
		s.next++
		return t.send(k, s, fmt.Sprintf("tcp %s > %s [SA] seq %d ack %d win 60000%s", s.ownPort, s.peerPort, s.next-1, s.ack, options))
	}
	data, flags := k.line(t, s, client), "PA"
	if k.step == 3 || t.chance(20) {
		data, flags = "", "A"
	} else if t.chance(2) {
		flags = pick(t.source, "FA", "R")
	}
	text := fmt.Sprintf("tcp %s > %s [%s] seq %d ack %d win 60000%s", s.ownPort, s.peerPort, flags, s.next, s.ack, t.selective(s)) + datum(data)
	s.next += uint32(len(data))
	return t.send(k, s, text)
}

// selective draws an acknowledgment of what lies beyond a gap.
func (t *Talks) selective(s *side) string {
	if !t.chance(10) {
		return ""
	}
	return fmt.Sprintf(" opts nop,nop,sack=%d-%d", s.ack+uint32(t.IntN(30)), s.ack+30+uint32(t.IntN(9)))
}

func datum(data string) string {
	if data == "" {
		return ""
	}
	return " data " + strconv.Quote(data)
}

func (t *Talks) send(k *talk, s *side, text string) string {
	k.last, k.heard, s.text = s, false, text
	return ref.ReplaceAllString(fmt.Sprintf("%s> %s %s > %s %s", s.at, ipWord(t.six), s.own, s.peer, text), "$$$0")
}

var drawn = regexp.MustCompile(`\bP\d+ >|> P\d+\b`)

// hear tells the other side what came out, and perhaps lets it connect to what was
// announced.
func (t *Talks) hear(seen []string) {
	k := t.now
	other := &k.server
	if k.last == other {
		other = &k.client
	}
	for _, l := range seen {
		m := line.FindStringSubmatch(l)
		if m == nil || m[1] != "" || m[2] != other.at || strings.Contains(m[3], "{") {
			continue
		}
		k.heard, other.own, other.peer = true, m[5], m[4]
		if p := portsOf.FindStringSubmatch(m[3]); p != nil && p[1] != "" {
			other.peerPort, other.ownPort = p[2], p[3]
		}
		data, end := t.payload(drawn.ReplaceAllStringFunc(m[3], func(s string) string { return strings.Map(withoutP, s) }))
		other.ack = max(other.ack, end)
		for _, to := range k.announced(string(data), other) {
			if t.chance(70) {
				t.flows = append(t.flows, t.connect(k, other, to))
			}
		}
	}
}

func withoutP(r rune) rune {
	if r == 'P' {
		return -1
	}
	return r
}

// payload gives what a packet carries and, of TCP, the number behind it.
func (t *Talks) payload(text string) (data []byte, end uint32) {
	b, err := notation.Parse(text)
	if err != nil || len(b) < 48 {
		return nil, 0
	}
	size := 40
	if !t.six {
		size = int(b[0]&15) * 4
	}
	l4 := b[size:]
	const udpHeader, tcpHeader = 8, 20
	if strings.Contains(text, " udp ") {
		return l4[min(udpHeader, len(l4)):], 0
	}
	if len(l4) < tcpHeader {
		return nil, 0
	}
	data = l4[min(int(l4[12]>>4)*4, len(l4)):]
	end = uint32(l4[4])<<24 | uint32(l4[5])<<16 | uint32(l4[6])<<8 | uint32(l4[7])
	if l4[13]&3 != 0 { // SYN or FIN
		end++
	}
	return data, end + uint32(len(data))
}

// connect makes the connection that a side was told of.
func (t *Talks) connect(k *talk, s *side, to target) *flow {
	f := &flow{six: t.six, from: s.at, src: s.own, dst: to.addr, proto: to.proto, sport: fmt.Sprint(t.fresh()), dport: to.port, cseq: 1000, sseq: 5000}
	if to.from != "" {
		f.sport = to.from
	}
	if t.chance(10) {
		f.src = pick(t.source, t.client(t.six), t.server(t.six))
	}
	return f
}
