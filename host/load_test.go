package host

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"nfvm/nf"
)

const small = `{
 "addr": [
  {"ifindex":2,"ifname":"lan0","mtu":1500,"link_type":"ether","address":"02:00:00:00:00:01","addr_info":[
    {"family":"inet","local":"10.0.1.1","prefixlen":24,"scope":"global"},
    {"family":"inet6","local":"fd01::1","prefixlen":64,"scope":"global"},
    {"family":"inet6","local":"fe80::1","prefixlen":64,"scope":"link"}]},
  {"ifindex":3,"ifname":"wan0","mtu":1400,"link_type":"ether","addr_info":[{"family":"inet","local":"203.0.113.1","prefixlen":24,"scope":"global"}]}],
 "neigh": [{"dst":"10.0.1.2","dev":"lan0","lladdr":"02:00:00:00:00:02"},{"dst":"10.0.1.3","dev":"lan0","state":["FAILED"]}],
 "sysctl": {"net/ipv4/ip_forward": 1, "net.ipv4.conf.wan0.rp_filter": "1"}
}`

func TestLoadWithoutRoutes(t *testing.T) {
	h, err := Load([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	for dst, want := range map[string]string{"10.0.1.9": "lan0", "203.0.113.9": "wan0", "fd01::9": "lan0"} {
		res := h.Lookup(&Query{Dst: netip.MustParseAddr(dst)})
		if res.Out == nil || res.Out.Name != want || res.Type != Unicast {
			t.Errorf("route to %s: %+v, want %s", dst, res, want)
		}
	}
	if got := h.LocalType(netip.MustParseAddr("10.0.1.255"), nil); got != Broadcast {
		t.Errorf("10.0.1.255 is of type %d, want broadcast", got)
	}
	if _, ok := h.Neighbour(h.LinkByName("lan0"), netip.MustParseAddr("10.0.1.2")); !ok {
		t.Error("neighbour 10.0.1.2 is not known")
	}
	if c := h.Conf(h.LinkByName("wan0")); c.RPFilter != 1 || !c.Forwarding4 || c.Forwarding6 {
		t.Errorf("wan0: %+v", c)
	}
	if a, ok := h.SelectSource6(h.LinkByName("lan0"), netip.MustParseAddr("2001:db8::1")); !ok || a.String() != "fd01::1" {
		t.Errorf("source for 2001:db8::1: %v", a)
	}
	if a, ok := h.SelectSource6(h.LinkByName("lan0"), netip.MustParseAddr("fe80::9")); !ok || a.String() != "fe80::1" {
		t.Errorf("source for fe80::9: %v", a)
	}
}

func TestLoadErrors(t *testing.T) {
	for in, want := range map[string]string{
		``:            "unexpected end",
		`{"adr":[]}`:  `unknown key "adr"`,
		`{"addr":{}}`: `"addr"`,
		`{"addr":[{"ifname":"aVeryLongInterfaceName","ifindex":2}]}`:                               "longer than 15",
		`{"addr":[{"ifname":"a","ifindex":2},{"ifname":"b","ifindex":2}]}`:                         "no ifindex of its own",
		`{"addr":[{"ifname":"a","ifindex":2,"addr_info":[{"local":"10.0.0.300","prefixlen":8}]}]}`: "10.0.0.300",
		`{"addr":[{"ifname":"a","ifindex":2,"addr_info":[{"local":"10.0.0.3","prefixlen":80}]}]}`:  "prefix",
		`{"route":[{"dst":"10.0.0.0/8","dev":"nowhere"}]}`:                                         `unknown interface "nowhere"`,
		`{"route":[{"dst":"10.0.0.0/99"}]}`:                                                        "10.0.0.0/99",
		`{"rule":[{"priority":5,"table":"vpn"}]}`:                                                  `"vpn" is not a number`,
		`{"sysctl":[1]}`: `"sysctl"`,
		`{"fdb":[{"mac":"02:00:00:00:00:01","ifname":"p0","master":"br0"}]}`: `"p0" is no port of "br0"`,
	} {
		if _, err := Load([]byte(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", in, err, want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(`{"route":[{"type":"throw","dst":"default","nexthops":[{"gateway":"10.0.0.1","dev":"lo","weight":3}]}],"rule":[{"priority":1,"goto":7,"not":null,"fwmark":"0x1","fwmask":"0xff"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := Load(b)
		if err != nil {
			return
		}
		for _, l := range h.Links() {
			h.RouteInput4(&Query{Dst: netip.MustParseAddr("10.0.1.2"), Src: netip.MustParseAddr("192.0.2.1"), In: l})
			h.RouteInput6(&Query{Dst: netip.MustParseAddr("fd01::2"), Src: netip.MustParseAddr("2001:db8::1"), In: l})
			h.SelectSource4(l, netip.MustParseAddr("10.0.1.2"), ScopeUniverse)
			h.SelectSource6(l, netip.MustParseAddr("fd01::2"))
		}
	})
}

// TestLoadStations takes from what `bridge -j fdb show` prints the stations behind
// ports, and not what interfaces listen to or the host's own addresses.
func TestLoadStations(t *testing.T) {
	h, err := Load([]byte(`{
	"addr": [{"ifindex":2,"ifname":"br0","linkinfo":{"info_kind":"bridge"}}, {"ifindex":3,"ifname":"p0","master":"br0"}],
	"fdb": [{"mac":"33:33:00:00:00:01","ifname":"p0","flags":["self"],"state":"permanent"},
		{"mac":"02:00:00:00:00:01","ifname":"p0","flags":[],"master":"br0","state":"permanent"},
		{"mac":"02:00:00:00:00:02","ifname":"p0","flags":[],"master":"br0","state":""},
		{"mac":"02:00:00:00:00:03","ifname":"p0","vlan":7,"flags":[],"master":"br0","state":"static"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	port := h.LinkByName("p0")
	want := []nf.Station{{MAC: [6]byte{2, 0, 0, 0, 0, 2}, Port: port}, {MAC: [6]byte{2, 0, 0, 0, 0, 3}, VLAN: 7, Port: port, Static: true}}
	if got := h.LinkByName("br0").Bridge.Stations; !slices.Equal(got, want) {
		t.Errorf("stations %v, not %v", got, want)
	}
}
