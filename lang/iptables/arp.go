package iptables

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"nfvm/lang"
	"nfvm/nf"
)

var arpTables = map[string][]builtin{
	"filter": {{"INPUT", nf.HookInput, "filter", 0}, {"OUTPUT", nf.HookOutput, "filter", 0}, {"FORWARD", nf.HookForward, "filter", 0}},
}

// arpBasics are the options that every rule of arptables may have.
func arpBasics() []basic {
	all := []basic{
		{"-s", []string{"--source-ip", "--src-ip"}, 1, true, func(s *spec, not bool, a []word) { s.src, s.srcNot = s.addresses(a[0], not), not }},
		{"-d", []string{"--destination-ip", "--dst-ip"}, 1, true, func(s *spec, not bool, a []word) { s.dst, s.dstNot = s.addresses(a[0], not), not }},
	}
	for _, b := range ipBasics() {
		if slices.Contains([]string{"-i", "-o", "-j", "-c"}, b.short) {
			all = append(all, b)
		}
	}
	return all
}

// arpHead expresses what a rule of arptables itself matches. All rules are about
// ARP for IPv4 on Ethernet unless they say otherwise.
func arpHead(l *lowering, src, dst addrArg) {
	l.matchInterface("iifname", l.inIface)
	l.matchInterface("oifname", l.outIface)
	l.build = build{l.line}
	for _, f := range []struct {
		option, field string
		value         uint64
	}{{"h-type", "htype", 1}, {"h-length", "hlen", 6}, {"", "plen", 4}} {
		if !l.gives(f.option) {
			l.emit(l.equal(l.field("arp", f.field), l.value(f.value), false))
		}
	}
	if src.addr != nil {
		l.build = build{src.at.span}
		l.compareAddress(l.field("arp", "saddr ip"), src, l.srcNot)
	}
	if dst.addr != nil {
		l.build = build{dst.at.span}
		l.compareAddress(l.field("arp", "daddr ip"), dst, l.dstNot)
	}
}

// gives reports whether the rule has an option of a match.
func (l *lowering) gives(option string) bool {
	return slices.ContainsFunc(l.matches, func(u *use) bool { return u.has(option) })
}

// arpMatches are options of arptables' rules that need no -m.
var arpMatches = []extension{
	{name: "arp", opts: []option{
		{name: "h-length", args: 1, negate: true, lower: lowerHLength},
		arpNumber("opcode", "operation", 10, arpOps), arpNumber("h-type", "htype", 16, []bitName{{"Ethernet", 1}}),
		arpNumber("proto-type", "ptype", 0, []bitName{{"IPv4", 0x800}}),
		macOption("source-mac", "src-mac", "arp", "saddr ether"), macOption("destination-mac", "dst-mac", "arp", "daddr ether"),
	}},
}

// arpOps are the names of operations, by number.
var arpOps = []bitName{
	{"Request", 1}, {"Reply", 2}, {"Request_Reverse", 3}, {"Reply_Reverse", 4}, {"DRARP_Request", 5},
	{"DRARP_Reply", 6}, {"DRARP_Error", 7}, {"InARP_Request", 8}, {"ARP_NAK", 9},
}

// macOption compares an Ethernet address with one, perhaps under a mask.
func macOption(name, alias, header, field string) option {
	return option{name: name, aliases: []string{alias}, args: 1, negate: true, lower: func(r *lowering, g *given) {
		r.compareMAC(r.field(header, field), g.args[0], g.negated())
	}}
}

// macNames are the names of addresses under masks.
var macNames = map[string]string{
	"unicast": "00:00:00:00:00:00/01:00:00:00:00:00", "multicast": "01:00:00:00:00:00/01:00:00:00:00:00",
	"broadcast": "ff:ff:ff:ff:ff:ff", "bga": "01:80:c2:00:00:00",
}

