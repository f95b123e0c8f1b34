package iptables

import (
	"net/netip"
	"slices"

	"nfvm/lang"
)

var (
	none6      = netip.MustParsePrefix("::/128")
	multicast6 = netip.MustParsePrefix("ff00::/8")
	mapped6    = netip.MustParsePrefix("::ffff:0:0/96")
)

// scopes6 are the types that an IPv6 address shows by itself. Those that are no
// unicast addresses are none, multicast ones and those that stand for IPv4.
var scopes6 = map[string]struct {
	prefixes []netip.Prefix
	not      bool // of these prefixes
}{
	"UNSPEC":    {prefixes: []netip.Prefix{none6}},
	"MULTICAST": {prefixes: []netip.Prefix{multicast6}},
	"UNICAST":   {prefixes: []netip.Prefix{none6, multicast6, mapped6}, not: true},
}

// routeTypes6 are the types that the routing table of IPv6 knows.
var routeTypes6 = []string{"LOCAL", "ANYCAST", "UNREACHABLE"}

// addressType6 asks what kind an IPv6 address is of. Of several types all must
// hold that the address shows by itself, and one of those that a route says:
// it is no list of which one is enough, as it is for IPv4.
func (l *lowering) addressType6(g *given, flag, limit string) {
	var scopes []word
	var values []lang.Expr
	for _, w := range g.args[0].split(",") {
		upper := addrTypeName(w.text)
		_, isScope := scopes6[upper]
		switch {
		case isScope:
			scopes = append(scopes, w)
		case slices.Contains(routeTypes6, upper):
			values = append(values, l.symbol(addrTypes[upper]))
		case addrTypes[upper] != "" || upper == "THROW" || upper == "NAT" || upper == "XRESOLVE":
			l.errorf(w.span, "no IPv6 address is of the type %s", upper)
		default:
			l.errorf(w.span, "unknown address type %s%s", w.text, didYouMean(upper, keys(addrTypes)))
		}
	}
	if g.negated() && len(scopes) > 1 || g.negated() && len(scopes) == 1 && len(values) > 0 && addrTypeName(scopes[0].text) != "UNICAST" {
		l.errorf(g.span, "these types cannot be negated together: they must all hold for IPv6")
		return
	}
	if len(values) > 0 {
		l.emit(l.equal(l.fibType(flag, limit), l.set(values...), g.negated()))
		if g.negated() {
			return // such an address is a unicast one: the type says nothing more
		}
	}
	for _, w := range scopes {
		s := scopes6[addrTypeName(w.text)]
		var set []lang.Expr
		for _, p := range s.prefixes {
			set = append(set, &lang.Prefix{Pos: l.pos(), Addr: l.addr(p.Addr().AsSlice()), Len: l.num(uint64(p.Bits()))})
		}
		l.emit(l.equal(l.field(l.ip(), flag), l.set(set...), s.not != g.negated()))
	}
}
