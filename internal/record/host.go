package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os/exec"
	"strconv"
	"strings"
)

// hostKeys are the parts of host.json that iproute2 prints.
var hostKeys = []struct {
	key  string
	args []string
}{
	{"addr", []string{"ip", "-d", "-j", "addr", "show"}},
	{"route", []string{"ip", "-j", "route", "show", "table", "all"}},
	{"route6", []string{"ip", "-j", "-6", "route", "show", "table", "all"}},
	{"rule", []string{"ip", "-j", "rule", "show"}},
	{"rule6", []string{"ip", "-j", "-6", "rule", "show"}},
	{"vlan", []string{"bridge", "-j", "vlan", "show"}},
	{"fdb", []string{"bridge", "-j", "fdb", "show"}},
}

// sysctlPrefixes choose the settings that decide about packets; per-interface
// values and those of congestion control and the like are left out otherwise.
var sysctlPrefixes = []string{
	"net.ipv4.ip_forward", "net.ipv4.ip_default_ttl", "net.ipv4.ip_nonlocal_bind", "net.ipv4.ip_local_port_range",
	"net.ipv4.ip_forward_use_pmtu", "net.ipv4.icmp_", "net.ipv4.ipfrag_", "net.ipv4.fwmark_reflect",
	"net.ipv6.icmp.", "net.ipv6.ip6frag_", "net.ipv6.fwmark_reflect", "net.ipv6.auto_flowlabels",
	"net.ipv6.flowlabel_reflect", "net.netfilter.", "net.bridge.",
}

// confNames are the settings kept of net.ipv4.conf.* and net.ipv6.conf.*.
var confNames = []string{
	".forwarding", ".rp_filter", ".accept_local", ".route_localnet", ".src_valid_mark", ".send_redirects",
	".accept_redirects", ".accept_source_route", ".log_martians", ".drop_unicast_in_l2_multicast", ".disable_ipv6",
	".mtu", ".hop_limit",
}

// snapshot collects host.json (except neighbours, which the traffic teaches).
func (l *lab) snapshot() (map[string]json.RawMessage, error) {
	host := map[string]json.RawMessage{}
	for _, k := range hostKeys {
		out, err := l.inFW(k.args...)
		if err != nil {
			return nil, err
		}
		if len(out) == 0 {
			out = []byte("[]") // what nothing is to the bridge command
		}
		host[k.key] = out
	}
	out, err := l.inFW("sysctl", "-a")
	if err != nil {
		return nil, err
	}
	sysctl := map[string]string{}
	for _, line := range strings.Split(string(out), "\n") {
		name, value, ok := strings.Cut(line, " = ")
		if ok && keepSysctl(name) {
			sysctl[name] = value
		}
	}
	host["sysctl"], err = json.Marshal(sysctl)
	return host, err
}

// readOwn reads the host's addresses from what `ip -d -j addr show` printed.
func readOwn(addr []byte) (map[netip.Addr]bool, error) {
	var links []struct {
		Info []struct{ Local netip.Addr } `json:"addr_info"`
	}
	err := json.Unmarshal(addr, &links)
	own := map[netip.Addr]bool{}
	for _, l := range links {
		for _, i := range l.Info {
			own[i.Local] = true
		}
	}
	return own, err
}

func keepSysctl(name string) bool {
	for _, p := range sysctlPrefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	if !strings.HasPrefix(name, "net.ipv4.conf.") && !strings.HasPrefix(name, "net.ipv6.conf.") {
		return false
	}
	for _, s := range confNames {
		if strings.HasSuffix(name, s) {
			return true
		}
	}
	return false
}

// linkCount holds the packets that an interface says it received and sent.
type linkCount struct{ rx, tx int }

func (c linkCount) minus(d linkCount) linkCount { return linkCount{c.rx - d.rx, c.tx - d.tx} }

// linkCounts reads the counters of the firewall's interfaces from /proc/net/dev.
func (l *lab) linkCounts() (map[string]linkCount, error) {
	out, err := l.inFW("cat", "/proc/net/dev")
	if err != nil {
		return nil, err
	}
	counts := map[string]linkCount{}
	for _, line := range strings.Split(string(out), "\n") {
		name, rest, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		f := strings.Fields(rest)
		rx, err1 := strconv.Atoi(f[1])
		tx, err2 := strconv.Atoi(f[9])
		if err1 != nil || err2 != nil {
			return nil, fmt.Errorf("/proc/net/dev: %q", line)
		}
		counts[strings.TrimSpace(name)] = linkCount{rx, tx}
	}
	return counts, nil
}

// version is the version that a tool prints, such as "1.0.6".
func version(tool string) string {
	out, _ := exec.Command(tool, "--version").Output()
	for _, w := range strings.Fields(string(out)) {
		if w = strings.TrimPrefix(w, "v"); w != "" && w[0] >= '0' && w[0] <= '9' {
			return w
		}
	}
	return "unknown"
}