// readMAC reads ADDRESS[/MASK] or a name for one.
func (s *spec) readMAC(w word) (a, mask net.HardwareAddr, ok bool) {
	text := w.text
	if named := macNames[strings.ToLower(text)]; named != "" {
		text = named
	}
	addr, m, has := strings.Cut(text, "/")
	mask = net.HardwareAddr{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	if a, ok = etherMAC(addr); ok && has {
		mask, ok = etherMAC(m)
	}
	if !ok {
		s.errorf(w.span, "%q is no MAC address", w.text)
		return nil, nil, false
	}
	for i := range a {
		a[i] &= mask[i]
	}
	return a, mask, true
}

// compareMAC compares an Ethernet address.
func (l *lowering) compareMAC(x lang.Expr, w word, not bool) {
	a, mask, ok := l.readMAC(w)
	if !ok {
		return
	}
	if slices.ContainsFunc(mask, func(b byte) bool { return b != 0xff }) {
		x = l.binary(lang.OpAnd, x, l.mac(mask))
	}
	l.emit(l.equal(x, l.mac(a), not))
}

func (b build) mac(a net.HardwareAddr) lang.Expr {
	return &lang.Symbol{Pos: b.pos(), Text: a.String(), Kind: lang.SymMAC}
}

// etherMAC reads six groups as ether_aton does, which does not look at what stands
// behind the sixth.
func etherMAC(s string) (net.HardwareAddr, bool) {
	if parts := strings.SplitAfterN(s, ":", 6); len(parts) == 6 && len(parts[5]) > 2 {
		s = s[:len(s)-len(parts[5])+2]
	}
	return parseMAC(s)
}

// parseMAC reads six groups, of which leading zeros may be missing.
func parseMAC(s string) (net.HardwareAddr, bool) {
	groups := strings.Split(s, ":")
	for i, g := range groups {
		if len(g) == 1 {
			groups[i] = "0" + g
		}
	}
	a, err := net.ParseMAC(strings.Join(groups, ":"))
	return a, err == nil && len(groups) == 6
}

// arpTargets are the targets of arptables.
var arpTargets = []extension{
	{name: "mangle", opts: []option{
		{name: "mangle-ip-s", args: 1}, {name: "mangle-ip-d", args: 1}, {name: "mangle-mac-s", args: 1}, {name: "mangle-mac-d", args: 1},
		{name: "mangle-target", args: 1},
	}, lower: lowerMangle},
	{name: "CLASSIFY", hooks: hooksOf(nf.HookForward, nf.HookOutput), opts: []option{{name: "set-class", args: 1, needed: true, lower: lowerClassify}}},
	{name: "MARK", opts: markOptions, lower: lowerARPMark},
	traceTarget,
}

// traceTarget has a packet traced.
var traceTarget = extension{name: "TRACE", lower: func(r *lowering, _ *use) { r.emit(r.assign(r.meta("nftrace"), r.value(1))) }}

// lowerARPMark expresses MARK, whose values arptables reads and writes in
// hexadecimal without saying so.
func lowerARPMark(r *lowering, x *use) {
	if len(x.given) == 1 && !strings.HasSuffix(x.given[0].opt.name, "xmark") {
		g := *x.given[0]
		n, ok := leadingHex(g.args[0].text)
		if !ok {
			r.errorf(g.args[0].span, "a number in hexadecimal is expected, not %s", g.args[0].text)
			return
		}
		g.args = []word{{text: fmt.Sprintf("%#x", uint32(n)), span: g.args[0].span}}
		x = &use{ext: x.ext, at: x.at, given: []*given{&g}}
	}
	r.setMark(x, r.meta("mark"))
}

// lowerMangle writes addresses into the ARP packet, and ends with a verdict.
func lowerMangle(r *lowering, x *use) {
	g := x.option("mangle-target")
	if len(x.given) == 0 || g != nil && len(x.given) == 1 {
		r.lacks(x, x.at.span, "mangle needs one of --mangle-ip-s, --mangle-ip-d, --mangle-mac-s and --mangle-mac-d")
		return
	}
	if g != nil && g.args[0].text == "RETURN" {
		r.errorf(g.args[0].span, "the target is ACCEPT, DROP or CONTINUE")
		return
	}
	for _, o := range []struct{ name, field string }{{"mangle-ip-s", "saddr ip"}, {"mangle-ip-d", "daddr ip"}} {
		if g := x.option(o.name); g != nil {
			if a, ok := r.parseAddr(g.args[0]); ok {
				r.emit(r.assign(r.field("arp", o.field), r.addr(a)))
			}
		}
	}
	for _, o := range []struct{ name, field string }{{"mangle-mac-s", "saddr ether"}, {"mangle-mac-d", "daddr ether"}} {
		if g := x.option(o.name); g != nil {
			r.assignMAC(g, "arp", o.field)
		}
	}
	r.thenVerdict(x.option("mangle-target"))
}

// assignMAC writes an Ethernet address into a field.
func (l *lowering) assignMAC(g *given, header, field string) {
	a, ok := etherMAC(g.args[0].text)
	if !ok {
		l.errorf(g.args[0].span, "%q is no MAC address", g.args[0].text)
		return
	}
	l.emit(l.assign(l.field(header, field), l.mac(a)))
}

// thenVerdict adds the verdict that a target's option names; without it the
// packet is accepted.
func (l *lowering) thenVerdict(g *given) {
	name := "ACCEPT"
	if g != nil {
		name = g.args[0].text
	}
	switch name {
	case "ACCEPT":
		l.emit(l.end(lang.VerdictAccept, ""))
	case "DROP":
		l.drop()
	case "RETURN":
		l.emit(l.end(lang.VerdictReturn, ""))
	case "CONTINUE":
	default:
		l.errorf(g.args[0].span, "the target is ACCEPT, DROP, CONTINUE or RETURN")
	}
}
