package iptables

import (
	"strings"

	"nfvm/lang"
	"nfvm/nf"
	"nfvm/xt"
)

// Protocols by number (IANA).
const (
	protoICMP    = 1
	protoTCP     = 6
	protoUDP     = 17
	protoDCCP    = 33
	protoESP     = 50
	protoAH      = 51
	protoIPComp  = 108
	protoICMPv6  = 58
	protoSCTP    = 132
	protoMH      = 135
	protoUDPLite = 136
)

// portOption is an option that compares a port with what read reads, a range of
// ports.
func portOption(name, alias, proto, field string, read func(*spec, word) (bounds, bool)) option {
	return option{name: name, aliases: []string{alias}, args: 1, negate: true, lower: func(r *lowering, g *given) {
		if p, ok := read(r.spec, g.args[0]); ok {
			r.within(r.field(proto, field), p, 0xffff, g.negated())
		}
	}}
}

var transportMatches = []extension{
	{name: "tcp", protos: []uint8{protoTCP}, opts: []option{
		portOption("source-port", "sport", "tcp", "sport", (*spec).portRange),
		portOption("destination-port", "dport", "tcp", "dport", (*spec).portRange),
		{name: "tcp-flags", args: 2, negate: true, lower: lowerTCPFlags},
		{name: "syn", negate: true, excludes: []string{"tcp-flags"}, lower: func(r *lowering, g *given) {
			r.compareFlags(tcpFIN|tcpSYN|tcpRST|tcpACK, tcpSYN, g.negated())
		}},
		{name: "tcp-option", args: 1, negate: true, lower: lowerTCPOption},
	}},
	{name: "udp", protos: []uint8{protoUDP}, opts: []option{
		portOption("source-port", "sport", "udp", "sport", (*spec).portNumbers),
		portOption("destination-port", "dport", "udp", "dport", (*spec).portNumbers),
	}},
	sctpMatch,
	{name: "dccp", protos: []uint8{protoDCCP}, opts: []option{
		portOption("source-port", "sport", "dccp", "sport", (*spec).portNumbers),
		portOption("destination-port", "dport", "dccp", "dport", (*spec).portNumbers),
		{name: "dccp-types", args: 1, negate: true, lower: lowerDCCPTypes},
		{name: "dccp-option", args: 1, negate: true, lower: lowerDCCPOption},
	}},
	{name: "esp", protos: []uint8{protoESP}, opts: []option{spiOption("espspi", "esp")}},
	{name: "ah", family: nf.FamilyIPv4, protos: []uint8{protoAH}, opts: []option{spiOption("ahspi", "ah")}},
	{name: "ipcomp", protos: []uint8{protoIPComp}, opts: []option{{name: "ipcompspi", args: 1, negate: true}, {name: "compres"}}, lower: lowerIPComp},
	{name: "tcpmss", protos: []uint8{protoTCP}, opts: []option{
		{name: "mss", args: 1, negate: true, needed: true, lower: lowerMSS},
	}},
	{name: "multiport", protos: []uint8{protoTCP, protoUDP, protoUDPLite, protoDCCP, protoSCTP}, opts: []option{
		{name: "source-ports", aliases: []string{"sports"}, args: 1, negate: true, lower: func(r *lowering, g *given) { r.multiport(g, "sport") }},
		{name: "destination-ports", aliases: []string{"dports"}, args: 1, negate: true, lower: func(r *lowering, g *given) { r.multiport(g, "dport") }},
		{name: "ports", args: 1, negate: true, lower: lowerEitherPort},
	}, lower: lowerMultiport},
}

// spiOption compares a security parameters index.
func spiOption(name, header string) option {
	return option{name: name, args: 1, negate: true, lower: func(r *lowering, g *given) {
		if b, ok := r.numbers(g.args[0], 0xffffffff); ok {
			r.within(r.field(header, "spi"), b, 0xffffffff, g.negated())
		}
	}}
}

// lowerIPComp compares the index of a header of IPComp: with 0 where no option
// says with what. What --compres asks for the kernel does not look at.
func lowerIPComp(r *lowering, x *use) {
	g := x.option("ipcompspi")
	b, ok := bounds{}, true
	if g != nil {
		b, ok = r.numbers(g.args[0], 0xffffffff)
	}
	if ok {
		const most = 0xffff // bits of the field
		r.within(r.field("comp", "cpi"), bounds{b.low, min(b.high, most)}, most, g != nil && g.negated())
	}
}

