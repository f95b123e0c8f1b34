package iptables

import (
	"math/bits"
	"slices"
	"strings"

	"nfvm/nf"
	"nfvm/xt"
)

var rawTable = []string{"raw"}

var ctTargets = []extension{
	{name: "CT", tables: rawTable, opts: []option{
		{name: "notrack"}, {name: "helper", args: 1},
		{name: "zone", args: 1}, {name: "zone-orig", args: 1}, {name: "zone-reply", args: 1},
		{name: "ctevents", args: 1}, {name: "expevents", args: 1},
		{name: "timeout", args: 1},
	}, lower: lowerCT},
	{name: "TPROXY", tables: mangleTable, hooks: hooksOf(nf.HookPrerouting), protos: []uint8{protoTCP, protoUDP}, opts: []option{
		{name: "on-port", args: 1, needed: true}, {name: "on-ip", args: 1}, {name: "tproxy-mark", args: 1},
	}, lower: lowerTProxy},
	{name: "CHECKSUM", tables: mangleTable, opts: []option{{name: "checksum-fill", needed: true}}, lower: func(r *lowering, _ *use) {
		r.targetXT("CHECKSUM", 0, &xt.Checksum{Operation: 1})
	}},
}

// lowerTProxy fills in the address of a local proxy.
func lowerTProxy(r *lowering, x *use) {
	info := xt.TProxy{}
	if port, ok := r.decimalPort(x.option("on-port").args[0], 0); ok {
		info.Port = bits.ReverseBytes16(uint16(port))
	}
	if g := x.option("on-ip"); g != nil {
		a, _ := r.parseAddr(g.args[0])
		copy(info.Addr[:], a)
	}
	if g := x.option("tproxy-mark"); g != nil {
		m, _ := r.maskedValue(g.args[0])
		info.MarkValue, info.MarkMask = m.value, m.mask
	}
	r.targetXT("TPROXY", 1, &info)
}

// lowerCT expresses CT: what a connection shall have is said before it is
// tracked, by a template. That it shall not be is no notrack of nft, which does
// so to answers to what is not tracked as well.
func lowerCT(r *lowering, x *use) {
	info := xt.CT{}
	if x.has("notrack") { // beside which the kernel looks at nothing else
		info.Flags = xt.CTNotrack
		r.targetXT("CT", 2, &info)
		return
	}
	if g := x.option("timeout"); g != nil && g.args[0].text != "" {
		r.errorf(g.span, "option --timeout of CT is not supported: the timeout policy is not in the file")
	}
	for _, z := range []struct {
		name string
		flag uint16
	}{{"zone", 0}, {"zone-orig", xt.CTZoneOrig}, {"zone-reply", xt.CTZoneRepl}} {
		g := x.option(z.name)
		if g == nil {
			continue
		}
		info.Flags |= z.flag
		if strings.EqualFold(g.args[0].text, "mark") {
			info.Flags |= xt.CTZoneMark
			continue
		}
		n, _ := r.number(g.args[0], 0, 0xffff)
		info.Zone = uint16(n)
	}
	if g := x.option("helper"); g != nil && g.args[0].text != "" {
		r.ctHelper(g, &info)
	}
	if g := x.option("ctevents"); g != nil {
		info.Events = r.events(g.args[0], ctEvents)
	}
	if g := x.option("expevents"); g != nil {
		info.ExpectEvents = r.events(g.args[0], []string{"new"})
	}
	r.targetXT("CT", 2, &info)
}

// ctEvents are the events of connections (enum ip_conntrack_events).
var ctEvents = []string{"new", "related", "destroy", "reply", "assured", "protoinfo", "helper", "mark", "natseqinfo", "secmark"}

// events reads a list of events as bits. Linux keeps them and reports all events
// none the less (6.18).
func (l *lowering) events(list word, known []string) (mask uint32) {
	for _, w := range list.split(",") {
		i := slices.Index(known, w.text)
		if i < 0 {
			l.errorf(w.span, "unknown event %q%s", w.text, didYouMean(w.text, known))
			continue
		}
		mask |= 1 << i
	}
	return mask
}

// ctHelper takes in the name of a helper; the rule must match its protocol.
func (l *lowering) ctHelper(g *given, info *xt.CT) {
	w := g.args[0]
	switch {
	case l.proto.name.text == "" || l.proto.any || l.proto.not:
		l.incomplete(g.span, "--helper needs a protocol: -p tcp or -p udp")
	case len(w.text) >= len(info.Helper) || w.text == "":
		l.errorf(w.span, "a helper's name has 1 to %d characters", len(info.Helper)-1)
	}
	copy(info.Helper[:], w.text)
}
