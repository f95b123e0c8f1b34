package iptables

import (
	"strings"

	"nfvm/lang"
)

// EtherTypes (IEEE 802).
const (
	etherIPv4 = 0x0800
	etherARP  = 0x0806
	etherVLAN = 0x8100
	etherIPv6 = 0x86dd
)

// bridgeExtensions are ebtables' matches and watchers; their options need no -m.
func bridgeExtensions() []extension {
	return []extension{
		{name: "ip", opts: bridgeIPOptions("ip", "IPv4", etherIPv4)},
		{name: "ip6", opts: bridgeIPOptions("ip6", "IPv6", etherIPv6)},
		{name: "arp", opts: bridgeARPOptions()},
		{name: "vlan", opts: []option{
			vlanOption("vlan-id", "id", 4095), vlanOption("vlan-prio", "pcp", 7),
			{name: "vlan-encap", args: 1, negate: true, lower: func(r *lowering, g *given) {
				if n, ok := r.etherType(g.args[0]); ok && r.needsEther(g, "802_1Q", etherVLAN) {
					r.emit(r.equal(r.field("vlan", "type"), r.value(n), g.negated()))
				}
			}},
		}},
		{name: "limit", opts: []option{{name: "limit", args: 1}, {name: "limit-burst", args: 1}}, lower: lowerLimit},
		{name: "mark_m", opts: []option{{name: "mark", args: 1, negate: true, lower: func(r *lowering, g *given) { r.bridgeMark(g) }}}},
		{name: "pkttype", opts: []option{{name: "pkttype-type", args: 1, negate: true, lower: lowerPktType}}},
		{name: "802_3", opts: []option{
			{name: "802_3-sap", args: 1, negate: true, lower: lowerSAP},
			{name: "802_3-type", args: 1, negate: true, refuse: "its place depends on another field of the header"},
		}},
		{name: "among", opts: []option{
			{name: "among-src", args: 1, negate: true, lower: func(r *lowering, g *given) { r.among(g, "saddr") }},
			{name: "among-dst", args: 1, negate: true, lower: func(r *lowering, g *given) { r.among(g, "daddr") }},
			{name: "among-src-file", args: 1, negate: true, refuse: "write the addresses into the rule"},
			{name: "among-dst-file", args: 1, negate: true, refuse: "write the addresses into the rule"},
		}},
		{name: "string", opts: []option{
			{name: "string-algo", args: 1, refuse: noBridgeString}, {name: "string-from", args: 1, refuse: noBridgeString},
			{name: "string-to", args: 1, refuse: noBridgeString}, {name: "string", args: 1, negate: true, refuse: noBridgeString},
			{name: "string-hex", args: 1, negate: true, refuse: noBridgeString}, {name: "string-icase", refuse: noBridgeString},
		}},
		{name: "stp", opts: stpOptions()},
		{name: "log", opts: []option{
			{name: "log"}, {name: "log-level", args: 1}, {name: "log-prefix", args: 1}, {name: "log-ip"}, {name: "log-ip6"}, {name: "log-arp"},
		}, lower: lowerBridgeLog},
		{name: "nflog", opts: []option{
			{name: "nflog"}, {name: "nflog-group", args: 1}, {name: "nflog-prefix", args: 1}, {name: "nflog-range", args: 1}, {name: "nflog-threshold", args: 1},
		}, lower: lowerNFLog},
		{name: "ulog", opts: []option{{name: "ulog", refuse: "it was removed from the kernel; --nflog does the same"},
			{name: "ulog-nlgroup", args: 1, refuse: "it was removed from the kernel; --nflog-group does the same"},
			{name: "ulog-prefix", args: 1, refuse: "it was removed from the kernel; --nflog-prefix does the same"}}},
	}
}

const noBridgeString = "frames are not searched for text"

// stpOptions refuses the fields of spanning tree messages one by one.
func stpOptions() []option {
	var out []option
	for _, name := range []string{"type", "flags", "root-prio", "root-addr", "root-cost", "sender-prio", "sender-addr", "port",
		"msg-age", "max-age", "hello-time", "forward-delay"} {
		out = append(out, option{name: "stp-" + name, args: 1, negate: true, refuse: "spanning tree messages are not matched"})
	}
	return out
}

func vlanOption(name, field string, most uint64) option {
	return option{name: name, args: 1, negate: true, lower: func(r *lowering, g *given) {
		if n, ok := r.number(g.args[0], 0, most); ok && r.needsEther(g, "802_1Q", etherVLAN) {
			r.emit(r.equal(r.field("vlan", field), r.value(n), g.negated()))
		}
	}}
}

// bridgeMark compares the mark: VALUE, VALUE/MASK, or /MASK for any of the bits.
func (l *lowering) bridgeMark(g *given) {
	w := g.args[0]
	if mask, ok := strings.CutPrefix(w.text, "/"); ok {
		if n, ok := l.number(w.part(1, mask), 0, 0xffffffff); ok {
			l.emit(l.anyBit(l.meta("mark"), n, g.negated()))
		}
		return
	}
	if m, ok := l.maskedValue(w); ok {
		l.emit(l.equal(l.masked(l.meta("mark"), uint64(m.mask), 0xffffffff), l.value(uint64(m.value)), g.negated()))
	}
}

// lowerSAP compares both service access points of a frame of IEEE 802.2.
func lowerSAP(r *lowering, g *given) {
	n, ok := r.number(g.args[0], 0, 0xff)
	if !ok {
		return
	}
	if !r.ether.length || r.ether.not {
		r.incomplete(g.span, "option --802_3-sap needs -p LENGTH")
		return
	}
	const dsap, ssap = 112, 120 // bits behind the Ethernet header
	r.emit(r.equal(r.raw("ll", ssap, 8), r.value(n), g.negated()), r.equal(r.raw("ll", dsap, 8), r.value(n), g.negated()))
}

// among compares the address, with or without that of IPv4, with a list.
func (l *lowering) among(g *given, field string) {
	var values []lang.Expr
	pairs := 0
	for _, w := range g.args[0].split(",") {
		if w.text == "" {
			continue
		}
		m, ip, has := w.cut("=")
		mac, ok := parseMAC(m.text)
		if !ok {
			l.errorf(m.span, "%q is no MAC address", m.text)
			continue
		}
		if !has {
			values = append(values, l.mac(mac))
			continue
		}
		pairs++
		if a, ok := l.parseAddr(ip); ok {
			values = append(values, l.concat(l.mac(mac), l.addr(a)))
		}
	}
	key := l.field("ether", field)
	switch {
	case len(values) == 0:
		l.errorf(g.span, "a list of addresses is needed")
		return
	case pairs > 0 && pairs < len(values):
		l.errorf(g.span, "either all addresses of --%s come with one of IPv4, or none", g.opt.name)
		return
	case pairs > 0:
		if !l.needsEther(g, "IPv4", etherIPv4) {
			return
		}
		key = l.concat(key, l.field("ip", field))
	}
	l.emit(l.equal(key, l.set(values...), g.negated()))
}

// lowerBridgeLog expresses the watcher log. What of the packet is printed is the
// log's own affair.
func lowerBridgeLog(r *lowering, x *use) {
	log := &lang.Log{Pos: r.pos(), Level: r.word("info"), Flags: []lang.Word{r.word("ether")}}
	if g := x.option("log-prefix"); g != nil {
		log.Prefix = r.prefix(g, maxLogPrefix)
	}
	if g := x.option("log-level"); g != nil {
		n, ok := r.logLevel(g.args[0])
		if !ok {
			return
		}
		log.Level = r.word(logLevels[n])
	}
	r.emit(log)
}
