package examples

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	savedTable  = regexp.MustCompile(`^\*(\w+)$`)
	savedRule   = regexp.MustCompile(`^\[(\d+):(\d+)\] -A (\S+)`)
	listedTable = regexp.MustCompile(`^table ip (\w+) {$`)
	listedChain = regexp.MustCompile(`^\tchain (\S+) {$`)
	listedRule  = regexp.MustCompile(`^\t\t.*\bcounter packets (\d+) bytes (\d+)`)
)

// compareIptables compares the counters of the rules in each chain: each rule of
// iptables has one, and no set has any.
func compareIptables(t *testing.T, listing string, saved []string) {
	t.Helper()
	want, got := map[string][]string{}, map[string][]string{}
	rules := 0
	table, chain := "", ""
	for _, line := range saved {
		if m := savedTable.FindStringSubmatch(line); m != nil {
			table = m[1]
		} else if m := savedRule.FindStringSubmatch(line); m != nil {
			key := table + " " + m[3]
			want[key] = append(want[key], m[1]+":"+m[2])
			rules++
		}
	}
	for line := range strings.Lines(listing) {
		line = strings.TrimSuffix(line, "\n")
		if m := listedTable.FindStringSubmatch(line); m != nil {
			table = m[1]
		} else if m := listedChain.FindStringSubmatch(line); m != nil {
			chain = m[1]
		} else if m := listedRule.FindStringSubmatch(line); m != nil {
			key := table + " " + chain
			got[key] = append(got[key], m[1]+":"+m[2])
		}
	}
	if d := cmp.Diff(want, got); d != "" || rules == 0 {
		t.Errorf("counters of %d rules (-kernel +nfvm):\n%s", rules, d)
	}
}