// Flags of the TCP header (RFC 9293).
const (
	tcpFIN = 1 << iota
	tcpSYN
	tcpRST
	tcpPSH
	tcpACK
	tcpURG
)

var tcpFlagNames = map[string]uint64{
	"FIN": tcpFIN, "SYN": tcpSYN, "RST": tcpRST, "PSH": tcpPSH, "ACK": tcpACK, "URG": tcpURG, "ALL": 0x3f, "NONE": 0,
}

// tcpFlags reads a list of flags.
func (s *spec) tcpFlags(w word) (bits uint64, ok bool) {
	ok = true
	for _, f := range w.split(",") {
		if f.text == "" {
			continue // strtok passes over it
		}
		bit, known := tcpFlagNames[strings.ToUpper(f.text)]
		if !known {
			s.errorf(f.span, "unknown TCP flag %s%s", f.text, didYouMean(strings.ToUpper(f.text), keys(tcpFlagNames)))
			ok = false
		}
		bits |= bit
	}
	return bits, ok
}

// lowerTCPFlags expresses --tcp-flags MASK SET: of the flags in MASK exactly
// those in SET are on.
func lowerTCPFlags(r *lowering, g *given) {
	mask, ok1 := r.tcpFlags(g.args[0])
	set, ok2 := r.tcpFlags(g.args[1])
	if ok1 && ok2 {
		r.compareFlags(mask, set, g.negated())
	}
}

func (l *lowering) compareFlags(mask, set uint64, not bool) {
	l.emit(l.equal(l.binary(lang.OpAnd, l.field("tcp", "flags"), l.value(mask)), l.value(set), not))
}

// lowerTCPOption expresses --tcp-option N: the option is in the header.
func lowerTCPOption(r *lowering, g *given) {
	n, ok := r.number(g.args[0], 1, 255)
	if !ok {
		return
	}
	present := "exists"
	if g.negated() {
		present = "missing"
	}
	r.emit(r.match(lang.OpImplicit, &lang.TCPOption{Pos: r.pos(), KindNum: r.num(n), Whole: true}, r.symbol(present)))
}

// lowerMSS compares the MSS option. Without the option only the negation is true,
// which no expression of nft says.
func lowerMSS(r *lowering, g *given) {
	b, ok := r.ordered(g.args[0], 0xffff)
	switch {
	case !ok:
	case g.negated():
		r.matchXT("tcpmss", 0, &xt.MSS{Min: uint16(b.low), Max: uint16(b.high), Invert: 1})
	default:
		r.emit(r.equal(&lang.TCPOption{Pos: r.pos(), Kind: r.word("maxseg"), Field: r.word("size")}, r.between(b), false))
	}
}

// lowerDCCPOption asks for an option. nft reads options differently, and breaks where
// iptables drops.
func lowerDCCPOption(r *lowering, g *given) {
	n, ok := r.number(g.args[0], 1, 255)
	if !ok {
		return
	}
	info := xt.DCCP{Flags: xt.DCCPOption, Option: uint8(n)}
	if g.negated() {
		info.InvFlags = xt.DCCPOption
	}
	r.matchXT("dccp", 0, &info)
}

var dccpTypes = []string{"REQUEST", "RESPONSE", "DATA", "ACK", "DATAACK", "CLOSEREQ", "CLOSE", "RESET", "SYNC", "SYNCACK"}

// lowerDCCPTypes expresses a list of packet types; INVALID are the numbers that
// stand for none.
func lowerDCCPTypes(r *lowering, g *given) {
	var values []lang.Expr
	for _, w := range g.args[0].split(",") {
		if w.text == "" {
			continue
		}
		found := strings.EqualFold(w.text, "INVALID")
		if found {
			values = append(values, r.between(bounds{uint64(len(dccpTypes)), 15}))
		}
		for i, name := range dccpTypes {
			if strings.EqualFold(w.text, name) {
				values, found = append(values, r.value(uint64(i))), true
			}
		}
		if !found {
			r.errorf(w.span, "unknown DCCP packet type %s%s", w.text, didYouMean(strings.ToUpper(w.text), append([]string{"INVALID"}, dccpTypes...)))
		}
	}
	if len(values) > 0 {
		r.emit(r.equal(r.field("dccp", "type"), r.set(values...), g.negated()))
	}
}
