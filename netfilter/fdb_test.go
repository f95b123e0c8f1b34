package netfilter

import (
	"testing"

	"nfvm/nf"
)

// TestStationsKnown: what a bridge knows before the first frame ages from then on,
// unless it was configured; and it moves with the station either way.
func TestStationsKnown(t *testing.T) {
	br := &nf.Link{Index: 1, Bridge: &nf.Bridge{AgeingTime: 100}}
	a := &nf.Link{Index: 2, Port: &nf.BridgePort{Bridge: br}}
	b := &nf.Link{Index: 3, Port: &nf.BridgePort{Bridge: br}}
	learnt, static := [6]byte{2, 1}, [6]byte{2, 2}
	br.Bridge.Stations = []nf.Station{{MAC: learnt, Port: a}, {MAC: static, VLAN: 5, Port: a, Static: true}}
	f := fdb{}
	f.know([]*nf.Link{br, a, b}, 1000)
	for _, c := range []struct {
		key  fdbKey
		now  int64
		want int
	}{
		{fdbKey{1, 0, learnt}, 1099, 2}, {fdbKey{1, 0, learnt}, 1100, 0},
		{fdbKey{1, 5, static}, 5000, 2}, {fdbKey{1, 0, static}, 1000, 0},
	} {
		if got := f.find(c.key, 100, c.now); got != c.want {
			t.Errorf("%v at %d: port %d, not %d", c.key, c.now, got, c.want)
		}
	}
	f.learn(fdbKey{1, 5, static}, b, 2000)
	f.expire(100, 9000, len(f))
	if got := f.find(fdbKey{1, 5, static}, 100, 9000); got != 3 || len(f) != 1 {
		t.Errorf("a configured station that moved is behind port %d, %d are known", got, len(f))
	}
}

// TestStationsFull: made-up addresses beyond the bound are not learnt, and take the
// place of others when these are old.
func TestStationsFull(t *testing.T) {
	br := &nf.Link{Index: 1, Bridge: &nf.Bridge{AgeingTime: 100}}
	a := &nf.Link{Index: 2, Port: &nf.BridgePort{Bridge: br}}
	f := fdb{}
	key := func(n int) fdbKey { return fdbKey{1, 0, [6]byte{2, 0, byte(n >> 16), byte(n >> 8), byte(n)}} }
	for n := range maxStations + 1000 {
		f.learn(key(n), a, 50)
	}
	if len(f) != maxStations || f.find(key(0), 100, 50) != 2 || f.find(key(maxStations+1), 100, 50) != 0 {
		t.Errorf("%d are known of a flood", len(f))
	}
	for n := range 1000 {
		f.learn(key(2*maxStations+n), a, 200)
	}
	if got := f.find(key(2*maxStations), 100, 200); len(f) > maxStations || got != 2 {
		t.Errorf("%d are known when the first are old, the next is behind port %d", len(f), got)
	}
}
