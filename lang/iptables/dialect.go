package iptables

import "nfvm/nf"

// A dialect is the language of one of the four tools.
type dialect struct {
	tables   map[string][]builtin
	basics   []basic     // options of every rule
	matches  []extension // of -m
	targets  []extension // of -j
	implicit []extension // matches whose options need no -m
	head     func(l *lowering, src, dst addrArg)
	// commits: a table must end with COMMIT.
	commits bool
	// innerNot: a ! may stand behind its option.
	innerNot bool
	// userPolicy are the policies that chains of the user may have.
	userPolicy map[string]bool
}

var ipDialect, arpDialect, bridgeDialect dialect

func init() {
	ipDialect = dialect{tables: ipTables, basics: ipBasics(), head: ipHead, commits: true}
	ipDialect.matches, ipDialect.targets = ipExtensions()
	arpDialect = dialect{tables: arpTables, basics: arpBasics(), head: arpHead, innerNot: true,
		implicit: arpMatches, targets: arpTargets}
	bridgeDialect = dialect{tables: bridgeTables, basics: bridgeBasics(), head: bridgeHead, innerNot: true,
		implicit: bridgeExtensions(), targets: bridgeTargets,
		userPolicy: map[string]bool{"ACCEPT": true, "DROP": true, "RETURN": true}}
}

func dialectOf(f nf.Family) *dialect {
	switch f {
	case nf.FamilyARP:
		return &arpDialect
	case nf.FamilyBridge:
		return &bridgeDialect
	}
	return &ipDialect
}

// Family gives the family of a tool's rules, by the tool's name.
func Family(tool string) nf.Family {
	switch tool {
	case "ip6tables":
		return nf.FamilyIPv6
	case "arptables":
		return nf.FamilyARP
	case "ebtables":
		return nf.FamilyBridge
	}
	return nf.FamilyIPv4
}
