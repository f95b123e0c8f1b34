package gen

import (
	"fmt"
	"strings"
)

// What is shared by the rules of a table whose chains are long, or changes while
// they are gone through: the optimiser must leave all of it as it is.

// shared are objects, and sets that rules change, of a table with long chains.
var shared = []string{
	"counter k0 {\n}", "counter k1 {\n}", "quota q0 {\nover 900 bytes\n}", "limit l0 {\nrate 3/day burst 4 packets\n}",
	"set seen {\ntype inet_service\nsize 6\nflags dynamic\n}", "set held {\ntype mark\nsize 50\nflags dynamic\n}",
	"set many {\ntype inet_service\nsize 20\nflags dynamic\n}",
	"map by {\ntype inet_service : mark\nsize 9\nflags dynamic\n}",
}

// effect draws a statement whose work shows later: in the same chain, in
// another, in a listing, a log or a trace.
func (p *place) effect(r source) string {
	return pick(r, p.object, p.object, p.member, p.member, p.observed, p.observed, p.block)(r)
}

// object draws the use of a named object, perhaps chosen by a map.
func (p *place) object(r source) string {
	return pick(r, `counter name "k0"`, `counter name "k1"`, `quota name "q0"`, `limit name "l0"`,
		`counter name th dport map { 53 : "k0", 80-100 : "k1" }`, `quota name meta mark map { 0 : "q0", 2 : "q0" }`)
}

// member draws a change of a set that other rules look at.
func (p *place) member(r source) string {
	key := "th " + pick(r, "dport", "sport")
	return pick(r, "add @seen { "+key+" }", "update @seen { "+key+" }", "delete @seen { "+key+" }", "add @seen { "+key+" counter }",
		"update @held { meta mark limit rate 1/day burst 2 packets }", "delete @held { ct mark }", "add @held { meta mark }",
		"update @by { "+key+" : meta mark }", "delete @by { "+key+" : 1 }", "add @by { "+key+" : 2 }",
		"add @many { "+key+" ct count over "+pick(r, "1", "2")+" }")
}

// members draws a look at a set that rules change.
func (p *place) members(r source) string {
	key := "th " + pick(r, "dport", "sport")
	return pick(r, key+" "+r.op()+"@seen", key+" "+r.op()+"@seen", "meta mark "+r.op()+"@held", "meta mark set "+key+" map @by")
}

// observed draws a statement that shows in traces, logs and what is remembered.
func (p *place) observed(r source) string {
	return pick(r, "meta nftrace set 0", "meta nftrace set 1", "ct count "+pick(r, "", "over ")+pick(r, "1", "2", "5"), "last",
		`log prefix "seen " flags all`, `log prefix "seen" level debug flags tcp sequence,options flags ip options`,
		"meta priority set "+pick(r, "1:2", "0:7"), "meta mark set numgen inc mod 5 offset 1", "numgen inc mod 3 { 0, 2 }", "ct label set "+r.label(),
		"tcp option timestamp exists", "limit rate 2/day burst 3 packets", "quota 500 bytes", "meta mark set meta mark << 1",
		"ct mark set meta mark", "meta mark set ct mark")
}

// block draws rules in a rule.
func (p *place) block(r source) string {
	var rules []string
	for range 1 + r.IntN(3) {
		rules = append(rules, pick(r, p.ports, p.mark, p.flags, p.members)(r)+pick(r, "", " counter", " return", " meta mark set 5", " accept", " "+p.member(r)))
	}
	return pick(r, "jump", "jump", "jump", "goto") + " { " + strings.Join(rules, "; ") + "; }"
}

// pieces draws tests of parts of the same bytes, of various widths.
func (p *place) pieces(r source) string {
	if p.six(r) {
		six := func() string { return "ip6 " + pick(r, "saddr", "daddr") }
		return pick(r, "@nh,64,64 0xfd01000000000000", six()+" & ffff:: == fd01::", six()+" . "+six()+" { fd01::2 . fd02::2, fd01::3 . fd02::2 }",
			"@nh,64,128 & 0xff > 2", six()+" >= fd01::2", six()+" < fd02::2")
	}
	four := func() string { return "ip " + pick(r, "saddr", "daddr") }
	return pick(r, fmt.Sprintf("@nh,96,64 0x0a00010%d0a00020%d", 2+r.IntN(3), 2+r.IntN(2)), "@nh,96,64 & 0xff000000ff000000 == 0x0a0000000a000000",
		four()+" . "+four()+" { 10.0.1.2 . 10.0.2.2, 10.0.1.3 . 10.0.2.2, 10.0.1.4 . 10.0.2.3 }", four()+" & 0.0.0.1 == 0", four()+" & 0.0.0.3 != 2",
		"@nh,96,16 0x0a00", "@nh,104,48 > 0x10000000000", "@th,0,32 "+fmt.Sprintf("0x%08x", r.port()<<16|r.port()), "@th,8,16 < 0x5000",
		"@nh,72,8 6", "@ih,0,16 0x6865")
}
