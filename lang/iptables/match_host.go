package iptables

import (
	"strings"

	"nfvm/lang"
	"nfvm/nf"
	"nfvm/xt"
)

var hostMatches = []extension{
	{name: "addrtype", opts: []option{
		{name: "src-type", args: 1, negate: true},
		{name: "dst-type", args: 1, negate: true},
		{name: "limit-iface-in"},
		{name: "limit-iface-out"},
	}, lower: lowerAddrtype},
	{name: "cluster", opts: []option{
		{name: "cluster-total-nodes", args: 1, needed: true}, {name: "cluster-local-node", args: 1, negate: true},
		{name: "cluster-local-nodemask", args: 1, negate: true}, {name: "cluster-hash-seed", args: 1, needed: true},
	}, lower: lowerCluster},
	{name: "rpfilter", tables: []string{"raw", "mangle"}, hooks: hooksOf(nf.HookPrerouting), opts: []option{
		{name: "loose"}, {name: "validmark"}, {name: "accept-local"}, {name: "invert"},
	}, lower: lowerRPFilter},
	{name: "owner", hooks: hooksOf(nf.HookOutput, nf.HookPostrouting), some: true, opts: []option{
		{name: "uid-owner", args: 1, negate: true},
		{name: "gid-owner", args: 1, negate: true},
		{name: "socket-exists", negate: true},
		{name: "suppl-groups", refuse: "the groups of local processes are not known"},
	}, lower: lowerOwner},
	{name: "socket", hooks: hooksOf(nf.HookPrerouting, nf.HookInput), opts: []option{
		{name: "transparent"}, {name: "nowildcard"}, {name: "restore-skmark"},
	}, lower: lowerSocket},
}

// addrTypes are the types of addresses by iptables' names, and nft's.
var addrTypes = map[string]string{
	"UNSPEC": "unspec", "UNICAST": "unicast", "LOCAL": "local", "BROADCAST": "broadcast", "ANYCAST": "anycast",
	"MULTICAST": "multicast", "BLACKHOLE": "blackhole", "UNREACHABLE": "unreachable", "PROHIBIT": "prohibit",
}

// addrTypeOrder are the types in the kernel's order, of which the first counts
// that begins like what is written.
var addrTypeOrder = []string{"UNSPEC", "UNICAST", "LOCAL", "BROADCAST", "ANYCAST", "MULTICAST", "BLACKHOLE", "UNREACHABLE", "PROHIBIT", "THROW", "NAT", "XRESOLVE"}

// addrTypeName completes the name of a type.
func addrTypeName(text string) string {
	upper := strings.ToUpper(text)
	for _, name := range addrTypeOrder {
		if upper != "" && strings.HasPrefix(name, upper) {
			return name
		}
	}
	return upper
}

// lowerAddrtype asks the routing table what kind an address is of.
func lowerAddrtype(r *lowering, x *use) {
	if !x.has("src-type") && !x.has("dst-type") {
		r.lacks(x, x.at.span, "addrtype needs --src-type or --dst-type")
		return
	}
	limit := ""
	for _, o := range []struct{ name, flag string }{{"limit-iface-in", "iif"}, {"limit-iface-out", "oif"}} {
		g := x.option(o.name)
		if g != nil && limit != "" {
			r.errorf(g.span, "an address type is limited to one interface")
		}
		if g != nil {
			limit = o.flag
		}
	}
	for _, o := range []struct{ name, flag string }{{"src-type", "saddr"}, {"dst-type", "daddr"}} {
		if g := x.option(o.name); g != nil {
			r.build = build{g.span}
			r.addressType(g, o.flag, limit)
		}
	}
	switch limit {
	case "iif":
		r.needs("--limit-iface-in", x.at, nf.HookPrerouting, nf.HookInput, nf.HookForward)
	case "oif":
		r.needs("--limit-iface-out", x.at, nf.HookForward, nf.HookOutput, nf.HookPostrouting)
	}
}

func (l *lowering) addressType(g *given, flag, limit string) {
	if l.family == nf.FamilyIPv6 {
		l.addressType6(g, flag, limit)
		return
	}
	var values []lang.Expr
	for _, w := range g.args[0].split(",") {
		name, ok := addrTypes[addrTypeName(w.text)]
		switch upper := addrTypeName(w.text); {
		case ok:
			values = append(values, l.symbol(name))
		case upper == "THROW" || upper == "NAT" || upper == "XRESOLVE":
			l.errorf(w.span, "the address type %s is not supported", upper)
		default:
			l.errorf(w.span, "unknown address type %s%s", w.text, didYouMean(upper, keys(addrTypes)))
		}
	}
	if len(values) > 0 {
		l.emit(l.equal(l.fibType(flag, limit), l.set(values...), g.negated()))
	}
}

