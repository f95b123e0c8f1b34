package conformance

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// timeoutField is the place of the remaining seconds in a line of
// conntrack -L -o extended: ipv4 2 udp 17 29 src=…
const timeoutField = 4

// timeoutSlack is how many seconds two runs may differ: the kernel cuts to
// whole seconds, and machines pause.
const timeoutSlack = 2

// eventTimeout is the same place in a line of conntrack -E: [NEW] udp 17 30 src=…
const eventTimeout = 3

// SplitConntrack separates the seconds in a line, those that remain and those
// since the entry was made, from the rest.
func SplitConntrack(line string) (rest string, seconds [2]int) {
	return splitSeconds(line, timeoutField)
}

func splitSeconds(line string, timeout int) (rest string, seconds [2]int) {
	w := strings.Fields(line)
	for i, field := range w {
		label, number := "", field
		if strings.HasPrefix(field, "delta-time=") {
			label, number, _ = strings.Cut(field, "=")
		} else if i != timeout {
			continue
		}
		if n, err := strconv.Atoi(number); err == nil {
			seconds[min(len(label), 1)] = n
			w[i] = label + "*"
		}
	}
	return strings.Join(w, " "), seconds
}

// SortConntrack puts lines into the order of a golden: that of their text
// without the timeout.
func SortConntrack(lines []string) {
	key := func(i int) string { rest, _ := SplitConntrack(lines[i]); return rest }
	sort.SliceStable(lines, func(i, j int) bool { return key(i) < key(j) })
}

// Compare lists what differs between two outcomes of one case, the first being
// right; nothing when they agree.
func Compare(want, got *Outcome) []string {
	diffs := compareLines("packets", byPlace(want.Packets), byPlace(got.Packets), func(a, b string) bool { return a == b })
	diffs = append(diffs, compareLines("conntrack", want.Conntrack, got.Conntrack, sameEntry)...)
	diffs = append(diffs, compareLines("ruleset", lines(want.Ruleset), lines(got.Ruleset), sameRule)...)
	diffs = append(diffs, Diff("counters", want.Counters, got.Counters)...)
	diffs = append(diffs, compareLines("trace", want.Trace, got.Trace, sameRule)...)
	diffs = append(diffs, compareLines("events", want.Events, got.Events, sameEvent)...)
	diffs = append(diffs, compareLines("expect", want.Expect, got.Expect, sameExpectation)...)
	return append(diffs, compareLines("expect-events", want.Expects, got.Expects, sameExpectEvent)...)
}

// byPlace groups packets by step and interface, in their order within each:
// nobody outside the kernel can tell the order in which packets of one step
// left by different interfaces.
func byPlace(packets []string) []string {
	place := func(s string) string { p, _, _ := strings.Cut(s, ": "); return p }
	packets = slices.Clone(packets)
	slices.SortStableFunc(packets, func(a, b string) int { return strings.Compare(place(a), place(b)) })
	return packets
}

// expires is the remaining time of a set element, which no two runs share.
var expires = regexp.MustCompile(`\bexpires [0-9a-z]+`)

func sameRule(a, b string) bool {
	return a == b || strings.Contains(a, "expires ") && strings.Contains(b, "expires ") && expires.ReplaceAllString(a, "expires *") == expires.ReplaceAllString(b, "expires *")
}

func sameEntry(a, b string) bool { return sameSeconds(a, b, timeoutField) }
func sameEvent(a, b string) bool { return sameSeconds(a, b, eventTimeout) }

// Lines of conntrack -L expect begin with the seconds, those of conntrack -E
// expect have them behind the kind of event.
func sameExpectation(a, b string) bool { return sameSeconds(a, b, 0) }
func sameExpectEvent(a, b string) bool { return sameSeconds(a, b, 1) }

// SortExpect puts lines of conntrack -L expect into the order of a golden: that
// of their text without the timeout.
func SortExpect(lines []string) {
	key := func(i int) string { rest, _ := splitSeconds(lines[i], 0); return rest }
	sort.SliceStable(lines, func(i, j int) bool { return key(i) < key(j) })
}

func sameSeconds(a, b string, timeout int) bool {
	restA, secondsA := splitSeconds(a, timeout)
	restB, secondsB := splitSeconds(b, timeout)
	for i := range secondsA {
		if d := secondsA[i] - secondsB[i]; d > timeoutSlack || d < -timeoutSlack {
			return false
		}
	}
	return restA == restB
}

// Diff lists the lines that only one side has, marked - and +.
func Diff(what string, want, got []string) []string {
	return compareLines(what, want, got, func(a, b string) bool { return a == b })
}

// compareLines lists the lines of either side that the other lacks, by the
// longest common subsequence.
func compareLines(what string, want, got []string, same func(a, b string) bool) []string {
	common := make([][]int, len(want)+1)
	for i := range common {
		common[i] = make([]int, len(got)+1)
	}
	for i := len(want) - 1; i >= 0; i-- {
		for j := len(got) - 1; j >= 0; j-- {
			if same(want[i], got[j]) {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var diffs []string
	for i, j := 0, 0; i < len(want) || j < len(got); {
		switch {
		case i < len(want) && j < len(got) && same(want[i], got[j]):
			i, j = i+1, j+1
		case j == len(got) || i < len(want) && common[i+1][j] >= common[i][j+1]:
			diffs = append(diffs, fmt.Sprintf("%s: - %s", what, want[i]))
			i++
		default:
			diffs = append(diffs, fmt.Sprintf("%s: + %s", what, got[j]))
			j++
		}
	}
	return diffs
}
