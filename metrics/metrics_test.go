package metrics

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

func example() *Figures {
	return &Figures{
		Version: "1.2", Revision: "abc",
		Packets:     []Packets{{"eth0", "in", "input", "accept", 3, 252}, {"", "out", "none", "drop", 1, 60}},
		Interfaces:  []Interface{{Name: "eth0", InPackets: 3, InBytes: 300, OutPackets: 2, OutBytes: 200, Missed: 1, BypassedPackets: 2, BypassedBytes: 220}},
		Drops:       map[string]uint64{"rule": 1, "no route": 2},
		Lost:        map[string]uint64{"not_taken": 4},
		Connections: 7, MaxConnections: 65536,
		Conntrack:   map[string]uint64{"insert": 9, "early_drop": 0},
		NATFailures: map[string]uint64{"exhausted": 5},
		Objects: []Object{{Family: "inet", Table: "t", Name: "web", Packets: 1, Bytes: 60},
			{Family: "ip", Table: "a\"b\n", Name: "\xff", Quota: true, Bytes: 10, Limit: 1000}},
		Rules:       []Rule{{"inet", "t", "f", 4, 8, 480}},
		Loads:       map[string]uint64{"ok": 1, "failed": 2},
		Loaded:      time.UnixMilli(1700000000500),
		LastLoadBad: true, LongestHold: 250 * time.Microsecond,
		Logs: []Log{{"syslog", 10, 2}},
	}
}

// scrape gives what a request is answered with.
func scrape(t *testing.T, method, path string) (int, string) {
	t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	w := httptest.NewRecorder()
	Handler(example, log).ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w.Code, w.Body.String()
}

// TestScrape reads the text as Prometheus does and compares values.
func TestScrape(t *testing.T) {
	code, text := scrape(t, "GET", "/metrics")
	if code != http.StatusOK {
		t.Fatalf("status %d: %s", code, text)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, want := range []string{
		`nfvm_packets_total{direction="in",hook="input",interface="eth0",verdict="accept"} 3`,
		`nfvm_packet_bytes_total{direction="out",hook="none",interface="",verdict="drop"} 60`,
		`nfvm_interface_frames_total{direction="out",interface="eth0"} 2`,
		`nfvm_interface_bytes_total{direction="in",interface="eth0"} 300`,
		`nfvm_interface_bypassed_frames_total{interface="eth0"} 2`, `nfvm_interface_bypassed_bytes_total{interface="eth0"} 220`,
		`nfvm_interface_missed_frames_total{interface="eth0"} 1`,
		`nfvm_dropped_packets_total{reason="no route"} 2`,
		`nfvm_lost_frames_total{reason="not_taken"} 4`,
		`nfvm_conntrack_entries 7`, `nfvm_conntrack_entries_limit 65536`,
		`nfvm_conntrack_events_total{event="early_drop"} 0`, `nfvm_nat_failures_total{reason="exhausted"} 5`,
		`nfvm_named_packets_total{family="inet",name="web",table="t"} 1`,
		`nfvm_named_bytes_total{family="inet",name="web",table="t"} 60`,
		`nfvm_quota_used_bytes{family="ip",name="` + "\uFFFD" + `",table="a\"b\n"} 10`,
		`nfvm_quota_limit_bytes{family="ip",name="` + "\uFFFD" + `",table="a\"b\n"} 1000`,
		`nfvm_rule_packets_total{chain="f",family="inet",handle="4",table="t"} 8`,
		`nfvm_rules_loads_total{result="failed"} 2`, `nfvm_rules_last_load_successful 0`,
		`nfvm_rules_last_load_success_timestamp_seconds 1.7000000005e+09`, `nfvm_longest_hold_seconds 0.00025`,
		`nfvm_log_records_total{sink="syslog"} 10`, `nfvm_log_dropped_records_total{sink="syslog"} 2`,
		`nfvm_build_info{goversion="`, `go_goroutines `, `process_open_fds `,
	} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("there is no %s", want)
		}
	}
	for _, f := range []string{"nfvm_packets_total", "nfvm_conntrack_entries", "nfvm_rule_bytes_total"} {
		if families[f].GetHelp() == "" {
			t.Errorf("%s has no help", f)
		}
	}
}

// TestNames: the names follow the conventions of Prometheus.
func TestNames(t *testing.T) {
	reg := prom.NewPedanticRegistry()
	reg.MustRegister(newSource(example))
	all, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(families) {
		t.Errorf("%d families, want %d", len(all), len(families))
	}
	problems, err := promlint.NewWithMetricFamilies(all).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestRequests(t *testing.T) {
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"HEAD", "/metrics", 200}, {"POST", "/metrics", 405}, {"GET", "/", 404}, {"GET", "/debug/pprof/", 404},
	} {
		if code, _ := scrape(t, c.method, c.path); code != c.want {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, code, c.want)
		}
	}
}

func TestServe(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	log := slog.New(slog.NewTextHandler(&said, nil))
	done := make(chan struct{})
	go func() { Serve(l, Handler(example, log), log); close(done) }()
	res, err := http.Get(fmt.Sprintf("http://%s/metrics", l.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if text, err := io.ReadAll(res.Body); err != nil || !strings.Contains(string(text), "nfvm_conntrack_entries 7\n") {
		t.Errorf("%v: %s", err, text)
	}
	l.Close()
	<-done
	if said.Len() > 0 {
		t.Errorf("said %s", &said)
	}
}

func TestParseAddress(t *testing.T) {
	for in, want := range map[string]string{
		"127.0.0.1:9100":    "127.0.0.1:9100",
		"[::1]:9100":        "[::1]:9100",
		"[fe80::1%eth0]:80": "[fe80::1%eth0]:80",
		"localhost:http":    "localhost:http",
		"0.0.0.0:0":         "0.0.0.0:0",
		"unix:run/m.sock":   "unix:run/m.sock",
		"/run/m.sock":       "unix:/run/m.sock",
		":9100":             "has no address",
		"9100":              "want ADDRESS:PORT",
		"example.org:9100":  "not looked up",
		"127.0.0.1:many":    "no port",
		"unix:":             "needs a path",
		"":                  "want ADDRESS:PORT",
	} {
		a, err := ParseAddress(in)
		got := a.String()
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}
