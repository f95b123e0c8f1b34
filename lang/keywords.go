package lang

import "strings"

// reservedWords are the keywords that nft's scanner knows everywhere; they can't
// be names of tables, chains and sets, nor plain values.
var reservedWords = wordSet(`vmap include define redefine undefine describe hook device devices
	table chain rule set element map flowtable handle ruleset socket tproxy accept drop continue
	jump goto return inet netdev add replace update create insert delete get list reset flush
	rename import export monitor destroy position index comment constant interval dynamic
	auto-merge timeout gc-interval elements expires policy size flow offload meter counter last
	log queue limit quota hour day reject snat dnat masquerade redirect random th bridge ether
	type typeof vlan arp ip ecn time icmp icmpv6 igmp ip6 priority ah esp comp flags udp udplite
	vxlan vni geneve gre gretap tcp dccp sctp rt rt0 rt2 srh hbh frag dst mh meta mark iif
	iifname iiftype oif oifname oiftype skuid skgid nftrace rtclassid ibriport ibrname obriport
	obrname pkttype cpu iifgroup oifgroup cgroup ct numgen jhash symhash dup fwd fib osf synproxy
	notrack all exists missing exthdr ipsec secmark xt`)

// valueWords are the reserved words that are values too, such as the protocol
// in `meta l4proto tcp`.
var valueWords = wordSet(`exists missing ether ip ip6 vlan arp dnat snat ecn reset destroy original
	reply label last tcp udp udplite esp ah icmp igmp icmpv6 gre comp dccp sctp redirect`)

// stmtValueWords are those that nft takes in the value of a `set` or nat
// statement.
var stmtValueWords = wordSet(`exists missing ether ip ip6 vlan arp dnat snat ecn reset destroy
	original reply label last`)

// bareMeta are the meta keys that need no `meta` before them.
var bareMeta = wordSet(`mark iif iifname iiftype oif oifname oiftype skuid skgid nftrace rtclassid
	ibriport obriport ibrname obrname pkttype cpu iifgroup oifgroup cgroup time day hour`)

// statementWords start a statement or an expression of a rule; for suggestions.
var statementWords = strings.Fields(`accept drop continue jump goto return counter limit quota log
	reject snat dnat masquerade redirect tproxy queue dup fwd meter synproxy notrack flow xt comment
	socket th ether vlan arp ip icmp icmpv6 igmp ip6 ah esp comp udp udplite vxlan geneve gre gretap
	tcp dccp sctp rt hbh frag dst mh meta mark iif iifname iiftype oif oifname oiftype skuid skgid
	nftrace rtclassid ibrname obrname pkttype cpu iifgroup oifgroup cgroup ct numgen jhash symhash
	fib osf ipsec exthdr add update delete last type policy include define`)

// statementOptions are the words that may follow within a statement; for
// suggestions.
var statementOptions = map[string][]string{
	"log":        {"prefix", "level", "group", "snaplen", "queue-threshold", "flags"},
	"reject":     {"with"},
	"limit":      {"burst"},
	"counter":    {"packets", "bytes"},
	"quota":      {"used"},
	"queue":      {"to", "num", "flags", "bypass", "fanout"},
	"snat":       natOptions,
	"dnat":       natOptions,
	"masquerade": natOptions,
	"redirect":   natOptions,
	"synproxy":   {"mss", "wscale", "timestamp", "sack-perm"},
}

var natOptions = []string{"to", "random", "fully-random", "persistent"}

// verdictWords start the value of a verdict map.
var verdictWords = strings.Fields("accept drop continue return jump goto")

// commandWords start a command; for suggestions.
var commandWords = strings.Fields(`table chain rule set map element flowtable counter quota limit ct
	synproxy secmark add create insert replace delete destroy flush rename list reset get include
	define redefine undefine monitor describe import export`)

func wordSet(words string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}
