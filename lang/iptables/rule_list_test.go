package iptables

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"nfvm/nf"
)

// TestFindFirst makes random changes to a list of rules that are often written
// alike, and to a slice; the first of those written alike is found.
func TestFindFirst(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var l ruleList
	var want []*rule
	for step := range 5000 {
		words := fmt.Sprint(r.IntN(5))
		at := slices.IndexFunc(want, func(x *rule) bool { return x.words == words })
		if step > 100 && l.find(words) != at {
			t.Fatalf("step %d: found at %d, not %d", step, l.find(words), at)
		}
		if i := r.IntN(len(want) + 1); r.IntN(5) < 3 {
			x := &rule{words: words}
			l.insert(i, x)
			want = slices.Insert(want, i, x)
		} else if i < len(want) {
			l.remove(i)
			want = slices.Delete(want, i, i+1)
		}
	}
	if got := slices.Collect(l.All()); !slices.Equal(got, want) {
		t.Error("the rules are not in their order")
	}
}

// TestLinear reads commands that would need minutes if each looked at all that
// there is.
func TestLinear(t *testing.T) {
	const n = 100000
	rules := func(format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for _, c := range []struct{ name, text string }{
		{"deleted as written", rules("-A INPUT -m mark --mark %d -j DROP\n") + rules("-D INPUT -m mark --mark %d -j DROP\n")},
		{"all alike", strings.Repeat("-A INPUT -j DROP\n", n) + strings.Repeat("-I INPUT 2 -j DROP\n-D INPUT -j DROP\n", n)},
		{"before and behind", strings.Repeat("-I INPUT -j DROP\n-A INPUT -j ACCEPT\n-C INPUT -j ACCEPT\n", n)},
		{"deleted chains", rules("-N c%d\n") + rules("-A INPUT -m mark --mark %[1]d -j c%[1]d\n") + "-F INPUT\n" + rules("-X c%d\n")},
		{"flushed tables", rules("-N c%d\n") + strings.Repeat("-F\n", n)},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			_, list := Parse("in", []byte("*filter\n"+c.text+"COMMIT\n"), Options{Family: nf.FamilyIPv4})
			if list.HasErrors() {
				t.Errorf("%.300s", list.String())
			}
			if d := time.Since(start); d > 30*time.Second {
				t.Errorf("it took %v", d)
			}
		})
	}
}
