package synproxy

import (
	"testing"

	"nfvm/nf"
)

// TestGiven: whoever was given a cookie is believed as long as it is good, about
// the connection that it was for and no other.
func TestGiven(t *testing.T) {
	c := NewCookies([16]byte{1})
	g := NewGiven(c)
	flow := Flow{Family: nf.FamilyIPv4, Ports: [4]byte{0, 1, 0, 80}}
	g.Add(&flow, 1000, c.Make(&flow, 1000, 1400, 0), 0)
	if mss, ok := g.Check(&flow, 1000, 1e9); !ok || mss != 1300 {
		t.Errorf("size %d, %v, not the 1300 of the cookie", mss, ok)
	}
	if _, ok := g.Check(&flow, 1001, 1e9); ok {
		t.Error("another SYN's cookie is good")
	}
	other := flow
	other.Ports[1]++
	if _, ok := g.Check(&other, 1000, 1e9); ok {
		t.Error("another flow's cookie is good")
	}
	if _, ok := g.Check(&flow, 1000, maxAge*period); ok {
		t.Error("an old cookie is good")
	}
}

// TestGivenBound: a flood does not fill the memory, and what is old makes room.
func TestGivenBound(t *testing.T) {
	g := NewGiven(NewCookies([16]byte{1}))
	flow := Flow{Family: nf.FamilyIPv4}
	for seq := range uint32(maxGiven + 10) {
		g.Add(&flow, seq, 0, 0)
	}
	if len(g.of) != maxGiven {
		t.Errorf("%d are remembered", len(g.of))
	}
	g.Add(&flow, maxGiven+10, 0, maxAge*period)
	if len(g.of) != 1 {
		t.Errorf("%d are remembered when all others are old", len(g.of))
	}
}
