package json

import (
	"bytes"
	"strings"
	"testing"

	"nfvm/lang"
)

// decode reads one command.
func decode(t *testing.T, src string) any {
	t.Helper()
	d := decoder{src: []byte(src)}
	v, ok := d.value("", 1, true)
	if !ok || d.space() != 0 || d.wrong != nil {
		t.Fatalf("not read: %v", d.wrong)
	}
	return v
}

// rule puts statements into a rule.
func rule(expr string) string {
	return `{"add": {"rule": {"family": "ip", "table": "t", "chain": "c", "expr": [` + expr + `]}}}`
}

// match compares something with a number.
func match(left string) string {
	return rule(`{"match": {"op": "==", "left": ` + left + `, "right": 1}}`)
}

// TestCommands compares commands with their text.
func TestCommands(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"metainfo": {"version": "1.1.4", "json_schema_version": 1}}`, ""},
		{`{"table": {"family": "ip", "name": "t", "handle": 7}}`, "add table ip t"},
		{`{"create": {"table": {"family": "ip", "name": "t", "flags": "dormant", "comment": "x y"}}}`,
			`create table ip t { flags dormant; comment "x y"; }`},
		{`{"delete": {"table": {"family": "ip", "handle": 7}}}`, "delete table ip handle 7"},
		{`{"flush": {"ruleset": null}}`, "flush ruleset"},
		{`{"flush": {"ruleset": {"family": "ip6"}}}`, "flush ruleset ip6"},
		{`{"flush": {"chain": {"family": "ip", "table": "t", "name": "c"}}}`, "flush chain ip t c"},
		{`{"list": {"tables": null}}`, "list tables"},
		{`{"list": {"counters": {"family": "ip", "table": "t"}}}`, "list counters table ip t"},
		{`{"reset": {"counter": {"family": "ip", "table": "t", "name": "n"}}}`, "reset counter ip t n"},
		{`{"rename": {"chain": {"family": "ip", "table": "t", "name": "c", "newname": "d"}}}`, "rename chain ip t c d"},
		{`{"chain": {"family": "netdev", "table": "t", "name": "c", "type": "filter", "hook": "ingress", "prio": -5, "dev": "lo", "policy": "drop"}}`,
			`add chain netdev t c { type filter hook ingress device "lo" priority -5; policy drop; }`},
		{`{"delete": {"rule": {"family": "ip", "table": "t", "chain": "c", "handle": 5}}}`, "delete rule ip t c handle 5"},
		{`{"insert": {"rule": {"family": "ip", "table": "t", "chain": "c", "index": 2, "expr": [{"drop": null}]}}}`,
			"insert rule ip t c index 2 drop"},
		{`{"rule": {"family": "ip", "table": "t", "chain": "c", "handle": 5, "comment": "x", "expr": [{"accept": null}]}}`,
			`add rule ip t c accept comment "x"`},
		{`{"map": {"family": "ip", "table": "t", "name": "m", "type": {"typeof": {"ct": {"key": "bytes"}}}, "map": ["ipv4_addr", "inet_service"]}}`,
			"add map ip t m { typeof ct bytes : ip daddr . tcp dport; }"},
		{`{"map": {"family": "ip", "table": "t", "name": "m", "type": {"typeof": {"ct": {"key": "bytes"}}}, "map": "verdict"}}`,
			"add map ip t m { typeof ct bytes : verdict; }"},
		{`{"set": {"family": "ip", "table": "t", "name": "s", "type": "ipv4_addr", "stmt": [{"counter": null}, {"last": null}],
			"elem": [{"elem": {"val": "10.0.0.1", "counter": {"packets": 1, "bytes": 2}}}, "10.0.0.2"]}}`,
			"add set ip t s { type ipv4_addr; counter last; elements = { 10.0.0.1 counter packets 1 bytes 2 last, 10.0.0.2 }; }"},
		{`{"set": {"family": "ip", "table": "t", "name": "s", "type": ["ipv4_addr", "inet_service"], "flags": ["interval", "timeout"],
			"timeout": 60, "gc-interval": 5, "size": 9, "policy": "memory", "auto-merge": true, "stmt": [{"counter": null}],
			"elem": [{"concat": [{"prefix": {"addr": "10.0.0.0", "len": 8}}, {"range": [1, 9]}]}]}}`,
			"add set ip t s { type ipv4_addr . inet_service; flags interval,timeout; policy memory; timeout 60s; gc-interval 5s;" +
				" size 9; auto-merge; counter; elements = { 10.0.0.0/8 . 1-9 }; }"},
		{`{"map": {"family": "ip", "table": "t", "name": "m", "type": {"typeof": {"meta": {"key": "mark"}}}, "map": "verdict",
			"elem": [[1, {"jump": {"target": "d"}}], [{"elem": {"val": 2, "timeout": 3, "comment": "c"}}, {"drop": null}]]}}`,
			`add map ip t m { typeof meta mark : verdict; elements = { 1 : jump d, 2 timeout 3s comment "c" : drop }; }`},
		{`{"add": {"element": {"family": "ip", "table": "t", "name": "s", "elem": ["1.1.1.1", {"elem": {"val": "::1", "counter": {"packets": 1, "bytes": 2}}}]}}}`,
			"add element ip t s { 1.1.1.1, ::1 counter packets 1 bytes 2 }"},
		{`{"flowtable": {"family": "ip", "table": "t", "name": "f", "hook": "ingress", "prio": 0, "dev": ["a", "b"]}}`,
			`add flowtable ip t f { hook ingress priority 0; devices = { "a", "b" }; }`},
		{`{"counter": {"family": "ip", "table": "t", "name": "n", "packets": 1, "bytes": 2}}`, "add counter ip t n { packets 1 bytes 2; }"},
		{`{"quota": {"family": "ip", "table": "t", "name": "n", "bytes": 5, "used": 3, "inv": true}}`, "add quota ip t n { over 5 bytes used 3 bytes; }"},
		{`{"limit": {"family": "ip", "table": "t", "name": "n", "rate": 5, "per": "minute", "burst": 9}}`, "add limit ip t n { rate 5/minute burst 9 packets; }"},
		{`{"secmark": {"family": "ip", "table": "t", "name": "n", "context": "a:b"}}`, `add secmark ip t n { "a:b"; }`},
		{`{"synproxy": {"family": "ip", "table": "t", "name": "n", "mss": 1, "wscale": 2, "flags": ["timestamp", "sack-perm"]}}`,
			"add synproxy ip t n { mss 1 wscale 2 timestamp sack-perm; }"},
		{`{"ct helper": {"family": "ip", "table": "t", "name": "n", "type": "ftp", "protocol": "tcp", "l3proto": "ip"}}`,
			`add ct helper ip t n { type "ftp" protocol tcp; l3proto ip; }`},
		{`{"ct timeout": {"family": "ip", "table": "t", "name": "n", "protocol": "udp", "policy": {"replied": 5, "unreplied": 3}}}`,
			"add ct timeout ip t n { protocol udp; policy = { replied : 5, unreplied : 3 }; }"},
		{`{"ct expectation": {"family": "ip", "table": "t", "name": "n", "protocol": "tcp", "dport": 5, "timeout": 60000, "size": 2}}`,
			"add ct expectation ip t n { protocol tcp; dport 5; timeout 60000ms; size 2; }"},
	} {
		if got, err := commandText(decode(t, c.in)); got != c.want || err != nil {
			t.Errorf("%s\ngot  %s (%v)\nwant %s", c.in, got, err, c.want)
		}
	}
}

// TestParse reads what nft prints: maps before the chains that they jump to.
func TestParse(t *testing.T) {
	src := `{"nftables": [{"metainfo": {"json_schema_version": 1}},
		{"table": {"family": "ip", "name": "t"}},
		{"map": {"family": "ip", "table": "t", "name": "m", "type": "mark", "map": "verdict", "elem": [[1, {"jump": {"target": "c"}}]]}},
		{"chain": {"family": "ip", "table": "t", "name": "c"}},
		{"add": {"rule": {"family": "ip", "table": "t", "chain": "c", "expr": [{"acept": null}]}}},
		{"rule": {"family": "ip", "table": "t", "chain": "c", "expr": [{"accept": null}]}}]}`
	f, list := Parse("in.json", []byte(src), lang.Options{})
	if len(f.Commands) != 4 {
		t.Errorf("%d commands", len(f.Commands))
	}
	if _, ok := f.Commands[1].(*lang.ChainCmd); !ok {
		t.Errorf("the second command is %T", f.Commands[1])
	}
	if got := list.String(); !strings.HasPrefix(got, "in.json:5:3-92: Error: unknown statement acept; did you mean ‘accept’?\n") {
		t.Error(got)
	}
}

// TestMistakes compares messages.
func TestMistakes(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{``, "JSON: unexpected end of file"},
		{`[]`, `an object with the key "nftables" and an array is needed, not [`},
		{`{"nftables": [{]}`, "JSON: invalid character ']'"},
		{`{"nftables": [`, "JSON: unexpected end of file"},
		{`{"nftables": ` + strings.Repeat("[", 20000), "JSON: values are nested more than 10000 deep"},
		{`{"nftables": [3]}`, "a command is an object with one member, not the number 3"},
		{`{"nftables": [{"metainfo": {"json_schema_version": 2}}]}`, "the schema has version 2, known is 1"},
		{`{"nftables": [{"tabel": {}}]}`, "unknown command tabel; did you mean ‘table’?"},
		{`{"nftables": [{"add": {"cahin": {}}}]}`, "add: unknown object cahin; did you mean ‘chain’?"},
		{`{"nftables": [{"table": {"family": "ip"}}]}`, `table: the string "name" is missing`},
		{`{"nftables": [{"table": "t"}]}`, `table: an object is needed, not the string "t"`},
		{`{"nftables": [` + rule(`{"counter": null}, {"conter": null}`) + `]}`, "unknown statement conter; did you mean ‘counter’?"},
		{`{"nftables": [` + match(`{"mta": {}}`) + `]}`, "unknown expression mta; did you mean ‘meta’?"},
		{`{"nftables": [` + rule(`{"xt": {"type": "match", "name": "string"}}`) + `]}`, "extensions of iptables are not supported"},
		{`{"nftables": [` + rule(`{"log": {"prefix": "a\"b"}}`) + `]}`, "a string with quotes in it can't be written"},
		{`{"nftables": [{"table": {"family": "ip", "name": "t; flush ruleset"}}]}`, `name: "t; flush ruleset" is neither a word nor a name`},
		{`{"nftables": [` + rule(``) + `]}`, `the array "expr" is missing`},
	} {
		if _, list := Parse("x", []byte(c.in), lang.Options{}); !strings.Contains(list.String(), c.want) {
			t.Errorf("%s\ngot  %s\nwant %s", c.in, list.String(), c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"nftables": [{"table": {"family": "ip", "name": "t"}}]}`))
	f.Add([]byte(`{"nftables": [` + match(`{"&": [{"meta": {"key": "mark"}}, 255]}`) + `]}`))
	f.Add([]byte(`{"nftables": [{"add": {"element": {"family": "ip", "table": "t", "name": "s", "elem": [["a", {"elem": {"val": [1]}}]]}}}]}`))
	f.Fuzz(func(t *testing.T, src []byte) {
		if file, list := Parse("x", bytes.Clone(src), lang.Options{}); file == nil || list.Sources == nil {
			t.Error("no file")
		}
	})
}
