package iptables

import (
	"net/netip"
	"strings"

	"nfvm/lang"
	"nfvm/nf"
	"nfvm/xt"
)

var rejectHooks = hooksOf(nf.HookInput, nf.HookForward, nf.HookOutput)

var verdictTargets = []extension{
	{name: "REJECT", tables: []string{"filter"}, hooks: rejectHooks, opts: []option{{name: "reject-with", args: 1}}, lower: lowerReject},
	{name: "NFQUEUE", opts: []option{
		{name: "queue-num", args: 1}, {name: "queue-balance", args: 1}, {name: "queue-bypass"}, {name: "queue-cpu-fanout"},
	}, lower: lowerNFQueue},
	{name: "NOTRACK", tables: []string{"raw"}, lower: func(r *lowering, _ *use) {
		r.targetXT("CT", 2, &xt.CT{Flags: xt.CTNotrack})
	}},
	{name: "TRACE", tables: []string{"raw"}, lower: func(r *lowering, _ *use) { r.emit(r.assign(r.meta("nftrace"), r.value(1))) }},
	{name: "TEE", opts: []option{
		{name: "gateway", args: 1, needed: true}, {name: "oif", args: 1},
	}, lower: lowerTee},
	{name: "SYNPROXY", protos: []uint8{protoTCP}, hooks: hooksOf(nf.HookInput, nf.HookForward), opts: []option{
		{name: "mss", args: 1}, {name: "wscale", args: 1}, {name: "sack-perm"}, {name: "timestamp"}, {name: "ecn"},
	}, lower: lowerSynproxy},
}

// A rejection is an answer of REJECT: a code of the unreachable message, or a
// reset.
type rejection struct {
	name, short string
	code        uint64
	reset       bool
	refuse      string
}

var rejections4 = []rejection{
	{"icmp-net-unreachable", "net-unreach", 0, false, ""},
	{"icmp-host-unreachable", "host-unreach", 1, false, ""},
	{"icmp-proto-unreachable", "proto-unreach", 2, false, ""},
	{"icmp-port-unreachable", "port-unreach", 3, false, ""},
	{"icmp-net-prohibited", "net-prohib", 9, false, ""},
	{"icmp-host-prohibited", "host-prohib", 10, false, ""},
	{"tcp-reset", "tcp-rst", 0, true, ""},
	{"icmp-admin-prohibited", "admin-prohib", 13, false, ""},
}

var rejections6 = []rejection{
	{"icmp6-no-route", "no-route", 0, false, ""},
	{"icmp6-adm-prohibited", "adm-prohibited", 1, false, ""},
	{"icmp6-addr-unreachable", "addr-unreach", 3, false, ""},
	{"icmp6-port-unreachable", "port-unreach", 4, false, ""},
	{"tcp-reset", "tcp-reset", 0, true, ""},
	{"icmp6-policy-fail", "policy-fail", 5, false, ""},
	{"icmp6-reject-route", "reject-route", 6, false, ""},
}

// lowerReject expresses REJECT; the answer may be named by the beginning of its
// name.
func lowerReject(r *lowering, x *use) {
	table, kind, code := rejections4, "icmp", uint64(3)
	if r.family == nf.FamilyIPv6 {
		table, kind, code = rejections6, "icmpv6", 4
	}
	if g := x.option("reject-with"); g != nil {
		w := g.args[0]
		found := findRejection(table, w.text)
		if found == nil {
			var known []string
			for _, j := range table {
				known = append(known, j.name, j.short)
			}
			r.errorf(w.span, "unknown answer %s%s", w.text, didYouMean(w.text, known))
			return
		}
		if found.reset {
			if r.proto.number != protoTCP || r.proto.not {
				r.incomplete(w.span, "tcp-reset needs -p tcp")
			}
			r.emit(&lang.Reject{Pos: r.pos(), Kind: r.word("tcp reset")})
			return
		}
		code = found.code
	}
	r.emit(&lang.Reject{Pos: r.pos(), Kind: r.word(kind), Code: r.value(code)})
}

func findRejection(table []rejection, name string) *rejection {
	for i := range table {
		j := &table[i]
		if len(name) <= len(j.name) && strings.EqualFold(j.name[:len(name)], name) ||
			len(name) <= len(j.short) && strings.EqualFold(j.short[:len(name)], name) {
			return j
		}
	}
	return nil
}

func lowerNFQueue(r *lowering, x *use) {
	q := &lang.Queue{Pos: r.pos(), Num: r.value(0)}
	if g := x.option("queue-num"); g != nil {
		if n, ok := r.number(g.args[0], 0, 0xffff); ok {
			q.Num = r.value(n)
		}
	}
	if g := x.option("queue-balance"); g != nil {
		if x.has("queue-num") {
			r.errorf(g.span, "--queue-num and --queue-balance exclude each other")
		}
		b, ok := r.numbers(g.args[0], 0xffff)
		if ok && b.low >= b.high {
			r.errorf(g.args[0].span, "queues are written FIRST:LAST, of which the first is less")
		}
		if !ok {
			return
		}
		if ok && b.high-b.low == 0xffff {
			r.errorf(g.args[0].span, "there can be at most 65535 queues")
		}
		q.Num = r.between(b)
	}
	if x.has("queue-bypass") {
		q.Flags = append(q.Flags, r.word("bypass"))
	}
	if g := x.option("queue-cpu-fanout"); g != nil {
		if !x.has("queue-balance") {
			r.incomplete(g.span, "--queue-cpu-fanout needs --queue-balance")
			return
		}
		q.Flags = append(q.Flags, r.word("fanout"))
	}
	r.emit(q)
}

func lowerTee(r *lowering, x *use) {
	w := x.option("gateway").args[0]
	a, ok := r.parseAddr(w)
	if !ok {
		return
	}
	if gateway, _ := netip.AddrFromSlice(a); gateway.IsUnspecified() {
		r.errorf(w.span, "%s is no gateway", w.text)
	}
	d := &lang.Dup{Pos: r.pos(), Addr: r.addr(a)}
	if g := x.option("oif"); g != nil {
		d.Dev = r.str(g.args[0].text)
	}
	r.emit(d)
}

func lowerSynproxy(r *lowering, x *use) {
	s := &lang.Synproxy{Pos: r.pos(), SackPerm: x.has("sack-perm"), Timestamp: x.has("timestamp"), SynOnly: true, ECN: x.has("ecn")}
	if g := x.option("mss"); g != nil {
		n, _ := r.number(g.args[0], 0, 0xffffffff)
		n &= 0xffff // what the kernel has room for
		s.MSS = r.num(n)
	}
	if g := x.option("wscale"); g != nil {
		n, _ := r.number(g.args[0], 0, 0xffffffff)
		n &= 0xff
		s.Wscale = r.num(n)
	}
	r.emit(s)
}
