package gen

import "strings"

// target draws a target that the table, the chain and the protocol take.
func (p *savedPlace) target(r source, proto string) string {
	list := []string{"", "-j ACCEPT", "-j ACCEPT", "-j RETURN"}
	for _, j := range p.jumps {
		list = append(list, "-j "+j, "-g "+j)
	}
	switch p.table {
	case "filter", "security":
		list = append(list, "-j DROP")
		if p.table == "filter" {
			list = append(list, p.reject(r, proto))
		}
	case "nat":
		list = append(list, p.translation(r, proto), p.translation(r, proto), p.translation(r, proto))
	case "mangle":
		list = append(list, p.mangling(r, proto), p.mangling(r, proto), p.mangling(r, proto), p.mangling(r, proto))
	case "raw":
		list = append(list, "-j CT --notrack", "-j CT --zone "+pick(r, "1", "2"), "-j NOTRACK", "-j DROP")
	}
	return pick(r, list...)
}

func (p *savedPlace) reject(r source, proto string) string {
	switch {
	case proto == "tcp" && r.chance(40):
		return "-j REJECT --reject-with tcp-reset"
	case p.six:
		return "-j REJECT --reject-with " + pick(r, "icmp6-port-unreachable", "icmp6-adm-prohibited", "icmp6-no-route", "icmp6-addr-unreachable")
	}
	return "-j REJECT --reject-with " + pick(r, "icmp-port-unreachable", "icmp-host-prohibited", "icmp-net-unreachable", "icmp-admin-prohibited", "icmp-proto-unreachable")
}

// translation draws a target of NAT for the chain; chains of one's own have none,
// since they may be jumped to from any.
func (p *savedPlace) translation(r source, proto string) string {
	ported := proto == "tcp" || proto == "udp" || proto == "sctp"
	to, at := pick(r, "10.0.2.100", "10.0.2.100-10.0.2.109", "10.0.1.1"), pick(r, "10.0.2.2", "10.0.2.3", "10.0.2.2-10.0.2.3")
	net := pick(r, "10.0.2.0/24", "10.0.2.0/30")
	if p.six {
		to, at = pick(r, "fd02::100", "fd02::100-fd02::10f", "fd01::1"), pick(r, "fd02::2", "fd02::3", "fd02::2-fd02::3")
		net = pick(r, "fd02::/64", "fd02::/126")
	}
	ports := ""
	if ported && r.chance(40) {
		if p.six {
			to, at = "[fd02::100]", "[fd02::2]"
		}
		ports = pick(r, ":5000", ":8000-8003", ":20000-29999")
	}
	end := pick(r, "", "", "", " --persistent")
	switch p.chain {
	case "PREROUTING", "OUTPUT":
		switch {
		case r.chance(20):
			if ported && r.chance(50) {
				return "-j REDIRECT --to-ports " + pick(r, "80", "8000-8003")
			}
			return "-j REDIRECT"
		case r.chance(15):
			return "-j NETMAP --to " + net
		}
		return "-j DNAT --to-destination " + at + ports + end
	case "POSTROUTING", "INPUT":
		switch {
		case p.chain == "POSTROUTING" && r.chance(40):
			if ported && r.chance(50) {
				return "-j MASQUERADE --to-ports " + pick(r, "5000", "20000-29999")
			}
			return "-j MASQUERADE"
		case r.chance(15):
			return "-j NETMAP --to " + net
		}
		// a range that no number of the case falls into, for what is drawn at random
		return "-j SNAT --to-source " + to + strings.Replace(ports, ":8000-8003", ":20000-29999", 1) + end
	}
	return "-j RETURN"
}

func (p *savedPlace) mangling(r source, proto string) string {
	hop := "-j TTL " + pick(r, "--ttl-set 10", "--ttl-dec 1", "--ttl-inc 2")
	if p.six {
		hop = "-j HL " + pick(r, "--hl-set 10", "--hl-dec 1", "--hl-inc 2")
	}
	list := []string{
		hop,
		"-j MARK " + pick(r, "--set-xmark 0x1/0xffffffff", "--set-xmark 0x2/0xf", "--set-mark 0x10/0xf0", "--and-mark 0xf", "--or-mark 0x3", "--xor-mark 0x1"),
		"-j CONNMARK " + pick(r, "--set-xmark 0x1/0xffffffff", "--save-mark", "--restore-mark", "--save-mark --nfmask 0xf --ctmask 0xff", "--and-mark 0x1", "--or-mark 0x2"),
		"-j DSCP " + pick(r, "--set-dscp 0x0a", "--set-dscp-class EF"),
		"-j TOS " + pick(r, "--set-tos 0x10/0xff", "--or-tos 0x08", "--and-tos 0xf0"),
		"-j DROP",
		"-j HMARK --hmark-tuple " + pick(r, "src,dst,sport,dport,proto", "src", "dst,proto", "ct,src,dst", "src,dst,spi") + " --hmark-mod " + pick(r, "2", "10", "65536") + " --hmark-rnd " + pick(r, "0x1", "0xdeadbeef") + pick(r, "", " --hmark-offset 1"),
	}
	if p.six && p.chain == "POSTROUTING" {
		list = append(list, "-j SNPT --src-pfx fd01::/64 --dst-pfx "+pick(r, "fd07:1::/64", "fd07:1:2::/48"))
	}
	if p.six && p.chain == "PREROUTING" {
		list = append(list, "-j DNPT --src-pfx fd02::/64 --dst-pfx "+pick(r, "fd02::/64", "fd02::/56"))
	}
	if p.chain == "POSTROUTING" || p.chain == "FORWARD" || p.chain == "OUTPUT" {
		list = append(list, "-j CLASSIFY --set-class 1:2")
		if proto == "tcp" {
			return pick(r, append(list, "-m tcp --tcp-flags SYN,RST SYN -j TCPMSS "+pick(r, "--set-mss 536", "--clamp-mss-to-pmtu"))...)
		}
	}
	if proto == "tcp" {
		list = append(list, "-j TCPOPTSTRIP --strip-options "+pick(r, "timestamp", "sack-permitted,wscale"))
		if !p.six {
			list = append(list, "-j ECN --ecn-tcp-remove")
		}
	}
	return pick(r, list...)
}
