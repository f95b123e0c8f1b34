package host

import "math"

// A Setting is a sysctl with the values that the kernel takes for it.
type Setting struct {
	// Name is dotted; a star stands for an interface, "all" or "default".
	Name     string
	Min, Max int64
	// Default is the value in a fresh network namespace.
	Default int
}

// settings are those below net.bridge, net.ipv4 and net.ipv6 that decide about packets,
// those of flowtables, and those that a host's description has besides (measured on
// Linux 6.18, but for flowtables).
var settings = []Setting{
	{"net.bridge.bridge-nf-call-arptables", math.MinInt32, math.MaxInt32, 1},
	{"net.bridge.bridge-nf-call-ip6tables", math.MinInt32, math.MaxInt32, 1},
	{"net.bridge.bridge-nf-call-iptables", math.MinInt32, math.MaxInt32, 1},
	{"net.bridge.bridge-nf-filter-vlan-tagged", math.MinInt32, math.MaxInt32, 0},
	{"net.netfilter.nf_flowtable_tcp_timeout", 0, maxSeconds, 30},
	{"net.netfilter.nf_flowtable_udp_timeout", 0, maxSeconds, 30},
	{"net.ipv4.ip_forward", math.MinInt32, math.MaxInt32, 0},
	{"net.ipv4.ip_default_ttl", 1, 255, 64},
	{"net.ipv4.ip_forward_update_priority", 0, 1, 1},
	{"net.ipv4.ip_forward_use_pmtu", 0, 255, 0},
	{"net.ipv4.fwmark_reflect", 0, 255, 0},
	{"net.ipv4.icmp_echo_enable_probe", 0, 1, 0},
	{"net.ipv4.icmp_echo_ignore_all", 0, 1, 0},
	{"net.ipv4.icmp_echo_ignore_broadcasts", 0, 1, 1},
	{"net.ipv4.icmp_errors_use_inbound_ifaddr", 0, 1, 0},
	{"net.ipv4.icmp_ignore_bogus_error_responses", 0, 1, 1},
	{"net.ipv4.icmp_msgs_burst", 0, math.MaxInt32, 50},
	{"net.ipv4.icmp_msgs_per_sec", 0, math.MaxInt32, 1000},
	{"net.ipv4.icmp_ratelimit", 0, math.MaxInt32, 1000},
	{"net.ipv4.icmp_ratemask", math.MinInt32, math.MaxInt32, 6168},
	{"net.ipv4.ipfrag_high_thresh", 0, math.MaxInt64, 4 << 20},
	{"net.ipv4.ipfrag_low_thresh", 0, math.MaxInt64, 3 << 20},
	{"net.ipv4.ipfrag_max_dist", 0, math.MaxInt32, 64},
	{"net.ipv4.ipfrag_time", 0, maxSeconds, 30},
	{"net.ipv4.fib_multipath_hash_policy", 0, 3, 0},
	{"net.ipv4.conf.*.accept_local", math.MinInt32, math.MaxInt32, 0},
	{"net.ipv4.conf.*.accept_redirects", math.MinInt32, math.MaxInt32, 1},
	{"net.ipv4.conf.*.accept_source_route", math.MinInt32, math.MaxInt32, 0},
	{"net.ipv4.conf.*.bc_forwarding", math.MinInt32, math.MaxInt32, 0},
	{"net.ipv4.conf.*.drop_unicast_in_l2_multicast", math.MinInt32, math.MaxInt32, 0},
	{"net.ipv4.conf.*.forwarding", math.MinInt32, math.MaxInt32, 0},
	{"net.ipv4.conf.*.log_martians", math.MinInt32, math.MaxInt32, 0},
	{"net.ipv4.conf.*.route_localnet", math.MinInt32, math.MaxInt32, 0},
	{"net.ipv4.conf.*.rp_filter", math.MinInt32, math.MaxInt32, 0},
	{"net.ipv4.conf.*.send_redirects", math.MinInt32, math.MaxInt32, 1},
	{"net.ipv4.conf.*.shared_media", math.MinInt32, math.MaxInt32, 1},
	{"net.ipv4.conf.*.src_valid_mark", math.MinInt32, math.MaxInt32, 0},
	{"net.ipv6.conf.*.accept_source_route", math.MinInt32, math.MaxInt32, 0},
	{"net.ipv6.conf.*.disable_ipv6", math.MinInt32, math.MaxInt32, 0},
	{"net.ipv6.conf.*.drop_unicast_in_l2_multicast", math.MinInt32, math.MaxInt32, 0},
	{"net.ipv6.conf.*.forwarding", math.MinInt32, math.MaxInt32, 0},
	{"net.ipv6.fwmark_reflect", 0, 255, 0},
	{"net.ipv6.icmp.echo_ignore_all", 0, 255, 0},
	{"net.ipv6.icmp.echo_ignore_anycast", 0, 255, 0},
	{"net.ipv6.icmp.echo_ignore_multicast", 0, 255, 0},
	{"net.ipv6.icmp.error_anycast_as_unicast", 0, 1, 0},
	{"net.ipv6.icmp.ratelimit", 0, math.MaxInt32, 100},
	{"net.ipv6.ip6frag_high_thresh", 0, math.MaxInt64, 4 << 20},
	{"net.ipv6.ip6frag_low_thresh", 0, math.MaxInt64, 3 << 20},
	{"net.ipv6.ip6frag_time", 0, maxSeconds, 60},
}

// maxSeconds bounds settings that the kernel keeps in ticks of 4 ms.
const maxSeconds = math.MaxInt32 / 250

// sysctlDefaults are the values of a fresh network namespace.
var sysctlDefaults = func() map[string]int {
	m := map[string]int{}
	for _, s := range settings {
		m[s.Name] = s.Default
	}
	return m
}()

// Settings lists the sysctls that have a meaning for a host, but for those of
// connection tracking.
func Settings() []Setting { return settings }
