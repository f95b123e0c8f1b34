package iptables

import (
	"net/netip"
	"slices"
	"strings"

	"nfvm/lang"
	"nfvm/nf"
)

var (
	sourceHooks = hooksOf(nf.HookInput, nf.HookPostrouting)
	destHooks   = hooksOf(nf.HookPrerouting, nf.HookOutput)
)

var natTable = []string{"nat"}

var natTargets = []extension{
	{name: "SNAT", tables: natTable, hooks: sourceHooks, opts: []option{
		{name: "to-source", args: 1, needed: true}, {name: "random"}, {name: "random-fully"}, {name: "persistent"},
	}, lower: func(r *lowering, x *use) { r.nat(x, "snat", x.option("to-source")) }},
	{name: "DNAT", tables: natTable, hooks: destHooks, opts: []option{
		{name: "to-destination", args: 1, needed: true}, {name: "random"}, {name: "persistent"},
	}, lower: func(r *lowering, x *use) { r.nat(x, "dnat", x.option("to-destination")) }},
	{name: "MASQUERADE", tables: natTable, hooks: hooksOf(nf.HookPostrouting), opts: []option{
		{name: "to-ports", args: 1}, {name: "random"}, {name: "random-fully"},
	}, lower: func(r *lowering, x *use) { r.natPorts(x, "masquerade") }},
	{name: "REDIRECT", tables: natTable, hooks: destHooks, opts: []option{
		{name: "to-ports", args: 1}, {name: "random"},
	}, lower: func(r *lowering, x *use) { r.natPorts(x, "redirect") }},
	{name: "NETMAP", tables: natTable, hooks: sourceHooks | destHooks, opts: []option{{name: "to", args: 1, needed: true}}, lower: lowerNetmap},
}

// natFlags are the options that say how a port or address is chosen.
func (l *lowering) natFlags(x *use) []lang.Word {
	var out []lang.Word
	for _, f := range [][2]string{{"random", "random"}, {"random-fully", "fully-random"}, {"persistent", "persistent"}} {
		if x.has(f[0]) {
			out = append(out, l.word(f[1]))
		}
	}
	return out
}

// nat expresses SNAT and DNAT: [ADDRESS[-ADDRESS]][:PORT[-PORT]], with IPv6
// addresses in brackets where a port follows.
func (l *lowering) nat(x *use, kind string, g *given) {
	n := &lang.NAT{Pos: l.pos(), Kind: kind, Flags: l.natFlags(x)}
	addrs, ports, hasPorts := l.natTarget(g.args[0])
	if addrs.text != "" {
		if n.Addr = l.natAddress(addrs); n.Addr == nil {
			return
		}
	}
	if hasPorts {
		if n.Port = l.natPort(ports, g.args[0]); n.Port == nil {
			return
		}
	}
	if n.Addr == nil && n.Port == nil {
		l.errorf(g.args[0].span, "an address or a port is missing")
		return
	}
	l.emit(n)
}

// natTarget divides addresses from ports.
func (l *lowering) natTarget(w word) (addrs, ports word, has bool) {
	if l.family != nf.FamilyIPv6 {
		return w.cut(":")
	}
	if strings.HasPrefix(w.text, ":") && !strings.HasPrefix(w.text, "::") {
		return w.cut(":")
	}
	if !strings.HasPrefix(w.text, "[") {
		return w, word{span: w.span}, false
	}
	end := strings.IndexByte(w.text, ']')
	if end < 0 {
		l.errorf(w.span, "a closing bracket is missing")
		return w, word{span: w.span}, false
	}
	// What stands between the bracket and the colon is passed over.
	_, ports, has = w.part(end+1, w.text[end+1:]).cut(":")
	return w.part(1, w.text[1:end]), ports, has
}

func (l *lowering) natAddress(w word) lang.Expr {
	a, b, isRange := w.cut("-")
	from, ok1 := l.wholeAddr(a)
	to, ok2 := from, ok1
	if isRange {
		to, ok2 = l.wholeAddr(b)
	}
	if !ok1 || !ok2 {
		return nil
	}
	low, _ := netip.AddrFromSlice(from)
	high, _ := netip.AddrFromSlice(to)
	if high.Less(low) {
		l.errorf(w.span, "the range %s runs backwards", w.text)
		return nil
	}
	return l.addrRange(low, high)
}

// wholeAddr is parseAddr without groups of IPv4 left out.
func (s *spec) wholeAddr(w word) ([]byte, bool) {
	if s.family == nf.FamilyIPv4 && strings.Count(w.text, ".") != 3 {
		s.badAddress(w)
		return nil, false
	}
	return s.parseAddr(w)
}

// portProtocols are those with ports; NAT gives the last none.
var portProtocols = []uint8{protoTCP, protoUDP, protoDCCP, protoSCTP, protoUDPLite}

// natPort reads PORT[-PORT], the ends of a range by number; the rule must speak of
// a protocol with ports.
func (l *lowering) natPort(w, whole word) lang.Expr {
	known := portProtocols[:4:4]
	if l.family == nf.FamilyIPv4 {
		known = append(known, protoICMP)
	}
	if l.proto.name.text == "" || !slices.Contains(known, l.proto.number) {
		l.incomplete(whole.span, "a port needs -p tcp, udp, sctp or dccp")
		return nil
	}
	if strings.Contains(w.text, "/") {
		l.errorf(w.span, "shifted port ranges (PORT-PORT/BASE) are not supported")
		return nil
	}
	first, last, isRange := w.cut("-")
	if !isRange {
		n, ok := l.port(w)
		if !ok {
			return nil
		}
		return l.between(bounds{n, n})
	}
	if first.text == "" || last.text == "" {
		l.errorf(w.span, "both ends of a range of ports are expected: PORT-PORT")
		return nil
	}
	low, ok1 := l.number(first, 0, 0xffff)
	high, ok2 := l.number(last, 0, 0xffff)
	switch {
	case !ok1 || !ok2:
	case low > high:
		l.errorf(w.span, "the range of ports %s runs backwards", w.text)
	default:
		return l.between(bounds{low, high})
	}
	return nil
}

// natPorts expresses MASQUERADE and REDIRECT.
func (l *lowering) natPorts(x *use, kind string) {
	n := &lang.NAT{Pos: l.pos(), Kind: kind, Flags: l.natFlags(x)}
	if g := x.option("to-ports"); g != nil {
		if n.Port = l.natPort(g.args[0], g.args[0]); n.Port == nil {
			return
		}
	}
	l.emit(n)
}

// lowerNetmap expresses NETMAP: the network part of an address is exchanged,
// of the source or the destination as the hook has it.
func lowerNetmap(r *lowering, x *use) {
	a, ok := r.network(x.option("to").args[0])
	if !ok {
		return
	}
	n, _ := a.prefix()
	kind := "dnat"
	if r.chain == "POSTROUTING" || r.chain == "INPUT" {
		kind = "snat"
	} else if r.dialect.builtinOf("nat", r.chain) == nil {
		r.lacks(x, x.at.span, "NETMAP in a chain of the user is not supported: its meaning depends on where the chain is called from")
		return
	}
	r.emit(&lang.NAT{Pos: r.pos(), Kind: kind, Prefix: true, Family: r.word(r.ip()),
		Addr: &lang.Prefix{Pos: r.pos(), Addr: r.addr(a.addr), Len: r.num(uint64(n))}})
}
