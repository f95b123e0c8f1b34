package gen

import (
	"fmt"
	"strings"
)

// statement draws a statement that lets the rule go on.
func (p *place) statement(r source) string {
	kinds := []func(source) string{p.count, p.count, p.limit, p.setMark, p.setMark, p.write, p.remember, p.choose}
	if p.hook == "prerouting" || p.hook == "output" {
		kinds = append(kinds, p.tracking)
	}
	if p.sets != nil && p.sets.shared && !r.long {
		kinds = append(kinds, p.object, p.members)
	}
	return pick(r, kinds...)(r)
}

func (p *place) count(r source) string {
	return pick(r, "counter", "counter", "counter", `log prefix "x"`)
}

func (p *place) limit(r source) string {
	return pick(r, fmt.Sprintf("limit rate %s%d/day burst %d packets", pick(r, "", "over "), pick(r, 1, 3), pick(r, 1, 3, 5, 8)),
		fmt.Sprintf("limit rate %s%d bytes/day burst %d bytes", pick(r, "", "over "), pick(r, 100, 500), pick(r, 100, 1000)),
		fmt.Sprintf("quota %s%d bytes", pick(r, "", "over ", "until "), pick(r, 100, 300, 1000)))
}

func (p *place) setMark(r source) string {
	if m := p.sets.maps(r, "mark"); m != nil && r.chance(40) {
		return "meta mark set " + m.key(r) + " map @" + m.name
	}
	return pick(r, "meta mark set "+r.mark(), "ct mark set "+r.mark(), "meta mark set ct mark", "ct mark set meta mark",
		"meta mark set meta mark | 1", "meta mark set meta mark ^ 0xff", "meta mark set meta mark & 0xf0", "meta mark set meta mark << 1",
		"meta mark set th dport map { 53 : 1, 80 : 2, 1000-9000 : 3 }", "meta mark set jhash th sport mod 4 seed 0x7",
		"meta mark set numgen inc mod 3")
}

func (p *place) write(r source) string {
	if p.kind == "nat" {
		return "counter"
	}
	if p.six(r) {
		return pick(r, "ip6 dscp set cs3", "ip6 hoplimit set 9", "@th,16,16 set "+fmt.Sprint(r.port()), "tcp option maxseg size set 1300")
	}
	return pick(r, "ip dscp set cs3", "ip ttl set 9", "ip ecn set ce", "@th,16,16 set "+fmt.Sprint(r.port()), "tcp dport set "+fmt.Sprint(r.port()),
		"tcp option maxseg size set 1300", "tcp window set 77", "icmp id set 99", "ip id set 5", "reset tcp option sack-perm", "ip saddr set "+r.client(false))
}

// remember changes a dynamic set.
func (p *place) remember(r source) string {
	s := p.sets.find(r, true)
	if s == nil || !s.dynamic {
		return "counter"
	}
	extra := pick(r, "", "", " counter", " limit rate 1/day burst 2 packets")
	return pick(r, "add", "update", "delete") + " @" + s.name + " { " + s.key(r) + extra + " }"
}

// choose is a verdict map: it may end the rule.
func (p *place) choose(r source) string {
	if m := p.sets.maps(r, "verdict"); m != nil && r.chance(60) {
		return m.key(r) + " vmap @" + m.name
	}
	verdict := func() string {
		return pick(r, append([]string{"accept", "drop", "continue", "return"}, prefixed("jump ", p.jumps)...)...)
	}
	return pick(r, fmt.Sprintf("ct state vmap { established : %s, new : %s, invalid : %s }", verdict(), verdict(), verdict()),
		fmt.Sprintf("th dport vmap { 53 : %s, 80-100 : %s, 5000 : %s }", verdict(), verdict(), verdict()),
		fmt.Sprintf("numgen inc mod 3 vmap { 0 : %s, 1 : %s }", verdict(), verdict()))
}

// final draws what ends a rule, or nothing.
func (p *place) final(r source) string {
	if p.kind == "nat" {
		return p.nat(r)
	}
	ends := []string{"", "", "accept", "accept", "drop", "return", "continue"}
	for _, j := range p.jumps {
		ends = append(ends, "jump "+j, "goto "+j)
	}
	if p.hook != "postrouting" && p.hook != "output" {
		ends = append(ends, "reject", "meta l4proto tcp reject with tcp reset", "reject with icmpx type admin-prohibited")
	}
	return pick(r, ends...)
}

// nat draws a translation that fits the hook.
func (p *place) nat(r source) string {
	if r.chance(25) {
		return pick(r, "accept", "return", "", "", "drop")
	}
	six := p.six(r)
	in := ""
	if p.family == "inet" {
		in = ipWord(six) + " "
	}
	at, to := "10.0.2.2", pick(r, "10.0.2.100", "10.0.2.100-10.0.2.109", "10.0.1.3", "10.0.2.1")
	if six {
		at, to = "fd02::2", pick(r, "fd02::100", "fd02::100-fd02::10f", "fd02::1")
	}
	flags := pick(r, "", "", "", " persistent")
	port, colon := "", ""
	if r.chance(40) {
		port, colon = "meta l4proto { tcp, udp } ", pick(r, ":5000", ":8000-8003", ":20000-29999")
		if six {
			at = "[" + at + "]"
			if first, last, ok := strings.Cut(to, "-"); ok {
				to = "[" + first + "]-[" + last + "]"
			} else {
				to = "[" + to + "]"
			}
		}
	}
	if strings.Contains(colon, "20000") && p.hook != "prerouting" && p.hook != "output" {
		flags = pick(r, flags, flags, " random", " fully-random", " random,persistent")
	}
	switch p.hook {
	case "postrouting":
		// a range that no number of the case falls into, for what is drawn at random
		colon = strings.Replace(colon, ":8000-8003", ":20000-29999", 1)
		if r.chance(40) {
			return port + "masquerade" + strings.Replace(colon, ":", " to :", 1)
		}
		return port + "snat " + in + "to " + to + colon + flags
	case "input":
		colon = strings.Replace(colon, ":8000-8003", ":20000-29999", 1)
		return port + "snat " + in + "to " + to + colon + flags
	}
	if r.chance(35) {
		return port + "redirect" + strings.Replace(colon, ":", " to :", 1)
	}
	return port + "dnat " + in + "to " + at + colon + flags
}