// fibType is the type of an address in the routing table, of one interface if
// limit is not empty.
func (l *lowering) fibType(flag, limit string) lang.Expr {
	f := &lang.Fib{Pos: l.pos(), Flags: []lang.Word{l.word(flag)}, Result: l.word("type")}
	if limit != "" {
		f.Flags = append(f.Flags, l.word(limit))
	}
	return f
}

// lowerRPFilter asks whether the source is reached by the interface that the
// packet came by; --loose is content with any interface. nft's lookup finds a way to
// broadcast addresses of IPv4, too, and says no two things of which one is enough.
func lowerRPFilter(r *lowering, x *use) {
	if r.family == nf.FamilyIPv4 || x.has("accept-local") {
		r.matchXT("rpfilter", 0, &xt.RPFilter{Flags: rpfilterFlags(x)})
		return
	}
	f := &lang.Fib{Pos: r.pos(), Flags: []lang.Word{r.word("saddr")}, Result: r.word("oif")}
	if x.has("validmark") {
		f.Flags = append(f.Flags, r.word("mark"))
	}
	if !x.has("loose") {
		f.Flags = append(f.Flags, r.word("iif"))
	}
	found := "exists"
	if x.has("invert") {
		found = "missing"
	}
	r.emit(r.equal(f, r.symbol(found), false))
}

func rpfilterFlags(x *use) (flags uint8) {
	for i, name := range []string{"loose", "validmark", "accept-local", "invert"} {
		if x.has(name) {
			flags |= 1 << i
		}
	}
	return flags
}

// lowerOwner compares the owner of the sending socket. Without a socket the
// kernel takes what is negated for true, which nft does not: such a match stays
// what it is.
func lowerOwner(r *lowering, x *use) {
	info := xt.Owner{}
	for _, g := range x.given {
		r.build = build{g.span}
		if g.opt.name == "socket-exists" {
			info.Match |= xt.OwnerSocket
			info.Invert |= uint8(g.bit(xt.OwnerSocket))
			continue
		}
		flag, low, high, key := uint8(xt.OwnerUID), &info.UIDMin, &info.UIDMax, "skuid"
		if g.opt.name == "gid-owner" {
			flag, low, high, key = xt.OwnerGID, &info.GIDMin, &info.GIDMax, "skgid"
		}
		w := g.args[0]
		b, isRange := r.ownerRange(w)
		if w.text == "root" {
			b, isRange = bounds{}, true
		}
		switch {
		case !isRange && (w.text == "" || strings.ContainsAny(w.text[:1], "0123456789")):
			r.errorf(w.span, "%q is no user or group", w.text)
			return
		case !g.negated() && isRange:
			r.emit(r.equal(r.meta(key), r.ids(b), false))
		case !g.negated():
			r.emit(r.equal(r.meta(key), r.str(w.text), false))
		case !isRange:
			r.errorf(w.span, "a negated owner needs a number: %s is not looked up", w.text)
			return
		default:
			info.Match |= flag
			info.Invert |= flag
			*low, *high = uint32(b.low), uint32(b.high)
		}
	}
	if info.Match != 0 {
		r.build = build{x.at.span}
		r.matchXT("owner", 1, &info)
	}
}

// maxOwner is the highest number of a user; the next stands for none.
const maxOwner = 0xfffffffe

// ownerRange reads N, N-M or N:M.
func (l *lowering) ownerRange(w word) (bounds, bool) {
	a, b, isRange := w.cut("-")
	if !isRange {
		a, b, isRange = w.cut(":")
	}
	low, err := parseNumber(a.text)
	if err != nil || low > maxOwner {
		return bounds{}, false
	}
	if !isRange {
		return bounds{low, low}, true
	}
	high, err := parseNumber(b.text)
	return bounds{low, high}, err == nil && high <= maxOwner && low <= high
}

// lowerSocket asks for a local socket of the packet.
func lowerSocket(r *lowering, x *use) {
	if !x.has("nowildcard") {
		r.emit(r.equal(&lang.Socket{Pos: r.pos(), Key: r.word("wildcard")}, r.value(0), false))
	}
	if x.has("transparent") {
		r.emit(r.equal(&lang.Socket{Pos: r.pos(), Key: r.word("transparent")}, r.value(1), false))
	}
	if x.has("restore-skmark") {
		r.emit(r.assign(r.meta("mark"), &lang.Socket{Pos: r.pos(), Key: r.word("mark")}))
	}
}
