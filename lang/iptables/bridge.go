package iptables

import (
	"math"
	"slices"
	"strings"

	"nfvm/lang"
	"nfvm/nf"
)

// bridgeTables are the tables of ebtables: the priorities of enum
// nf_br_hook_priorities.
var bridgeTables = map[string][]builtin{
	"filter": {
		{"INPUT", nf.HookInput, "filter", -200},
		{"FORWARD", nf.HookForward, "filter", -200},
		{"OUTPUT", nf.HookOutput, "filter", -200},
	},
	"nat": {
		{"PREROUTING", nf.HookPrerouting, "filter", -300},
		{"OUTPUT", nf.HookOutput, "filter", 100},
		{"POSTROUTING", nf.HookPostrouting, "filter", 300},
	},
	"broute": {{"BROUTING", nf.HookPrerouting, "filter", math.MinInt32}},
}

// bridgeBasics are the options that every rule of ebtables may have.
func bridgeBasics() []basic {
	all := []basic{
		{"-p", []string{"--protocol", "--proto"}, 1, true, (*spec).setEtherType},
		{"-s", []string{"--source", "--src"}, 1, true, func(s *spec, not bool, a []word) { s.macSrc = macArg{a[0], not} }},
		{"-d", []string{"--destination", "--dst"}, 1, true, func(s *spec, not bool, a []word) { s.macDst = macArg{a[0], not} }},
		{"-i", []string{"--in-interface", "--in-if"}, 1, true, func(s *spec, not bool, a []word) { s.inIface = s.iface(a[0], not) }},
		{"-o", []string{"--out-interface", "--out-if"}, 1, true, func(s *spec, not bool, a []word) { s.outIface = s.iface(a[0], not) }},
		{"--logical-in", []string{"--logical-in"}, 1, true, func(s *spec, not bool, a []word) { s.inBridge = s.iface(a[0], not) }},
		{"--logical-out", []string{"--logical-out"}, 1, true, func(s *spec, not bool, a []word) { s.outBridge = s.iface(a[0], not) }},
	}
	for _, b := range ipBasics() {
		if slices.Contains([]string{"-j", "-c"}, b.short) {
			all = append(all, b)
		}
	}
	return all
}

// A macArg is the argument of -s or -d.
type macArg struct {
	at  word
	not bool
}

// etherTypes are the names of EtherTypes that ebtables knows.
var etherTypes = []bitName{
	{"IPv4", 0x0800}, {"ip", 0x0800}, {"ip4", 0x0800}, {"ether-arp", 0x0806}, {"RARP", etherRARP}, {"802.1Q", 0x8100}, {"8021q", 0x8100}, {"1q", 0x8100}, {"ip6", 0x86dd}, {"X25", 0x0805}, {"ARP", 0x0806}, {"FR_ARP", 0x0808}, {"BPQ", 0x08ff}, {"DEC", 0x6000},
	{"DNA_DL", 0x6001}, {"DNA_RC", 0x6002}, {"DNA_RT", 0x6003}, {"LAT", 0x6004}, {"DIAG", 0x6005}, {"CUST", 0x6006},
	{"SCA", 0x6007}, {"TEB", 0x6558}, {"RAW_FR", 0x6559}, {"AARP", 0x80f3}, {"ATALK", 0x809b}, {"802_1Q", 0x8100},
	{"802_1ad", 0x88a8}, {"IPX", 0x8137}, {"NetBEUI", 0x8191}, {"IPv6", 0x86dd}, {"PPP", 0x880b}, {"MPLS", 0x8847},
	{"PPP_DISC", 0x8863}, {"PPP_SES", 0x8864}, {"LOOP", 0x9000},
}

// lengthTypes are the EtherTypes that are lengths of frames of IEEE 802.3.
const lengthTypes = 0x0600

// An etherArg is the argument of -p of ebtables; length is LENGTH.
type etherArg struct {
	at     word
	typ    uint64
	length bool
	not    bool
}

func (s *spec) setEtherType(not bool, args []word) {
	w := args[0]
	e := etherArg{at: w, not: not, length: strings.EqualFold(w.text, "LENGTH")}
	if !e.length {
		var ok bool
		if e.typ, ok = s.etherType(w, lengthTypes); !ok {
			return
		}
	}
	s.ether = e
}

// etherType reads an EtherType by name, or in hexadecimal from least on.
func (s *spec) etherType(w word, least uint64) (uint64, bool) {
	var known []string
	for _, n := range etherTypes {
		if strings.EqualFold(n.name, w.text) {
			return n.bit, true
		}
		known = append(known, n.name)
	}
	text := w.text
	if !strings.HasPrefix(strings.ToLower(text), "0x") {
		text = "0x" + text
	}
	n, err := parseNumber(text)
	if err != nil || n > 0xffff || n < least {
		s.errorf(w.span, "unknown protocol %s%s", w.text, didYouMean(w.text, known))
		return 0, false
	}
	return n, true
}

// bridgeHead expresses what a rule of ebtables itself matches.
func bridgeHead(l *lowering, _, _ addrArg) {
	if l.macSrc.at.text != "" {
		l.build = build{l.macSrc.at.span}
		l.compareMAC(l.field("ether", "saddr"), l.macSrc.at, l.macSrc.not)
	}
	if l.macDst.at.text != "" {
		l.build = build{l.macDst.at.span}
		l.compareMAC(l.field("ether", "daddr"), l.macDst.at, l.macDst.not)
	}
	l.matchInterface("iifname", l.inIface)
	l.matchInterface("oifname", l.outIface)
	l.matchInterface("ibrname", l.inBridge)
	l.matchInterface("obrname", l.outBridge)
	if l.ether.at.text == "" {
		return
	}
	l.build = build{l.ether.at.span}
	typ := l.field("ether", "type")
	switch {
	case l.ether.length && l.ether.not:
		l.emit(l.match(lang.OpGe, typ, l.value(lengthTypes)))
	case l.ether.length:
		l.emit(l.match(lang.OpLt, typ, l.value(lengthTypes)))
	default:
		l.emit(l.equal(typ, l.value(l.ether.typ), l.ether.not))
	}
}

// needsEther refuses options that speak of a protocol which the rule does not
// match.
func (l *lowering) needsEther(g *given, name string, types ...uint64) bool {
	if l.ether.at.text != "" && !l.ether.not && !l.ether.length && slices.Contains(types, l.ether.typ) {
		return true
	}
	l.incomplete(g.span, "option --%s needs -p %s", g.opt.name, name)
	return false
}
