package iptables

import "slices"

// matches are the extensions of -m, targets those of -j.
var matches, targets []extension

func init() {
	matches = slices.Concat(transportMatches, icmpMatches, conntrackMatches, packetMatches, rateMatches, hostMatches, unsupportedMatches)
	targets = slices.Concat(verdictTargets, logTargets, natTargets, markTargets, tcpTargets, unsupportedTargets)
}

// targetNames are the names of targets, for suggestions.
func targetNames() []string {
	out := []string{"ACCEPT", "DROP", "RETURN", "QUEUE"}
	for i := range targets {
		out = append(out, targets[i].name)
	}
	return out
}

// unsupportedMatches have no equivalent.
var unsupportedMatches = []extension{
	{name: "bpf", refuse: "there is no classic BPF"},
	{name: "cluster", refuse: "a node's share of the traffic is not computed"},
	{name: "dst", refuse: "options of IPv6 destination headers are not matched"},
	{name: "eui64", refuse: "addresses made from MAC addresses are not matched"},
	{name: "hbh", refuse: "options of IPv6 hop-by-hop headers are not matched"},
	{name: "ipv6header", refuse: "the list of extension headers is not matched"},
	{name: "ipvs", refuse: "there is no IPVS"},
	{name: "l2tp", refuse: "L2TP headers are not matched"},
	{name: "mh", refuse: "mobility headers are not matched"},
	{name: "nfacct", refuse: "there are no nfacct objects"},
	{name: "osf", refuse: "there are no fingerprints of systems"},
	{name: "rateest", refuse: "there are no rate estimators"},
	{name: "set", refuse: "the contents of the ipset are not in the file"},
	{name: "srh", refuse: "segment routing headers are not matched"},
}

// unsupportedTargets have no equivalent.
var unsupportedTargets = []extension{
	{name: "CLUSTERIP", refuse: "it was removed from the kernel"},
	{name: "CONNSECMARK", refuse: "there are no security labels"},
	{name: "DNPT", refuse: "stateless prefix translation is not done"},
	{name: "ECN", refuse: "ECN bits of TCP are not removed"},
	{name: "HMARK", refuse: "marks are not made from hashes"},
	{name: "IDLETIMER", refuse: "there are no idle timers"},
	{name: "LED", refuse: "there are no lights"},
	{name: "RATEEST", refuse: "there are no rate estimators"},
	{name: "SECMARK", refuse: "there are no security labels"},
	{name: "SET", refuse: "the ipset is not in the file"},
	{name: "SNPT", refuse: "stateless prefix translation is not done"},
	{name: "ULOG", refuse: "it was removed from the kernel; NFLOG does the same"},
}
