package main

import (
	"testing"
	"time"
)

// TestPlaceBridged sorts what a bridge br with the ports p and q does: a frame that
// crosses, ARP that is flooded and delivered, and a packet and ARP of the host's own.
func TestPlaceBridged(t *testing.T) {
	rec := &recording{}
	var err error
	rec.bridges, err = readBridges([]byte(`[{"ifname":"br","linkinfo":{"info_kind":"bridge"}},
		{"ifname":"p","master":"br"},{"ifname":"q","master":"br"},{"ifname":"v","master":"vrf"}]`))
	if err != nil || !rec.bridges.isPort("p") || rec.bridges.isPort("v") || rec.bridges.isPort("br") {
		t.Fatalf("%v, %v", rec.bridges, err)
	}
	crossing, own := onWire(ipv4(2, 3, protoTCP, 7, tcp(50, 80, 2)...)), ipv4(1, 3, protoUDP, 8, 0, 50, 0, 53, 0, 8, 0, 0)
	rec.output = []logged{{data: own}}
	ask, mine := onWire(nil), onWire(nil)
	ask[13], mine[13], mine[0] = 6, 6, 9
	at := time.Unix(1, 0)
	rec.frames = []frame{
		{at, "p", false, crossing}, {at, "q", true, crossing},
		{at, "p", false, ask}, {at, "br", false, ask}, {at, "q", true, ask},
		{at, "br", true, onWire(own)}, {at, "p", true, onWire(own)},
		{at, "br", true, mine}, {at, "q", true, mine},
	}
	out, err := rec.sort()
	if err != nil {
		t.Fatal(err)
	}
	names := func(frames []frame) (s string) {
		for _, f := range frames {
			s += map[bool]string{false: "<", true: ">"}[f.out] + f.link + " "
		}
		return s
	}
	if got, want := names(out.traffic), "<p <p >br "; got != want {
		t.Errorf("traffic %q, not %q", got, want)
	}
	if got, want := names(out.kernel), ">q <br >q >p "; got != want {
		t.Errorf("kernel %q, not %q", got, want)
	}
	if err := rec.checkForwarded(); err != nil {
		t.Error(err)
	}
	rec.frames = append(rec.frames, frame{at, "q", true, onWire(ipv4(5, 6, protoTCP, 9, tcp(1, 2, 2)...))})
	if rec.checkForwarded() == nil {
		t.Error("a bridged frame from nowhere is explained")
	}
}
