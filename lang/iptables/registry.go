package iptables

import "slices"

// ipExtensions are those of -m and of -j in iptables.
func ipExtensions() (matches, targets []extension) {
	matches = slices.Concat(transportMatches, icmpMatches, conntrackMatches, packetMatches, rateMatches, hostMatches, countMatches, ext6Matches, headers6Matches, setMatches,
		recentMatches, payloadMatches, bpfMatches, timeMatches, osfMatches, bridgeMatches, unsupportedMatches)
	targets = slices.Concat(verdictTargets, logTargets, natTargets, markTargets, tcpTargets, ctTargets, nptTargets, hmarkTargets, unsupportedTargets)
	return matches, targets
}

// targetNames are the names of targets, for suggestions.
func (d *dialect) targetNames() []string {
	out := d.verdicts()
	for i := range d.targets {
		out = append(out, d.targets[i].name)
	}
	return out
}

// hasTarget reports whether name is one of targetNames.
func (d *dialect) hasTarget(name string) bool {
	return slices.Contains(d.verdicts(), name) ||
		slices.ContainsFunc(d.targets, func(x extension) bool { return x.name == name })
}

// unsupportedMatches have no equivalent.
var unsupportedMatches = []extension{
	{name: "ipvs", refuse: "there is no IPVS"},
	{name: "l2tp", refuse: "L2TP headers are not matched"},
	{name: "rateest", refuse: "there are no rate estimators"},
}

// unsupportedTargets have no equivalent.
var unsupportedTargets = []extension{
	{name: "CLUSTERIP", refuse: "it was removed from the kernel"},
	{name: "CONNSECMARK", refuse: "there are no security labels"},
	{name: "IDLETIMER", refuse: "there are no idle timers"},
	{name: "LED", refuse: "there are no lights"},
	{name: "RATEEST", refuse: "there are no rate estimators"},
	{name: "SECMARK", refuse: "there are no security labels"},
	{name: "SET", refuse: "sets are not changed by rules here: each table has a copy of its own"},
	{name: "ULOG", refuse: "it was removed from the kernel; NFLOG does the same"},
}
