package iptables

import (
	"fmt"

	"nfvm/lang"
)

const etherRARP = 0x8035

// arpPlaces are the fields of ARP for IPv4 on Ethernet (RFC 826): offset and size in
// bits. RARP has the same (RFC 903).
var arpPlaces = map[string][2]uint64{
	"htype": {0, 16}, "ptype": {16, 16}, "hlen": {32, 8}, "plen": {40, 8}, "operation": {48, 16},
	"saddr ether": {64, 48}, "saddr ip": {112, 32}, "daddr ether": {144, 48}, "daddr ip": {192, 32},
}

// arpField is a field of ARP, or of RARP where the rule is about that.
func (l *lowering) arpField(field string) lang.Expr {
	if l.ether.typ != etherRARP {
		return l.field("arp", field)
	}
	at := arpPlaces[field]
	return l.raw("nh", at[0], at[1])
}

// bridgeARPOptions are the matches of ARP and RARP.
func bridgeARPOptions() []option {
	checked := func(name string, f func(r *lowering, g *given)) option {
		return option{name: name, args: 1, negate: true, lower: func(r *lowering, g *given) {
			if r.needsEther(g, "ARP or RARP", etherARP, etherRARP) {
				f(r, g)
			}
		}}
	}
	address := func(name, field string) option {
		return checked("arp-ip-"+name, func(r *lowering, g *given) {
			a, ok := r.address(g.args[0])
			r.arpOver("ptype", etherIPv4, "plen", 4)
			switch {
			case ok && r.ether.typ == etherRARP:
				r.compareBytes(r.arpField(field), a.addr, a.mask, g.negated())
			case ok:
				r.compareAddress(r.field("arp", field), a, g.negated())
			}
		})
	}
	number := func(name, alias, field string, base int, names []bitName) option {
		o := checked(name, func(r *lowering, g *given) {
			if n, ok := r.namedBase(g.args[0], base, 0xffff, names); ok {
				r.emit(r.equal(r.arpField(field), r.value(n), g.negated()))
			}
		})
		o.aliases = []string{alias}
		return o
	}
	mac := func(name, field string) option {
		return checked(fmt.Sprintf("arp-mac-%s", name), func(r *lowering, g *given) {
			r.arpOver("htype", 1, "hlen", 6)
			if r.ether.typ != etherRARP {
				r.compareMAC(r.field("arp", field), g.args[0], g.negated())
			} else if a, mask, ok := r.readMAC(g.args[0]); ok {
				r.compareBytes(r.arpField(field), a, mask, g.negated())
			}
		})
	}
	gratuitous := checked("arp-gratuitous", lowerGratuitous)
	gratuitous.args = 0
	return []option{
		number("arp-opcode", "arp-op", "operation", 10, arpOps), number("arp-htype", "arp-htype", "htype", 10, []bitName{{"Ethernet", 1}}),
		number("arp-ptype", "arp-ptype", "ptype", 16, etherTypes),
		address("src", "saddr ip"), address("dst", "daddr ip"), mac("src", "saddr ether"), mac("dst", "daddr ether"),
		gratuitous,
	}
}

// arpOver asks for addresses of a kind, by the type and the length of them.
func (l *lowering) arpOver(kind string, n uint64, length string, size uint64) {
	l.emit(l.equal(l.arpField(kind), l.value(n), false), l.equal(l.arpField(length), l.value(size), false))
}

// compareBytes compares a field without a type with an address under a mask.
func (l *lowering) compareBytes(x lang.Expr, addr, mask []byte, not bool) {
	var a, m, all uint64
	for i := range addr {
		a, m, all = a<<8|uint64(addr[i]), m<<8|uint64(mask[i]), all<<8|0xff
	}
	l.maskedField(x, a, m, all, not)
}

// lowerGratuitous asks whether both addresses of IPv4 are one.
func lowerGratuitous(r *lowering, g *given) {
	r.arpOver("ptype", etherIPv4, "plen", 4)
	r.emit(r.equal(r.binary(lang.OpXor, r.arpField("saddr ip"), r.arpField("daddr ip")), r.value(0), g.negated()))
}
