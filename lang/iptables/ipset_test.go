package iptables

import (
	"strings"
	"testing"

	"nfvm/compiler"
	"nfvm/diag"
	"nfvm/lang"
	"nfvm/listing"
	"nfvm/nf"
)

const savedSets = `create bad hash:ip family inet hashsize 1024 maxelem 65536
add bad 10.0.1.2
create nets hash:net family inet timeout 300
add nets 10.0.1.0/24 timeout 20
add nets 10.0.5.128/25
create svc hash:ip,port family inet
add svc 10.0.2.2,tcp:http
add svc 10.0.2.2,udp:53
create ports bitmap:port range 0-65535
add ports 22
create macs hash:mac
add macs 02:00:00:00:00:01
create six hash:net family inet6
add six fd01::/64
`

// listSets compiles rules that look into the sets.
func listSets(t *testing.T, sets, rules string) string {
	t.Helper()
	sources := diag.NewSources()
	s, diags := ParseSets("sets", []byte(sets), sources)
	f, more := Parse("rules", []byte("*filter\n"+rules+"COMMIT\n"), Options{Family: nf.FamilyIPv4, Sources: sources, Sets: s})
	diags.Append(more)
	res, more := compiler.Compile([]*lang.File{f}, compiler.Options{})
	diags.Append(more)
	if diags.HasErrors() {
		return diags.String()
	}
	var b strings.Builder
	if err := listing.Ruleset(&b, res.Program, &listing.Options{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSets(t *testing.T) {
	got := listSets(t, savedSets, "-A INPUT -m set --match-set bad src\n-A INPUT -m set ! --match-set nets src,dst\n"+
		"-A INPUT -m set --match-set svc dst,dst\n-A INPUT -m set --match-set ports dst\n-A INPUT -m set --match-set macs src\n")
	for _, want := range []string{
		"elements = { 10.0.1.2 }", "flags interval,timeout", "10.0.1.0/24 timeout 20s", "timeout 5m",
		"type ipv4_addr . inet_proto . inet_service", "10.0.2.2 . tcp . 80", "10.0.2.2 . udp . 53",
		"ip saddr @bad counter", "ip saddr != @nets counter", "ip daddr . meta l4proto . th dport @svc counter",
		"th dport @ports counter", "ether saddr @macs counter",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}

func TestSetErrors(t *testing.T) {
	for _, tt := range []struct{ sets, rule, want string }{
		{savedSets, "-A INPUT -m set --match-set bda src\n", "rules:2:29-31: Error: no file holds a set bda; did you mean bad?"},
		{savedSets, "-A INPUT -m set --match-set svc src\n", "has 2 dimensions"},
		{savedSets, "-A INPUT -m set --match-set six src\n", "another family"},
		{savedSets, "-A INPUT -m set --match-set bad up\n", "src or dst is needed"},
		{"create x hash:ip,iface\n", "", "sets of the type hash:ip,iface are not supported"},
		{"create x list:set\n", "", "sets of the type list:set"},
		{"create x hash:net\nadd x 10.0.0.0/8 nomatch\n", "", "sets:2:18-24: Error: exceptions"},
		{"create x hash:ip\nadd y 10.0.0.1\n", "", "there is no set y"},
		{"create x hash:ip\nadd x 10.0.0.1,5\n", "", "has 1 parts"},
		{"destroy x\n", "", "a line of ipset save"},
		{"create x hash:ip,port\nadd x 1.2.3.4,icmp:8\n", "-A INPUT -m set --match-set x src,dst\n", "types of ICMP"},
	} {
		if got := listSets(t, tt.sets, tt.rule); !strings.Contains(got, tt.want) {
			t.Errorf("%q: %s\nwant %s", tt.sets+tt.rule, got, tt.want)
		}
	}
}
