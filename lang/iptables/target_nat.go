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
	end := strings.LastIndexByte(w.text, ']')
	if end < 0 {
		l.errorf(w.span, "a closing bracket is missing")
		return w, word{span: w.span}, false
	}
	addrs = w.part(1, strings.NewReplacer("]-[", "-").Replace(w.text[1:end]))
	rest := w.part(end+1, w.text[end+1:])
	if rest.text == "" {
		return addrs, rest, false
	}
	if rest.text[0] != ':' {
		l.errorf(w.span, "a colon is needed between address and port")
	}
	return addrs, rest.part(1, rest.text[1:]), true
}

func (l *lowering) natAddress(w word) lang.Expr {
	a, b, isRange := w.cut("-")
	from, ok1 := l.parseAddr(a)
	to, ok2 := from, ok1
	if isRange {
		to, ok2 = l.parseAddr(b)
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

// portProtocols are those that NAT gives ports to.
var portProtocols = []uint8{protoTCP, protoUDP, protoUDPLite, protoDCCP, protoSCTP, protoICMP, protoICMPv6}

// natPort reads PORT[-PORT]; the rule must match a protocol with ports.
func (l *lowering) natPort(w, whole word) lang.Expr {
	if l.proto.name.text == "" || l.proto.not || !slices.Contains(portProtocols, l.proto.number) {
		l.incomplete(whole.span, "a port needs -p tcp, udp, sctp or dccp")
		return nil
	}
	if strings.Contains(w.text, "/") {
		l.errorf(w.span, "shifted port ranges (PORT-PORT/BASE) are not supported")
		return nil
	}
	if first, last, isRange := w.cut("-"); isRange && (first.text == "" || last.text == "") {
		l.errorf(w.span, "both ends of a range of ports are expected: PORT-PORT")
		return nil
	}
	b, ok := l.portRange(w, "-")
	if !ok {
		return nil
	}
	return l.between(b)
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
	a, ok := r.address(x.option("to").args[0])
	if !ok {
		return
	}
	n, isPrefix := a.prefix()
	if !isPrefix {
		r.errorf(a.at.span, "the mask is no prefix")
		return
	}
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
