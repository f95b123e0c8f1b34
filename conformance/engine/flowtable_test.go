package engine

import (
	"strings"
	"testing"

	"nfvm/conformance"
)

// The kernel at hand may lack flowtables, so what its source says is written
// down here (nf_flow_table_ip.c, nf_flow_table_core.c).
const flowtableRules = `
-- rules.nft --
table ip t {
	flowtable f {
		hook ingress priority 0
		devices = { ta, tb }
		counter
	}
	chain forward {
		type filter hook forward priority 0
		counter
		ct state established flow add @f
	}
	chain post {
		type nat hook postrouting priority 100
		oifname "tb" masquerade
	}
}
table netdev n {
	chain first {
		type filter hook ingress device "ta" priority -1
		counter
	}
	chain last {
		type filter hook ingress device "ta" priority 1
		counter
	}
	chain out {
		type filter hook egress device "tb" priority 0
		counter
	}
}
-- packets --
`

func runFlows(t *testing.T, steps string) *conformance.Outcome {
	t.Helper()
	c, err := conformance.ParseCase("flowtable", []byte("Flows.\n-- host --\nrouter\nsysctl net.netfilter.nf_conntrack_acct=1"+flowtableRules+steps))
	if err != nil {
		t.Fatal(err)
	}
	out, err := Run(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// handshake opens a connection; its third packet gives it to the flowtable.
const handshake = `ta> ip 10.0.1.2 > 10.0.2.2 tcp 1111 > 80 [S] seq 1000
tb> ip 10.0.2.2 > 10.0.2.1 tcp 80 > 1111 [SA] seq 5000 ack 1001
ta> ip 10.0.1.2 > 10.0.2.2 tcp 1111 > 80 [A] seq 1001 ack 5001
ta> ip 10.0.1.2 > 10.0.2.2 tcp 1111 > 80 [PA] seq 1001 ack 5001 data "hello"
tb> ip 10.0.2.2 > 10.0.2.1 tcp 80 > 1111 [A] seq 5001 ack 1006
`

func lacks(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("no %q in:\n%s", p, text)
		}
	}
}

func TestFlowtable(t *testing.T) {
	out := runFlows(t, handshake)
	lacks(t, strings.Join(out.Packets, "\n"), // translated and a hop further, as ever
		`4 tb: ip 10.0.2.1 > 10.0.2.2 ttl 63 tcp 1111 > 80 [PA] seq 1001 ack 5001 data "hello"`,
		"5 ta: ip 10.0.2.2 > 10.0.1.2 ttl 63 tcp 80 > 1111 [A] seq 5001 ack 1006")
	lacks(t, strings.Join(out.Conntrack, "\n"), "src=10.0.1.2 dst=10.0.2.2 sport=1111 dport=80 packets=3 bytes=125", "packets=2 bytes=80 [OFFLOAD]")
	lacks(t, out.Ruleset, "hook forward priority filter; policy accept;\n\t\tcounter packets 3 ",
		"priority filter - 1; policy accept;\n\t\tcounter packets 3 ", "priority filter + 1; policy accept;\n\t\tcounter packets 2 ",
		"hook egress device \"tb\" priority filter; policy accept;\n\t\tcounter packets 3 ")
}

func TestFlowtableSlowPath(t *testing.T) {
	for name, step := range map[string]string{
		"last hop":  "ta> ip 10.0.1.2 > 10.0.2.2 ttl 1 tcp 1111 > 80 [A] seq 1006 ack 5001",
		"options":   "ta> ip 10.0.1.2 > 10.0.2.2 opts 0x94040000 tcp 1111 > 80 [A] seq 1006 ack 5001",
		"elsewhere": "tb> ip 10.0.1.2 > 10.0.2.2 tcp 1111 > 80 [A] seq 1006 ack 5001",
	} {
		before, after := runFlows(t, handshake), runFlows(t, handshake+step+"\n")
		if len(after.Packets) > len(before.Packets) && strings.Contains(after.Packets[len(after.Packets)-1], "ttl 63 tcp") &&
			strings.Contains(after.Ruleset, "policy accept;\n\t\tcounter packets 3 bytes 124") {
			t.Errorf("%s: passed by the flowtable: %q", name, after.Packets)
		}
	}
}

// A FIN passes by the flowtable, too; a SYN after it finds a connection that is
// over, and begins a new one. One that is idle goes back to the rules.
func TestFlowtableEnds(t *testing.T) {
	out := runFlows(t, handshake+`ta> ip 10.0.1.2 > 10.0.2.2 tcp 1111 > 80 [FA] seq 1006 ack 5001
ta> ip 10.0.1.2 > 10.0.2.2 tcp 1111 > 80 [S] seq 9000
`)
	lacks(t, strings.Join(out.Packets, "\n"), "6 tb: ip 10.0.2.1 > 10.0.2.2 ttl 63 tcp 1111 > 80 [FA]", "7 tb: ip 10.0.2.1 > 10.0.2.2 ttl 63 tcp 1111 > 80 [S]")
	lacks(t, strings.Join(out.Conntrack, "\n"), "SYN_SENT src=10.0.1.2")
	lacks(t, out.Ruleset, "counter packets 4 ")

	out = runFlows(t, handshake+"wait 40s\n")
	lacks(t, strings.Join(out.Conntrack, "\n"), " ESTABLISHED ", "[ASSURED]")
}
