package conformance

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A Mask knows which values of a case the kernel draws at random, and gives
// them names.
type Mask struct {
	lo, hi  int             // range of random ports; hi 0: none
	cookies bool            // sequence numbers and timestamps are random
	known   map[string]bool // numbers that the case itself mentions
}

var (
	number = regexp.MustCompile(`\b\d+\b`)
	// address is what has numbers that are never ports.
	address = regexp.MustCompile(`\b\d+\.\d+\.\d+\.\d+(/\d+)?`)
)

// ParseMask reads the mask section: "port LOW-HIGH" says which ports are random,
// "drawn LOW-HIGH" that the ends of this range are, though the rules name them,
// "cookies" that large sequence numbers and timestamps are (see cookies).
// The other texts are where known numbers come from.
func ParseMask(text string, sources ...string) (*Mask, error) {
	m := &Mask{known: map[string]bool{}}
	for _, src := range sources {
		for _, n := range number.FindAllString(address.ReplaceAllString(src, ""), -1) {
			m.known[n] = true
		}
	}
	for _, l := range lines(text) {
		if l == "cookies" {
			m.cookies = true
			continue
		}
		var lo, hi int
		if _, err := fmt.Sscanf(l, "drawn %d-%d", &lo, &hi); err == nil {
			delete(m.known, strconv.Itoa(lo))
			delete(m.known, strconv.Itoa(hi))
		} else if _, err := fmt.Sscanf(l, "port %d-%d", &m.lo, &m.hi); err != nil {
			return nil, fmt.Errorf("mask: %q is none of port LOW-HIGH, drawn LOW-HIGH and cookies", l)
		}
	}
	return m, nil
}

// Know adds numbers that are not random though no text mentions them yet.
func (m *Mask) Know(numbers ...int) {
	for _, n := range numbers {
		m.known[strconv.Itoa(n)] = true
	}
}

// Mistaken is the chance that a port drawn at random is one that the case mentions,
// and so is not told from it.
func (m *Mask) Mistaken() float64 {
	if m.hi == 0 {
		return 0
	}
	mentioned := 0
	for n := range m.known {
		if v, err := strconv.Atoi(n); err == nil && m.lo <= v && v <= m.hi {
			mentioned++
		}
	}
	return float64(mentioned) / float64(m.hi-m.lo+1)
}

// Names are the random values that one run has met.
type Names struct {
	mask   *Mask
	byPort map[string]string
	byName map[string]string
	cookies
}

// NewNames starts a run.
func (m *Mask) NewNames() *Names {
	return &Names{mask: m, byPort: map[string]string{}, byName: map[string]string{}}
}

// name gives the name of a port, or the port itself where it is no random one: 0 never
// is.
func (n *Names) name(port string) string {
	v, err := strconv.Atoi(port)
	if err != nil || v == 0 || n.mask.known[port] || v < n.mask.lo || v > n.mask.hi || n.mask.hi == 0 {
		return port
	}
	if n.byPort[port] == "" {
		name := fmt.Sprintf("P%d", len(n.byPort)+1)
		n.byPort[port], n.byName[name] = name, port
	}
	return n.byPort[port]
}

var variable = regexp.MustCompile(`\$P\d+`)

// Expand puts the values met so far in place of $P1, $P2, …
func (n *Names) Expand(text string) string {
	return variable.ReplaceAllStringFunc(n.cookies.expand(text), func(v string) string {
		if port := n.byName[v[1:]]; port != "" {
			return port
		}
		return v
	})
}

var (
	portPair  = regexp.MustCompile(`\b(tcp|udp|sctp) (\d+) > (\d+)`)
	litePorts = regexp.MustCompile(`\bproto 136 data 0x([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})[0-9a-f]{4}`)
	echoID    = regexp.MustCompile(`\b((?:echo|timestamp|info|address-mask)-re\w+ id) (\d+)`)
	ctPort    = regexp.MustCompile(`\b(sport|dport|id)=(\d+)`)
	fragID    = regexp.MustCompile(`\bfrag id (\d+)`)
	headerID  = regexp.MustCompile(` id \d+`)
	sumOffset = regexp.MustCompile(`\bsum \+0x[0-9a-f]+`)
	flowLabel = regexp.MustCompile(` flow 0x[0-9a-f]+`)
)

// Packet normalises the text of a packet that came out; cause is the text of
// the step that led to it, its variables not expanded. A checksum that rules
// spoilt is not compared where the port was drawn: writing another port over
// it shows the difference of the two.
func (n *Names) Packet(text, cause string) string {
	if head, quote, made := strings.Cut(text, " {"); made && !strings.Contains(cause, "{") {
		head = headerID.ReplaceAllString(head, "")
		text = flowLabel.ReplaceAllString(head, "") + " {" + quote
	}
	if variable.MatchString(cause) { // the difference holds the drawn port
		text = sumOffset.ReplaceAllString(text, "sum +*")
	}
	text = fragID.ReplaceAllStringFunc(text, func(s string) string {
		if n.mask.known[strings.Fields(s)[2]] {
			return s
		}
		return "frag id *"
	})
	text = portPair.ReplaceAllStringFunc(text, func(s string) string {
		w := strings.Fields(s)
		return w[0] + " " + n.name(w[1]) + " > " + n.name(w[3])
	})
	text = litePorts.ReplaceAllStringFunc(text, n.lite)
	if n.mask.cookies {
		text = n.cookies.name(text)
	}
	text = echoID.ReplaceAllStringFunc(text, func(s string) string {
		i := strings.LastIndexByte(s, ' ') + 1
		return s[:i] + n.name(s[i:])
	})
	return text
}

// lite names the ports of UDPlite, which is written as bytes; where one is drawn, its
// checksum is not compared.
func (n *Names) lite(text string) string {
	m := litePorts.FindStringSubmatch(text)
	src, _ := strconv.ParseUint(m[1], 16, 16)
	dst, _ := strconv.ParseUint(m[2], 16, 16)
	from, to := n.name(fmt.Sprint(src)), n.name(fmt.Sprint(dst))
	if from == fmt.Sprint(src) && to == fmt.Sprint(dst) {
		return text
	}
	return fmt.Sprintf("proto 136 %s > %s data 0x%s", from, to, m[3])
}

// Conntrack normalises a line of conntrack -L.
func (n *Names) Conntrack(text string) string {
	return ctPort.ReplaceAllStringFunc(text, func(s string) string {
		key, port, _ := strings.Cut(s, "=")
		return key + "=" + n.name(port)
	})
}

var (
	elements = regexp.MustCompile(`elements = \{[^}]*\}`)
	// drawable is a number in a listing, alone where it may be a port.
	drawable = regexp.MustCompile(`\d+\.\d+\.\d+\.\d+|[0-9a-f]*:[0-9a-f:]+|0x[0-9a-f]+|(packets|bytes|rate|burst|over|count) \d+|\b\d+\b`)
)

// Ruleset names the random ports among the elements of sets in a listing, those
// that packets have shown.
func (n *Names) Ruleset(text string) string {
	if len(n.byPort) == 0 {
		return text
	}
	return elements.ReplaceAllStringFunc(text, func(s string) string {
		return drawable.ReplaceAllStringFunc(s, func(v string) string {
			if name := n.byPort[v]; name != "" {
				return name
			}
			return v
		})
	})
}
