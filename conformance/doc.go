// Package conformance holds the cases that say what a Linux kernel does with a
// ruleset and some packets, and the runners that replay them: through the
// kernel of the machine at hand and through nfvm.
//
// A case is a txtar file in cases/. Its comment says what it shows, and in a
// line "features: K-012 N-003" which features it proves (see Features).
// Sections:
//
//	-- host --          the machine, one line a thing; without it: "router"
//	-- rules.nft --     the ruleset
//	-- rules.iptables --   rules as iptables-save prints them, and
//	-- rules.ip6tables --  as ip6tables-save does: loaded after rules.nft, if there is one
//	-- rules.arptables --  as arptables-save does
//	-- rules.ebtables --   as ebtables-save does; ebtables-nft loads them
//	-- packets --       what happens, one line a step
//	-- mask --          values that the kernel draws at random (see ParseMask)
//	-- pf.os --         fingerprints of operating systems
//	-- iptables-nft --  what differs when iptables-nft loads the saved rules instead of
//	                   iptables-legacy: first why, in lines that begin with #
//	-- want/packets --  what came out, step by step
//	-- want/conntrack --  conntrack -L -o extended, sorted
//	-- want/ruleset --  nft list ruleset, with counters
//	-- want/counters --  those of saved rules: table, chain, number of the rule, packets, bytes
//	-- want/trace --    nft monitor trace without "trace id …", where the rules set nftrace
//	-- want/events --   conntrack -E, where the case has this section, empty at first
//	-- want/expect --   conntrack -L expect of both families, sorted, on the same condition
//	-- want/expect-events --  conntrack -E expect, likewise
//
// The want sections are recorded from the kernel (go test -run Kernel -update,
// as root), never written by hand.
//
// Host lines are those of iproute2 without the leading "ip" and "add":
//
//	router                                 two legs: ta 10.0.1.1/24, tb 10.0.2.1/24, forwarding
//	router6                                the same with fd01::1/64 and fd02::1/64 besides
//	switch                                 a bridge br0 02:00:00:00:00:99 10.5.0.1/24 with the ports pa, pb and
//	                                       pc, 02:00:00:00:00:0a to :0c
//	link tc [ether 02:00:00:00:00:03] [mtu 600]   a TUN device, or TAP when it has an Ethernet address
//	bridge br0 ether 02:00:00:00:00:99 [vlan_filtering 1]   behind all devices, with options of ip link
//	port pa br0 [hairpin on]               pa is a port of br0, with options of ip link set type bridge_slave
//	vlan pa 5 [pvid] [untagged]            of a bridge with VLAN filtering
//	addr 10.0.3.1/24 [brd 10.0.3.255] dev tc
//	route default via 10.0.3.9 dev tc table 77
//	rule fwmark 5 lookup 77
//	neigh 10.0.3.7 lladdr 02:00:00:00:00:07 dev tc
//	sysctl net.netfilter.nf_conntrack_udp_timeout=5
//
// Steps, in the notation of the package below this one; # begins a comment:
//
//	ta> ip 10.0.1.2 > 10.0.2.2 udp 5 > 53      arrives on ta
//	out> ip 10.0.2.1 > 10.0.2.2 udp 5 > 53     is sent by the host (a raw socket with its own
//	                                           header: the kernel fills in id 0 and checks no sums)
//	out> ether … arp request …                 the host asks for an address
//	wait 1.2s
//	load more.nft                              commands of another section, given to nft -f
//	refuse odd.nft                             the same for commands that must be refused
//
// Lines of want/packets name the step (counting all steps from 1):
//
//	1 tb: ip …          sent on tb
//	2 local ta: ip …    delivered to the host, came by ta: as seen at the end of the input hook
//	3 refused: File exists   commands were refused; with the errno if it was the kernel
//
// What is sent to a neighbour whose link-layer address nobody tells is not there:
// the kernel keeps it and asks, and the runner of nfvm leaves it out.
//
// The kernel draws some values at random: the id of ICMP errors it makes (and
// their flow label in IPv6) and the id of fragments it makes in IPv6 are left
// out of the lines. Ports and echo ids from NAT are named P1, P2, … in order of
// appearance where the mask section has a line "port 1024-65535" and the number
// occurs nowhere in the case; a number outside the range stays a number, and so
// fails. Steps may use $P1. Timeouts and ages (delta-time) in want/conntrack may
// differ by two seconds.
package conformance
