package iptables

import (
	"net/netip"
	"strings"

	"nfvm/nf"
	"nfvm/xt"
)

var recentMatches = []extension{
	{name: "recent", opts: []option{
		{name: "set", negate: true}, {name: "rcheck", negate: true}, {name: "update", negate: true}, {name: "remove", negate: true},
		{name: "seconds", args: 1}, {name: "reap"}, {name: "hitcount", args: 1}, {name: "rttl"},
		{name: "name", args: 1}, {name: "rsource"}, {name: "rdest"}, {name: "mask", args: 1},
	}, lower: lowerRecent},
}

var recentFlags = map[string]uint8{
	"set": xt.RecentSet, "rcheck": xt.RecentCheck, "update": xt.RecentUpdate, "remove": xt.RecentRemove,
	"rttl": xt.RecentTTL, "reap": xt.RecentReap,
}

// maxHits is how many packets of an address are remembered at most (255 before
// Linux 6.11).
const maxHits = 65535

// lowerRecent fills in a use of a list of addresses.
func lowerRecent(r *lowering, x *use) {
	info := xt.Recent{Mask: allOnes()}
	copy(info.Name[:], "DEFAULT")
	commands := 0
	for _, g := range x.given {
		flag := recentFlags[g.opt.name]
		info.CheckSet |= flag
		if flag != 0 && flag&(xt.RecentTTL|xt.RecentReap) == 0 {
			commands++
			if g.negated() {
				info.Invert = 1
			}
		}
		r.recentOption(g, &info)
	}
	asks := info.CheckSet&(xt.RecentCheck|xt.RecentUpdate) != 0
	switch {
	case commands != 1:
		r.lacks(x, x.at.span, "recent needs one of --set, --rcheck, --update and --remove")
	case !asks && info.CheckSet&(xt.RecentTTL|xt.RecentReap) != 0, !asks && (info.Seconds != 0 || info.HitCount != 0):
		r.lacks(x, x.at.span, "--seconds, --hitcount, --rttl and --reap go with --rcheck and --update only")
	case info.CheckSet&xt.RecentReap != 0 && info.Seconds == 0:
		r.lacks(x, x.at.span, "--reap needs --seconds")
	default:
		r.matchXT("recent", 1, &info)
	}
}

func allOnes() (a xt.Addr) {
	for i := range a {
		a[i] = 0xff
	}
	return a
}

// fileName reports whether a file can have a name.
func fileName(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.Contains(name, "/")
}

// recentOption reads an option with an argument.
func (l *lowering) recentOption(g *given, info *xt.Recent) {
	switch g.opt.name {
	case "seconds":
		n, _ := l.number(g.args[0], 1, 0xffffffff)
		info.Seconds = uint32(n)
	case "hitcount":
		n, _ := l.number(g.args[0], 0, maxHits)
		info.HitCount = uint32(n)
	case "name":
		w := g.args[0]
		if !fileName(w.text) {
			l.errorf(w.span, "a list's name is that of a file in /proc: not empty, no slash, and neither . nor ..")
			return
		}
		info.Name = [200]byte{}
		copy(info.Name[:len(info.Name)-1], w.text) // what is longer is cut off
	case "rdest":
		info.Side = 1
	case "mask":
		a, err := netip.ParseAddr(g.args[0].text)
		if err != nil || a.Is4() != (l.family == nf.FamilyIPv4) {
			l.errorf(g.args[0].span, "%q is no mask", g.args[0].text)
			return
		}
		info.Mask = xt.Addr{}
		copy(info.Mask[:], a.AsSlice())
	}
}
