package json

import (
	"strings"
	"testing"
)

// TestFamilies has addresses of connections in a table of several families.
func TestFamilies(t *testing.T) {
	address := `{"match": {"op": "==", "left": {"ct": {"key": "saddr", "dir": "original"}}, "right": "10.0.0.1"}}`
	known := `{"match": {"op": "==", "left": {"meta": {"key": "nfproto"}}, "right": "ipv4"}}, `
	for in, want := range map[string]string{
		address:         "meta nfproto ipv4 ct original saddr == 10.0.0.1",
		known + address: `meta nfproto == "ipv4" ct original saddr == 10.0.0.1`,
	} {
		in = strings.Replace(rule(in), `"ip"`, `"inet"`, 1)
		if got, err := commandText(decode(t, in)); err != nil || got != "add rule inet t c "+want {
			t.Errorf("got %s (%v)\nwant %s", got, err, want)
		}
	}
}

// TestStatements compares statements with their text.
func TestStatements(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}`, `ct state "established","related"`},
		{`{"match": {"op": "!=", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": {"set": [22, {"range": [80, 90]}]}}}`,
			"tcp dport != { 22, 80-90 }"},
		{`{"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "@s"}}`, "meta iifname == @s"},
		{`{"reset": {"tcp option": {"base": 123, "offset": 0, "len": 0}}}`, "reset tcp option 123"},
		{`{"jump": {"target": "d"}}, {"return": null}`, "jump d return"},
		{`{"goto": {"chain": [[{"accept": null}], [{"counter": null}, {"drop": null}]]}}`, "goto { accept; counter drop; }"},
		{`{"mangle": {"key": {"meta": {"key": "mark"}}, "value": {"|": [{"&": [{"meta": {"key": "mark"}}, 255]}, 16]}}}`,
			"meta mark set (meta mark & 255) | 16"},
		{`{"counter": "n"}, {"quota": {"val": 5, "val_unit": "kbytes", "used": 2, "used_unit": "bytes", "inv": true}}`,
			`counter name "n" quota over 5 kbytes used 2 bytes`},
		{`{"limit": {"rate": 5, "per": "hour", "burst": 7, "inv": true}}`, "limit rate over 5/hour burst 7 packets"},
		{`{"limit": {"rate": 5, "rate_unit": "kbytes", "burst": 1, "burst_unit": "mbytes"}}`, "limit rate 5 kbytes/second burst 1 mbytes"},
		{`{"last": null}, {"ct count": {"val": 5, "inv": true}}`, "last ct count over 5"},
		{`{"log": {"prefix": "x ", "level": "info", "flags": ["tcp sequence", "all"]}}`, `log prefix "x " level info flags tcp sequence flags all`},
		{`{"log": {"group": 2, "snaplen": 3, "queue-threshold": 4}}`, "log group 2 snaplen 3 queue-threshold 4"},
		{`{"reject": null}`, "reject"},
		{`{"reject": {"type": "tcp reset"}}`, "reject with tcp reset"},
		{`{"reject": {"type": "icmpx", "expr": "admin-prohibited"}}`, "reject with icmpx type admin-prohibited"},
		{`{"dnat": {"addr": "fd00::1", "port": 80, "family": "ip6", "flags": ["random", "persistent"]}}`, "dnat ip6 to [fd00::1]:80 random,persistent"},
		{`{"dnat": {"addr": {"prefix": {"addr": "fd00::2", "len": 127}}, "port": 80}}`, "dnat to fd00::2/127:80"},
		{`{"snat": {"addr": {"range": ["10.0.0.1", "10.0.0.9"]}, "port": {"range": [1, 9]}}}`, "snat to 10.0.0.1-10.0.0.9:1-9"},
		{`{"masquerade": null}, {"redirect": {"port": 8080}}`, "masquerade redirect to :8080"},
		{`{"set": {"op": "update", "elem": {"elem": {"val": {"payload": {"protocol": "ip", "field": "saddr"}}, "timeout": 60}}, "set": "@s", "stmt": [{"counter": null}]}}`,
			"update @s { ip saddr timeout 60s counter }"},
		{`{"map": {"op": "add", "elem": {"meta": {"key": "mark"}}, "data": 5, "map": "@m"}}`, "add @m { meta mark : 5 }"},
		{`{"queue": {"num": {"range": [1, 3]}, "flags": ["bypass", "fanout"]}}`, "queue flags bypass,fanout to 1-3"},
		{`{"dup": {"addr": "1.1.1.1", "dev": "lo"}}`, `dup to 1.1.1.1 device "lo"`},
		{`{"fwd": {"dev": "lo"}}`, `fwd to "lo"`},
		{`{"fwd": {"dev": "lo", "family": "ip", "addr": "1.1.1.1"}}`, `fwd ip to 1.1.1.1 device "lo"`},
		{`{"notrack": null}`, "notrack"},
		{`{"flow": {"op": "add", "flowtable": "@f"}}`, "flow add @f"},
		{`{"tproxy": {"family": "ip", "addr": "1.1.1.1", "port": 80}}`, "tproxy ip to 1.1.1.1:80"},
		{`{"synproxy": {"mss": 1460, "flags": "timestamp"}}`, "synproxy mss 1460 timestamp"},
		{`{"meter": {"name": "m", "size": 9, "key": {"meta": {"key": "mark"}}, "stmt": {"counter": null}}}`, "meter m size 9 { meta mark counter }"},
		{`{"vmap": {"key": {"meta": {"key": "mark"}}, "data": {"set": [[1, {"drop": null}]]}}}`, "meta mark vmap { 1 : drop }"},
		{`{"ct helper": "h"}, {"ct timeout": "o"}, {"ct expectation": "e"}, {"secmark": "s"}`,
			`ct helper set "h" ct timeout set "o" ct expectation set "e" meta secmark set "s"`},
		{`{"quota": {"map": {"key": {"meta": {"key": "mark"}}, "data": "@m"}}}`, "quota name meta mark map @m"},
		{`{"reset": {"tcp option": {"name": "sack-perm"}}}`, "reset tcp option sack-perm"},
	} {
		compare(t, rule(c.in), "add rule ip t c "+c.want)
	}
}

