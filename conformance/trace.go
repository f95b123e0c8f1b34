package conformance

import (
	"regexp"
	"slices"
	"strings"
)

// Traces reports whether rules switch tracing on, so that a run has a trace.
func Traces(rules string) bool { return strings.Contains(rules, "nftrace set 1") }

// traceID begins each line of nft monitor trace. The number comes from where
// the kernel put the packet in memory; packets can share one.
var traceID = regexp.MustCompile(`^trace id [0-9a-f]{8} `)

// errorID is the id of an ICMP error in a packet line, which is random where the
// host made the error.
var errorID = regexp.MustCompile(`ip id \d+( .*icmp type (destination-unreachable|time-exceeded|parameter-problem) )`)

// TraceLines gives the lines of a trace without ids and without those of some
// tables, given as "inet name ".
func TraceLines(text string, without ...string) []string {
	var out []string
	for _, l := range lines(text) {
		l = traceID.ReplaceAllString(l, "")
		l = errorID.ReplaceAllString(l, "ip id *$1")
		if !slices.ContainsFunc(without, func(table string) bool { return strings.HasPrefix(l, table) }) {
			out = append(out, l)
		}
	}
	return out
}
