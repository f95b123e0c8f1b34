package gen

import (
	"fmt"
	"strings"
)

// savedPlace is where a rule of iptables stands.
type savedPlace struct {
	six   bool
	table string
	chain string // "" in a chain of one's own, which any other may jump to
	jumps []string
}

func (p *savedPlace) rules(r source) []string {
	var out []string
	for n := 1 + r.IntN(5); n > 0; n-- {
		out = append(out, p.rule(r))
	}
	return out
}

// rule writes a rule without "-A CHAIN".
func (p *savedPlace) rule(r source) string {
	proto := pick(r, "", "", "tcp", "tcp", "udp", "icmp", "sctp", "99")
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(p.addresses(r))
	add(p.interfaces(r))
	if not := r.chance(10) && proto != ""; not {
		add("! -p " + p.protocol(proto))
		proto = ""
	} else if proto != "" {
		add("-p " + p.protocol(proto))
		if r.chance(60) {
			add(p.ofProtocol(r, proto))
		}
	}
	for n := pick(r, 0, 0, 1, 1, 2); n > 0; n-- {
		add(p.match(r))
	}
	add(p.target(r, proto))
	return strings.Join(parts, " ")
}

func (p *savedPlace) protocol(name string) string {
	if name == "icmp" && p.six {
		return "ipv6-icmp"
	}
	return name
}

func maybeNot(r source) string {
	if r.chance(20) {
		return "! "
	}
	return ""
}

func (p *savedPlace) network(r source) string {
	switch {
	case r.chance(60):
		return r.addr(p.six)
	case p.six:
		return pick(r, "fd01::/64", "fd02::2/127", "fd00::/8", "fd01::2/ffff::ff")
	}
	return pick(r, "10.0.1.0/24", "10.0.2.2/31", "10.0.0.0/8", "10.0.0.2/255.0.0.255")
}

func (p *savedPlace) addresses(r source) string {
	out := ""
	if r.chance(20) {
		out += maybeNot(r) + "-s " + p.network(r) + " "
	}
	if r.chance(20) {
		out += maybeNot(r) + "-d " + p.network(r)
	}
	return strings.TrimSpace(out)
}

func (p *savedPlace) interfaces(r source) string {
	out := ""
	name := func() string { return pick(r, "ta", "tb", "t+", "lo") }
	if r.chance(20) && p.chain != "OUTPUT" && p.chain != "POSTROUTING" && p.chain != "" {
		out += maybeNot(r) + "-i " + name() + " "
	}
	if r.chance(20) && p.chain != "INPUT" && p.chain != "PREROUTING" && p.chain != "" {
		out += maybeNot(r) + "-o " + name() + " "
	}
	if !p.six && r.chance(5) {
		out += maybeNot(r) + "-f"
	}
	return strings.TrimSpace(out)
}

func (r source) portRange() string {
	if r.chance(50) {
		return fmt.Sprint(r.port())
	}
	return pick(r, "1:100", "80:81", ":1023", "1024:", "5000:8080")
}

// ofProtocol draws what only packets of a protocol have.
func (p *savedPlace) ofProtocol(r source, proto string) string {
	ports := func() string {
		if r.chance(25) {
			return fmt.Sprintf("-m multiport %s%s %s", maybeNot(r), pick(r, "--ports", "--dports", "--sports"), pick(r, "80,443", "1,5,53", "1:100,8080", "5000"))
		}
		return fmt.Sprintf("-m %s %s%s %s", proto, maybeNot(r), pick(r, "--dport", "--dport", "--sport"), r.portRange())
	}
	switch proto {
	case "tcp":
		if r.chance(50) {
			return ports()
		}
		return "-m tcp " + maybeNot(r) + pick(r, "--syn", "--tcp-flags SYN,RST,ACK,FIN SYN", "--tcp-flags ALL NONE", "--tcp-flags SYN,ACK SYN,ACK",
			"--tcp-flags RST RST", "--tcp-option 2", "--tcp-option 8")
	case "sctp":
		if r.chance(40) {
			return "-m sctp " + maybeNot(r) + "--chunk-types " + pick(r, "any", "all", "only") + " " + pick(r, "INIT", "DATA,SACK", "DATA:Be,INIT", "ABORT:t,SHUTDOWN", "ALL")
		}
		return ports()
	case "udp":
		return ports()
	case "icmp":
		if p.six {
			return "-m icmp6 " + maybeNot(r) + "--icmpv6-type " + pick(r, "echo-request", "echo-reply", "destination-unreachable", "packet-too-big", "1/4")
		}
		return "-m icmp " + maybeNot(r) + "--icmp-type " + pick(r, "echo-request", "echo-reply", "destination-unreachable", "3/1", "fragmentation-needed", "any")
	}
	return ""
}