func compare(t *testing.T, in, want string) {
	t.Helper()
	if got, err := commandText(decode(t, in)); got != want || err != nil {
		t.Errorf("%s\ngot  %s (%v)\nwant %s", in, got, err, want)
	}
}

// TestSelectors compares the left sides of matches with their text.
func TestSelectors(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"payload": {"base": "th", "offset": 16, "len": 8}}`, "@th,16,8"},
		{`{"payload": {"tunnel": "vxlan", "protocol": "ip", "field": "saddr"}}`, "vxlan ip saddr"},
		{`{"exthdr": {"name": "frag", "field": "id"}}`, "frag id"},
		{`{"exthdr": {"name": "hbh"}}`, "exthdr hbh"},
		{`{"exthdr": {"name": "rt0", "field": "addr", "offset": 1}}`, "rt0 addr[1]"},
		{`{"tcp option": {"name": "maxseg", "field": "size"}}`, "tcp option maxseg size"},
		{`{"payload": {"tunnel": "vxlan", "protocol": "vxlan", "field": "vni"}}`, "vxlan vni"},
		{`{"ipsec": {"key": "reqid", "dir": "in", "spnum": 0}}`, "ipsec in reqid"},
		{`{"tcp option": {"base": 4, "offset": 8, "len": 8}}`, "tcp option @4,8,8"},
		{`{"tcp option": {"base": 4, "offset": 0, "len": 8}}`, "tcp option 4"},
		{`{"ip option": {"name": "lsrr", "field": "ptr"}}`, "ip option lsrr ptr"},
		{`{"sctp chunk": {"name": "data"}}`, "sctp chunk data"},
		{`{"dccp option": {"type": 4}}`, "dccp option 4"},
		{`{"rt": {"key": "nexthop", "family": "ip"}}`, "rt ip nexthop"},
		{`{"ct": {"key": "saddr", "family": "ip", "dir": "original"}}`, "ct original ip saddr"},
		{`{"numgen": {"mode": "inc", "mod": 4, "offset": 2}}`, "numgen inc mod 4 offset 2"},
		{`{"jhash": {"mod": 4, "seed": 7, "offset": 0, "expr": {"concat": [{"meta": {"key": "mark"}}, {"meta": {"key": "cpu"}}]}}}`,
			"jhash meta mark . meta cpu mod 4 seed 7"},
		{`{"symhash": {"mod": 4}}`, "symhash mod 4"},
		{`{"fib": {"result": "oif", "flags": ["saddr", "iif"]}}`, "fib saddr . iif oif"},
		{`{"socket": {"key": "mark"}}`, "socket mark"},
		{`{"osf": {"key": "name", "ttl": "loose"}}`, "osf ttl loose name"},
		{`{"ipsec": {"key": "reqid", "dir": "in", "spnum": 1}}`, "ipsec in spnum 1 reqid"},
		{`{"map": {"key": {"meta": {"key": "mark"}}, "data": {"set": [[1, 2]]}}}`, "meta mark map { 1 : 2 }"},
		{`{"&": [{"payload": {"protocol": "tcp", "field": "flags"}}, ["syn", "ack"]]}`, `tcp flags & ("syn" | "ack")`},
		{`{"|": [{"|": [1, 2]}, 4]}`, "1 | 2 | 4"},
		{`true`, "exists"},
		{`false`, "missing"},
		{`"*"`, "*"},
		{`"10.0.0.1"`, "10.0.0.1"},
	} {
		compare(t, match(c.in), "add rule ip t c "+c.want+" == 1")
	}
}
