package host

import (
	"net/netip"
	"strings"
	"testing"

	"nfvm/nf"
)

func TestNewRefusesWhatIsNotListed(t *testing.T) {
	eth0, other := nf.NewLink(2, "eth0"), nf.NewLink(3, "eth1")
	a := netip.MustParseAddr("10.0.0.1")
	for want, c := range map[string]Config{
		"no ifindex of its own": {Links: []*nf.Link{eth0, nf.NewLink(2, "eth1")}},
		"longer than 15":        {Links: []*nf.Link{nf.NewLink(2, "aVeryLongInterfaceName")}},
		"address 10.0.0.1":      {Links: []*nf.Link{eth0}, Addresses: []Address{{Link: other, Local: a}}},
		"neighbour 10.0.0.1":    {Links: []*nf.Link{eth0}, Neighbours: []Neighbour{{Addr: a}}},
		"route to 10.0.0.1/32":  {Links: []*nf.Link{eth0}, Routes: []Route{{Dst: hostPrefix(a), Hops: []NextHop{{Dev: other}}}}},
	} {
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// A family without rules finds no route; one of which nothing is said has the
// rules that every kernel starts with.
func TestNoRulesAndDefaultRules(t *testing.T) {
	eth0, dst := nf.NewLink(2, "eth0"), netip.MustParseAddr("192.0.2.1")
	c := Config{Links: []*nf.Link{eth0}, Routes: []Route{{Type: Unicast, Table: TableMain,
		Dst: netip.MustParsePrefix("0.0.0.0/0"), Hops: []NextHop{{Dev: eth0, Weight: 1}}}}}
	for _, test := range []struct {
		rules []Rule
		want  *nf.Link
	}{{nil, eth0}, {[]Rule{}, nil}} {
		c.Rules4 = test.rules
		h, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		if res := h.Lookup(&Query{Dst: dst}); res.Out != test.want {
			t.Errorf("rules %v: out of %v, want %v", test.rules, res.Out, test.want)
		}
	}
}

// What iproute2 says of links, realms and dead next hops.
func TestParseConfigDetails(t *testing.T) {
	c, err := ParseConfig([]byte(`{"addr": [
	  {"ifindex":1,"ifname":"lo","link_type":"loopback","flags":["LOOPBACK","UP","LOWER_UP"]},
	  {"ifindex":2,"ifname":"p0","flags":["BROADCAST","UP"],"master":"br0"},
	  {"ifindex":3,"ifname":"br0","flags":["BROADCAST"]}],
	 "route": [
	  {"dst":"10.1.0.0/16","dev":"p0","flow":{"from":"3","to":"5"},"scope":"17"},
	  {"dst":"10.2.0.0/16","dev":"p0","flags":["dead","linkdown"]},
	  {"dst":"10.3.0.0/16","nexthops":[{"dev":"p0","weight":1,"flags":["dead"]},{"dev":"br0","weight":2,"flags":[]}]}],
	 "rule": [{"priority":5,"nop":null},{"priority":6,"table":"main"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	p0 := c.Links[1]
	if p0.Master != 3 || !p0.Up || p0.LowerUp || c.Links[2].Up || !c.Links[0].LowerUp {
		t.Errorf("links %+v %+v", *p0, *c.Links[2])
	}
	if len(c.Routes) != 2 || c.Routes[0].Realm != 3<<16|5 || c.Routes[0].Scope != 17 {
		t.Fatalf("routes %+v", c.Routes)
	}
	if hops := c.Routes[1].Hops; len(hops) != 1 || hops[0].Dev.Name != "br0" || hops[0].Weight != 2 {
		t.Errorf("next hops %+v", hops)
	}
	if len(c.Rules4) != 1 || c.Rules4[0].Priority != 6 || c.Rules6 != nil {
		t.Errorf("rules %+v, %+v", c.Rules4, c.Rules6)
	}
}