// match draws a match that any packet may be asked for.
func (p *savedPlace) match(r source) string {
	not := maybeNot(r)
	hop := "-m ttl " + pick(r, "--ttl-eq 64", "--ttl-gt 60", "--ttl-lt 64", "! --ttl-eq 63")
	ranges := pick(r, "10.0.1.2-10.0.1.3", "10.0.2.1-10.0.2.2")
	if p.six {
		hop = "-m hl " + pick(r, "--hl-eq 64", "--hl-gt 60", "--hl-lt 64", "! --hl-eq 63")
		ranges = pick(r, "fd01::2-fd01::3", "fd02::1-fd02::2")
	}
	list := []string{
		hop,
		"-m iprange " + not + pick(r, "--src-range ", "--dst-range ") + ranges,
		"-m mark " + not + "--mark " + pick(r, "0x1", "0x2/0xf", "0x0/0xff", "0x12345678"),
		"-m dscp " + not + "--dscp " + pick(r, "0x00", "0x0a", "0x2e"),
		"-m tos " + not + "--tos " + pick(r, "0x00/0xff", "0x10/0x3f", "0x02/0x03"),
		"-m length " + not + "--length " + pick(r, "0:60", "28", "40:100", "1000:65535"),
		"-m addrtype " + not + pick(r, "--src-type ", "--dst-type ") + pick(r, "UNICAST", "LOCAL", "UNICAST,LOCAL", "MULTICAST"),
		"-m statistic --mode nth --every 3 --packet 1",
		"-m comment --comment \"a rule\"",
		"-m pkttype " + not + "--pkt-type " + pick(r, "unicast", "broadcast"),
		"-m u32 " + not + "--u32 " + pick(r, "0x4=0x0:0xffff", "0x6&0xff=0x6,0x11", "0x8>>24=0x1:0x40"), // not what is drawn: the flow label, the checksum
		"-m recent --name " + pick(r, "a", "b") + " " + pick(r, "--set", "--set", not+"--rcheck --hitcount 2", "--update --hitcount 3", "--remove", "--rcheck --rdest"),
		"-m limit --limit 1/hour --limit-burst " + pick(r, "1", "5", "20"),
		"-m hashlimit --hashlimit-upto 1/hour --hashlimit-burst 4 --hashlimit-mode " + pick(r, "srcip", "dstip", "srcip,dstport") + fmt.Sprintf(" --hashlimit-name h%d", r.IntN(1e9)),
		"-m bpf --bytecode " + pick(r, `"5,48 0 0 0,84 0 0 15,21 0 1 5,6 0 0 1,6 0 0 0"`, `"4,48 0 0 9,21 0 1 17,6 0 0 1,6 0 0 0"`, `"2,40 0 0 40,6 0 0 1"`, `"4,128 0 0 0,37 0 1 60,6 0 0 1,6 0 0 0"`),
		"-m quota " + not + "--quota " + pick(r, "100", "1000", "0"),
	}
	if p.six {
		list = append(list, "-m ah "+not+"--ahspi "+pick(r, "1", "0:255", "256:"), "-m ipv6header "+not+"--header "+pick(r, "prot", "frag,prot", "hop", "none")+pick(r, "", " --soft"))
	}
	if p.table != "raw" {
		list = append(list, p.tracked(r, not)...)
	}
	return pick(r, list...)
}

// tracked draws matches of what connection tracking knows.
func (p *savedPlace) tracked(r source, not string) []string {
	return []string{
		"-m conntrack " + not + "--ctstate " + pick(r, "NEW", "ESTABLISHED", "RELATED,ESTABLISHED", "INVALID", "NEW,UNTRACKED", "DNAT", "SNAT"),
		"-m conntrack " + not + "--ctstate " + pick(r, "NEW", "ESTABLISHED", "RELATED,ESTABLISHED", "INVALID", "UNTRACKED"),
		"-m state --state " + pick(r, "NEW", "ESTABLISHED", "RELATED,ESTABLISHED", "INVALID"),
		"-m conntrack " + not + "--ctstatus " + pick(r, "NONE", "SEEN_REPLY", "ASSURED", "CONFIRMED", "SEEN_REPLY,ASSURED"),
		"-m conntrack --ctdir " + pick(r, "ORIGINAL", "REPLY"),
		"-m conntrack " + not + pick(r, "--ctorigsrc ", "--ctorigdst ", "--ctreplsrc ", "--ctrepldst ") + p.network(r),
		"-m conntrack " + not + "--ctproto " + pick(r, "6", "17", "1"),
		"-m conntrack " + not + pick(r, "--ctorigsrcport ", "--ctorigdstport ", "--ctreplsrcport ", "--ctrepldstport ") + r.portRange(),
		"-m connmark " + not + "--mark " + pick(r, "0x1", "0x0/0xf", "0x2/0x3"),
		"-m connbytes " + not + "--connbytes " + pick(r, "2:", ":3", "1:4") + " --connbytes-dir " + pick(r, "original", "reply", "both") + " --connbytes-mode packets",
	}
}
