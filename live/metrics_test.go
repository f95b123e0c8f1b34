//go:build linux

package live_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"nfvm/internal/testenv"
)

// scrape asks for the metrics in the router's namespace; keys are names with their
// labels in the order of the alphabet.
func (l *lab) scrape() map[string]float64 {
	l.t.Helper()
	text := l.sh("router", "curl -sSf --unix-socket metrics.sock http://nfvm/metrics")
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		l.t.Fatalf("%v\n%s", err, text)
	}
	out := map[string]float64{}
	for name, f := range families {
		for _, m := range f.Metric {
			key := name
			for _, label := range m.Label {
				key += " " + label.GetValue()
			}
			out[key] = m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetUntyped().GetValue()
		}
	}
	return out
}

// TestMetrics compares what Prometheus is told with the traffic.
func TestMetrics(t *testing.T) {
	testenv.Need(t, testenv.Program("curl"))
	l := newLab(t)
	c := &controlled{lab: l, rules: filepath.Join(l.dir, "rules.nft")}
	c.write(`table inet t {
	counter pings { }
	quota few { 10 mbytes }
	chain f {
		type filter hook forward priority 0; policy drop;
		ct state established counter accept
		icmp type echo-request counter name pings quota name few accept
		tcp dport 25 counter reject
		udp dport 9 drop
	}
	chain p {
		type nat hook postrouting priority 100;
		oifname "r2" masquerade
	}
}
`)
	c.guard = l.guard("--iface", "r1", "--iface", "r2", "--metrics", "unix:"+l.dir+"/metrics.sock", "--metrics-rules", c.rules)
	l.sh("client", "ping -qc 4 -i 0.2 -W 5 10.9.2.2")
	l.sh("client", "for i in 1 2 3; do echo x >/dev/udp/10.9.2.2/9; done; echo x >/dev/udp/10.9.2.2/10; ! echo 2>/dev/null >/dev/tcp/10.9.2.2/25")
	c.write("table inet t {\n")
	c.refuses("reload")
	if out := l.sh("router", "stat -c %a metrics.sock"); out != "600\n" {
		t.Errorf("mode %s", out)
	}
	got := l.scrape()
	for key, want := range map[string]float64{
		"nfvm_packets_total in forward r1 drop":      4, // UDP
		"nfvm_packets_total in forward r1 reject":    1,
		"nfvm_dropped_packets_total rule":            4,
		"nfvm_dropped_packets_total policy":          1,
		"nfvm_packet_bytes_total in forward r1 drop": 4 * 30,
		"nfvm_named_packets_total inet pings t":      1, // the others are established
		"nfvm_named_bytes_total inet pings t":        84,
		"nfvm_quota_used_bytes inet few t":           84,
		"nfvm_quota_limit_bytes inet few t":          10 << 20,
		"nfvm_rule_packets_total f inet 5 t":         7,
		"nfvm_rule_bytes_total f inet 5 t":           7 * 84,
		"nfvm_rules_loads_total failed":              1,
		"nfvm_rules_loads_total ok":                  0,
		"nfvm_rules_last_load_successful":            0,
		"nfvm_nat_failures_total exhausted":          0,
		"nfvm_interface_missed_frames_total r1":      0,
	} {
		if v, there := got[key]; !there || v != want {
			t.Errorf("%s is %v, want %v", key, v, want)
		}
	}
	for _, key := range []string{"nfvm_packets_total out postrouting r1 accept", "nfvm_packets_total out postrouting r2 accept"} {
		if got[key] < 4 {
			t.Errorf("%s is %v, less than 4", key, got[key])
		}
	}
	if got["nfvm_conntrack_events_total insert"] < 1 || got["nfvm_conntrack_entries"] < 1 || got["go_goroutines"] < 1 {
		t.Errorf("too little: %v", got)
	}
	if t.Failed() {
		for k, v := range got {
			if strings.HasPrefix(k, "nfvm_") {
				t.Log(k, v)
			}
		}
	}
}
