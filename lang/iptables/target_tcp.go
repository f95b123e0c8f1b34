package iptables

import (
	"nfvm/lang"
	"nfvm/nf"
	"nfvm/xt"
)

var tcpTargets = []extension{
	{name: "TCPMSS", protos: []uint8{protoTCP}, opts: []option{
		{name: "set-mss", args: 1}, {name: "clamp-mss-to-pmtu"},
	}, lower: lowerTCPMSS},
	{name: "ECN", family: nf.FamilyIPv4, tables: mangleTable, some: true, opts: []option{
		{name: "ecn-tcp-remove", excludes: []string{"ecn-tcp-cwr", "ecn-tcp-ece"}}, {name: "ecn-tcp-cwr", args: 1}, {name: "ecn-tcp-ece", args: 1}, {name: "ecn-ip-ect", args: 1},
	}, lower: lowerECN},
	{name: "TCPOPTSTRIP", tables: mangleTable, protos: []uint8{protoTCP}, opts: []option{
		{name: "strip-options", args: 1, lower: lowerStrip},
	}},
}

// lowerTCPMSS expresses TCPMSS, which only rules may use that match SYN. It adds
// the option where it is missing, as no statement of nft does.
func lowerTCPMSS(r *lowering, x *use) {
	if !r.matchesSYN() {
		r.lacks(x, x.at.span, "TCPMSS needs a match of SYN packets: --syn, or --tcp-flags with SYN in both lists")
		return
	}
	set, clamp := x.option("set-mss"), x.option("clamp-mss-to-pmtu")
	if set != nil && clamp != nil { // the last counts
		if last := x.given[len(x.given)-1]; last == set {
			clamp = nil
		} else {
			set = nil
		}
	}
	switch {
	case set == nil && clamp == nil:
		r.lacks(x, x.at.span, "TCPMSS needs --set-mss or --clamp-mss-to-pmtu")
	case set != nil:
		if n, ok := r.number(set.args[0], 0, 65535-40); ok {
			r.targetXT("TCPMSS", 0, &xt.TCPMSS{MSS: uint16(n)})
		}
	default:
		r.needs("--clamp-mss-to-pmtu", x.at, nf.HookForward, nf.HookOutput, nf.HookPostrouting)
		r.targetXT("TCPMSS", 0, &xt.TCPMSS{MSS: xt.ClampPMTU})
	}
}

// matchesSYN reports whether the rule has a match of SYN packets as the kernel
// looks for one: the flag is compared and wanted, without negation.
func (l *lowering) matchesSYN() bool {
	for _, u := range l.matches {
		if u.ext.name != "tcp" {
			continue
		}
		if g := u.option("syn"); g != nil && !g.negated() {
			return true
		}
		if g := u.option("tcp-flags"); g != nil && !g.negated() {
			set, _ := l.tcpFlags(g.args[1])
			if set&tcpSYN != 0 {
				return true
			}
		}
	}
	return false
}

// tcpOptions are the names of options to strip, by number (IANA).
var tcpOptions = []bitName{
	{"wscale", 3}, {"mss", 2}, {"sack-permitted", 4}, {"sack", 5}, {"timestamp", 8}, {"md5", 19},
}

// lowerStrip overwrites TCP options by padding.
func lowerStrip(r *lowering, g *given) {
	seen := map[uint64]bool{}
	for _, w := range g.args[0].split(",") {
		n, ok := uint64(0), false
		for _, o := range tcpOptions {
			if o.name == w.text {
				n, ok = o.bit, true
			}
		}
		if !ok {
			if n, ok = r.number(w, 2, 255); !ok {
				continue
			}
		}
		if seen[n] {
			r.errorf(w.span, "option %s is stripped already", w.text)
			return
		}
		seen[n] = true
		r.emit(&lang.ResetOption{Pos: r.pos(), Option: &lang.TCPOption{Pos: r.pos(), KindNum: r.num(n)}})
	}
}
