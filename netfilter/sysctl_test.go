package netfilter

import (
	"errors"
	"fmt"
	"math"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"nfvm/ct"
	"nfvm/host"
	"nfvm/internal/testenv"
)

func TestSetSysctl(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"net.ipv4.ip_forward", "0x10", "16"},
		{"net/ipv4/conf/eth0.5/rp_filter", " 1 ", "1"},
		{"net.ipv4.conf.eth0/5.rp_filter", "017", "15"},
		{"net.ipv6.conf.all.forwarding", "-1", "-1"},
		{"net.netfilter.nf_conntrack_udp_timeout", "8589934", "8589934"},
		{"net.nf_conntrack_max", "10", "10"},
		{"nf_conntrack_sip.sip_timeout", "60", "60"},
		{"nf_conntrack_sip.sip_timeout", "-1", "not a number"},
		{"nf_conntrack_sip.sip_timeouts", "1", "no setting"},
		{"net.ipv4.ip_default_ttl", "0", "not from 1 to 255"},
		{"net.ipv4.ip_default_ttl", "", "not a number"},
		{"net.ipv4.ip_default_ttl", "+1", "not a number"},
		{"net.ipv4.conf.eth1.rp_filter", "1", "no setting"},
		{"net.ipv4.conf..rp_filter", "1", "no setting"},
		{"net.ipv4.ip_forwrad", "1", "no setting"},
		{"net.netfilter.nf_conntrack_udp_timeout", "8589935", "more than 8589934"},
		{"net.netfilter.nf_conntrack_udp_timeout", "-1", "not a number from 0"},
		{"net.netfilter.nf_conntrack_events", "3", "not from 0 to 2"},
		{"net.netfilter.nf_conntrack_tcp_loose", "2", "more than 1"},
		{"net.netfilter.nf_conntrack_count", "2", "can only be read"},
		{"net.ipv4.ipfrag_high_thresh", "1", "less than net.ipv4.ipfrag_low_thresh"},
		{"net.ipv4.ipfrag_low_thresh", "9999999", "more than net.ipv4.ipfrag_high_thresh"},
	} {
		h := host.Implicit()
		h.EnsureLink("eth0.5", true)
		got := ""
		if err := SetSysctl(h, c.name, c.value); err != nil {
			got = err.Error()
		} else {
			got, _ = h.Sysctl(strings.NewReplacer("/", ".").Replace(c.name))
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s=%s: %s, want %s", c.name, c.value, got, c.want)
		}
	}
}

// TestSetSysctlEffect: forwarding set for all is set for each link, and conntrack's
// settings reach the table.
func TestSetSysctlEffect(t *testing.T) {
	h := host.Implicit()
	l := h.EnsureLink("eth0", true)
	for _, s := range [][2]string{
		{"net.ipv4.conf.eth0.forwarding", "0"}, {"net.ipv4.conf.all.rp_filter", "2"},
		{"net.netfilter.nf_conntrack_max", "7"}, {"net.ipv4.ip_default_ttl", "9"},
	} {
		if err := SetSysctl(h, s[0], s[1]); err != nil {
			t.Fatal(err)
		}
	}
	if h.Conf(l).Forwarding4 || h.Conf(l).RPFilter != 2 {
		t.Errorf("eth0 is %+v", h.Conf(l))
	}
	if err := SetSysctl(h, "net.ipv4.ip_forward", "1"); err != nil {
		t.Fatal(err)
	}
	if !h.Conf(l).Forwarding4 {
		t.Error("eth0 does not forward")
	}
	e, err := New(h, Options{})
	if err != nil {
		t.Fatal(err)
	}
	settings := ct.DefaultSysctls()
	if err := applySysctls(h, &settings); err != nil || settings.Max != 7 || e.defaultTTL != 9 {
		t.Errorf("max is %d, TTL %d, error %v", settings.Max, e.defaultTTL, err)
	}
	var unknown *UnknownSysctl
	if err := SetSysctl(h, "x", "1"); !errors.As(err, &unknown) || !slices.Contains(unknown.Known, "net.ipv6.conf.eth0.forwarding") {
		t.Errorf("unknown: %v", err)
	}
}

// TestSysctlLimits: the kernel takes and refuses what SetSysctl does.
func TestSysctlLimits(t *testing.T) {
	testenv.Need(t, testenv.Root, testenv.Program("unshare"))
	var script, asked strings.Builder
	script.WriteString("cd /proc/sys; try() { if (printf %s $2 >$1) 2>/dev/null; then echo yes; else echo no; fi; }\n")
	var want []string
	try := func(name string, value int64) {
		fmt.Fprintf(&script, "try %s %d\n", strings.ReplaceAll(name, ".", "/"), value)
		fmt.Fprintf(&asked, "%s=%d\n", name, value)
		answer := "yes"
		if SetSysctl(host.Implicit(), name, fmt.Sprint(value)) != nil {
			answer = "no"
		}
		want = append(want, answer)
	}
	for _, s := range host.Settings() {
		name := strings.Replace(s.Name, "*", "all", 1)
		switch {
		case s.Max <= math.MaxUint8:
			try(name, s.Min-1)
			try(name, s.Min)
			fallthrough
		case s.Max == math.MaxInt32 && !strings.HasSuffix(name, "ratelimit"): // those wrap in the kernel
			try(name, s.Max)
			try(name, s.Max+1)
		}
	}
	for _, short := range []string{"acct", "checksum", "events", "log_invalid", "tcp_be_liberal", "tcp_loose", "tcp_max_retrans", "timestamp"} {
		for _, v := range []int64{-1, 0, 1, 2, 3, 255, 256} {
			try("net.netfilter.nf_conntrack_"+short, v)
		}
	}
	out, err := exec.Command("unshare", "-n", "bash", "-c", script.String()).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got, names := strings.Fields(string(out)), strings.Split(asked.String(), "\n")
	if len(got) != len(want) {
		t.Fatalf("%d answers for %d questions", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s: the kernel says %s, nfvm %s", names[i], got[i], want[i])
		}
	}
}
