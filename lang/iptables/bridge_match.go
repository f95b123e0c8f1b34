package iptables

import (
	"net/netip"
	"strconv"
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
			vlanOption("vlan-id", "id", 4094), vlanOption("vlan-prio", "pcp", 7),
			{name: "vlan-encap", args: 1, negate: true, lower: func(r *lowering, g *given) {
				n, ok := r.etherType(g.args[0], leastEncap)
				switch {
				case !ok || !r.needsEther(g, "802_1Q", etherVLAN):
				case n >= lengthTypes:
					r.emit(r.equal(r.field("vlan", "type"), r.value(n), g.negated()))
				case !g.negated(): // the kernel has a type of its own for lengths
					r.never()
				}
			}},
		}},
		{name: "limit", opts: []option{{name: "limit", args: 1}, {name: "limit-burst", args: 1}}, lower: lowerBridgeLimit},
		{name: "mark_m", opts: []option{{name: "mark", args: 1, negate: true, lower: func(r *lowering, g *given) { r.bridgeMark(g) }}}},
		{name: "pkttype", opts: []option{{name: "pkttype-type", args: 1, negate: true, lower: lowerPktType}}},
		{name: "802_3", opts: []option{
			{name: "802_3-sap", args: 1, negate: true, lower: lowerSAP},
			{name: "802_3-type", args: 1, negate: true, lower: lowerLLCType},
		}},
		{name: "among", opts: []option{
			{name: "among-src", args: 1, negate: true, lower: func(r *lowering, g *given) { r.among(g, "saddr") }},
			{name: "among-dst", args: 1, negate: true, lower: func(r *lowering, g *given) { r.among(g, "daddr") }},
			{name: "among-src-file", args: 1, negate: true, refuse: "write the addresses into the rule"},
			{name: "among-dst-file", args: 1, negate: true, refuse: "write the addresses into the rule"},
		}},
		{name: "string", opts: []option{
			{name: "string-algo", args: 1}, {name: "string-from", args: 1}, {name: "string-to", args: 1},
			{name: "string", args: 1, negate: true}, {name: "string-hex", args: 1, negate: true}, {name: "string-icase"},
		}, lower: func(r *lowering, x *use) {
			lowerString(r, x, &stringOptions{"string-algo", "string-from", "string-to", "string", "string-hex", "string-icase"})
		}},
		{name: "stp", opts: stpOptions(), lower: lowerSTP},
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

// leastEncap is the smallest type in a tag (ETH_ZLEN, as the kernel has it).
const leastEncap = 60

func vlanOption(name, field string, most uint64) option {
	return option{name: name, args: 1, negate: true, lower: func(r *lowering, g *given) {
		if n, ok := r.namedBase(g.args[0], 10, most, nil); ok && r.needsEther(g, "802_1Q", etherVLAN) {
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

// hexNumber reads a number in hexadecimal, with or without 0x.
func (s *spec) hexNumber(w word, high uint64) (uint64, bool) {
	if w.text == "" {
		return 0, true
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(strings.ToLower(w.text), "0x"), 16, 64)
	if err != nil || n > high {
		s.errorf(w.span, "a number in hexadecimal up to %x is expected, not %s", high, w.text)
		return 0, false
	}
	return n, true
}

// needsLength refuses options of frames of IEEE 802.3 in rules for others.
func (l *lowering) needsLength(g *given) bool {
	if l.ether.length && !l.ether.not {
		return true
	}
	l.incomplete(g.span, "option --%s needs -p LENGTH", g.opt.name)
	return false
}

// lowerSAP compares both service access points of a frame of IEEE 802.2.
func lowerSAP(r *lowering, g *given) {
	n, ok := r.hexNumber(g.args[0], 0xff)
	if !ok {
		return
	}
	if !r.needsLength(g) {
		return
	}
	const dsap, ssap = 112, 120 // bits behind the Ethernet header
	r.emit(r.equal(r.raw("ll", ssap, 8), r.value(n), g.negated()), r.equal(r.raw("ll", dsap, 8), r.value(n), g.negated()))
}

// among compares the address, with or without that of IPv4, with a list. As soon as
// one comes with it, only IPv4 is looked at.
func (l *lowering) among(g *given, field string) {
	var macs, ips []lang.Expr
	pairs := 0
	for _, w := range g.args[0].split(",") {
		if w.text == "" {
			continue
		}
		m, ip, has := w.cut("=")
		mac, ok := etherMAC(m.text)
		if !ok {
			l.errorf(m.span, "%q is no MAC address", m.text)
			continue
		}
		macs, ips = append(macs, l.mac(mac)), append(ips, nil)
		if !has {
			continue
		}
		pairs++
		a, err := netip.ParseAddr(ip.text)
		if err != nil || !a.Is4() {
			l.errorf(ip.span, "%q is no IPv4 address", ip.text)
			continue
		}
		ips[len(ips)-1] = l.addr(a.AsSlice())
	}
	key := l.field("ether", field)
	if len(macs) == 0 {
		l.errorf(g.span, "a list of addresses is needed")
		return
	}
	if pairs > 0 {
		key = l.concat(key, l.field("ip", field))
		for i, ip := range ips {
			if ip == nil { // any
				ip = l.addrRange(netip.IPv4Unspecified(), netip.AddrFrom4([4]byte{255, 255, 255, 255}))
			}
			macs[i] = l.concat(macs[i], ip)
		}
	}
	l.emit(l.equal(key, l.set(macs...), g.negated()))
}

// prefixFits refuses a prefix that ebtables does not cut.
func (l *lowering) prefixFits(g *given, most int) bool {
	if len(g.args[0].text) <= most {
		return true
	}
	l.errorf(g.args[0].span, "a prefix has at most %d characters", most)
	return false
}

// lowerBridgeLimit expresses limit: 3 an hour with a burst of 5, unless the options
// say otherwise.
func lowerBridgeLimit(r *lowering, x *use) {
	l := &lang.Limit{Pos: r.pos(), Rate: r.num(3), Unit: 3600, Burst: r.num(5)}
	if g := x.option("limit"); g != nil {
		v, ok := r.rate(g.args[0], rateScale)
		if !ok {
			return
		}
		l.Rate, l.Unit = r.num(v.count), v.unit
	}
	if g := x.option("limit-burst"); g != nil {
		n, ok := r.number(g.args[0], 0, 10000)
		if !ok {
			return
		}
		if n > 0 {
			l.Burst = r.num(n)
		}
	}
	r.emit(l)
}

// lowerBridgeLog expresses the watcher log. What of the packet is printed is the
// log's own affair.
func lowerBridgeLog(r *lowering, x *use) {
	log := &lang.Log{Pos: r.pos(), Level: r.word("info"), Flags: []lang.Word{r.word("ether")}}
	if g := x.option("log-prefix"); g != nil && g.args[0].text != "" && r.prefixFits(g, maxLogPrefix) {
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
