package vm

import (
	"testing"

	"nfvm/nf"
)

// TestSteady: rules are steady if they read only what plain packets have in common and
// do nothing but to count and accept them.
func TestSteady(t *testing.T) {
	const sets = `
set fixed { type ipv4_addr; elements = { 10.0.1.2, 10.0.0.9 } }
set ranges { type ipv4_addr; flags interval; elements = { 10.0.1.0/24 } }
set aging { type ipv4_addr; flags timeout; elements = { 10.0.1.2 timeout 1h } }
set counting { type ipv4_addr; counter; elements = { 10.0.1.2 counter } }
set growing { type ipv4_addr; size 100; flags dynamic; }
set written { type ipv4_addr; size 100; }
map verdicts { type inet_service : verdict; elements = { 22 : drop, 80 : accept } }
counter named { }
quota q { over 1 mbytes }
chain other {
tcp dport 80 accept
}
chain strange {
limit rate 1/second accept
}
`
	for rule, want := range map[string]bool{
		"ct state established accept":                   true,
		"ct state vmap { established : accept }":        true,
		"ct state { established, related } accept":      true,
		"ct status assured accept":                      true,
		"ct direction original ct protocol tcp accept":  true,
		"ip saddr 10.0.0.1 tcp dport 80 accept":         true,
		"ip saddr @fixed accept":                        true,
		"ip saddr @ranges accept":                       true,
		"ip saddr . tcp dport { 10.0.0.1 . 80 } accept": true,
		"tcp dport vmap @verdicts":                      true,
		"iifname \"eth0\" accept":                       true,
		"oifname \"eth1\" drop":                         true,
		"meta l4proto tcp accept":                       true,
		"meta mark 0 accept":                            true,
		"ip protocol tcp jump other":                    true,
		"tcp dport 22 limit rate 1/second accept":       true, // which it does not reach
		"counter":                                           true,
		"counter name named accept":                         true,
		"fib saddr type unicast accept":                     true,
		"tcp flags & (syn | rst | fin) == 0 accept":         true,
		"tcp flags syn drop":                                true,
		"ip dscp 0 accept":                                  true,
		"drop":                                              false,
		"reject":                                            false,
		"tcp dport 80 goto strange":                         false,
		"tcp flags & psh == 0 accept":                       false,
		"tcp flags { ack, psh | ack } accept":               false,
		"tcp sequence 1 accept":                             false,
		"tcp window > 1 accept":                             false,
		"tcp option timestamp exists accept":                false,
		"ip ttl 64 accept":                                  false,
		"ip length > 1 accept":                              false,
		"ip id 0 accept":                                    false,
		"ip ecn not-ect accept":                             false,
		"ip frag-off & 0x4000 == 0 accept":                  false,
		"ether saddr 02:00:00:00:00:01 accept":              false,
		"@th,160,8 1 accept":                                false,
		"meta length > 1 accept":                            false,
		"meta priority 0 accept":                            false,
		"meta random 1 accept":                              false,
		"meta hour 1-2 accept":                              false,
		"meta cpu 0 accept":                                 false,
		"meta mark set 1":                                   false,
		"meta nftrace set 1":                                false,
		"ct mark 0 accept":                                  false,
		"ct mark set 1":                                     false,
		"ct label 1 accept":                                 false,
		"ct bytes > 1 accept":                               false,
		"ct packets > 1 accept":                             false,
		"ct expiration > 1s accept":                         false,
		"ct helper \"ftp\" accept":                          false,
		"limit rate 1/second accept":                        false,
		"quota over 1 mbytes drop":                          false,
		"quota name q":                                      false,
		"last":                                              false,
		"ct count over 10 drop":                             false,
		"log":                                               false,
		"queue":                                             false,
		"dup to 10.0.0.7":                                   false,
		"notrack":                                           false,
		"numgen inc mod 2 0 accept":                         false,
		"rt ip nexthop 10.0.0.1 accept":                     false,
		"ip saddr @aging accept":                            false,
		"ip saddr @counting accept":                         false,
		"ip saddr @growing accept":                          false,
		"ip saddr @written accept":                          false,
		"add @written { ip saddr }":                         false,
		"update @growing { ip saddr }":                      false,
		"ip dscp set cs1":                                   false,
		"tcp option maxseg size set 1400":                   false,
		"socket transparent 1 accept":                       true, // there is none
		"tcp dport 80 synproxy mss 1460 wscale 7 sack-perm": false,
	} {
		for level := range 2 {
			rules := []string{rule}
			if rule == "ip saddr @written accept" {
				rules = append(rules, "tcp dport 9 add @written { ip saddr }")
			}
			src := baseOf(rules, sets)
			if rule == "tcp dport 80 synproxy mss 1460 wscale 7 sack-perm" {
				src = "table ip t {\nchain c {\ntype filter hook forward priority 0\n" + rule + "\n}\n}\n"
			}
			r := mustLoad(t, compiled(t, src, level), Options{})
			seg := tcp(40000, 80)
			seg[13] = nf.TCPAck
			p := parsed(ipv4(nf.ProtoTCP, seg))
			p.Dev = &nf.Link{Type: nf.ARPHRDEther}
			chains := r.tables[0].chains
			c := chains[len(chains)-1]
			list, got := NewMachine(newWorld()).Steady(c, p, c.Base.Hook, nil)
			if got != want {
				t.Errorf("-O%d %s: steady %v", level, rule, got)
			}
			if got && rule[:4] == "coun" && len(list) != 1 {
				t.Errorf("%s: %d counters", rule, len(list))
			}
			for _, s := range list {
				if s.a != 0 {
					t.Errorf("%s: it has counted", rule)
				}
			}
		}
	}
}
