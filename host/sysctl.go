package host

import (
	"strconv"
	"strings"

	"nfvm/nf"
)

// sysctlDefaults are the values of a fresh network namespace.
var sysctlDefaults = map[string]int{
	"net.ipv4.ip_forward":                     0,
	"net.ipv4.ip_default_ttl":                 64,
	"net.ipv4.ip_forward_update_priority":     1,
	"net.ipv4.icmp_ratelimit":                 1000,
	"net.ipv4.icmp_ratemask":                  6168,
	"net.ipv4.icmp_msgs_per_sec":              1000,
	"net.ipv4.icmp_msgs_burst":                50,
	"net.ipv4.icmp_errors_use_inbound_ifaddr": 0,
	"net.ipv4.fwmark_reflect":                 0,
	"net.ipv6.conf.all.forwarding":            0,
	"net.ipv6.icmp.ratelimit":                 1000,
	"net.ipv4.ipfrag_time":                    30,
	"net.ipv4.ipfrag_high_thresh":             4194304,
	"net.ipv4.ipfrag_max_dist":                64,
}

// Sysctl gives the text of a sysctl, by its dotted name.
func (h *Host) Sysctl(name string) (string, bool) {
	v, ok := h.sysctls[name]
	return v, ok
}

// SysctlInt gives a numeric sysctl, or its default in a fresh namespace.
func (h *Host) SysctlInt(name string) int {
	if n, err := strconv.Atoi(strings.TrimSpace(h.sysctls[name])); err == nil {
		return n
	}
	return sysctlDefaults[name]
}

// Sysctls calls f for every sysctl that the host description sets.
func (h *Host) Sysctls(f func(name, value string)) {
	for k, v := range h.sysctls {
		f(k, v)
	}
}

// SetSysctl sets a sysctl by its dotted name and applies it to the links.
func (h *Host) SetSysctl(name, value string) {
	h.sysctls[name] = value
	for _, l := range h.links {
		h.conf[l] = h.linkConf(l)
	}
}

// A LinkConf holds the sysctls of one link that decide about packets, with the
// settings of "all" already combined in the kernel's way for each.
type LinkConf struct {
	Forwarding4, Forwarding6   bool
	RPFilter                   int  // the larger of link and all
	RouteLocalnet, AcceptLocal bool // either
	SendRedirects, SharedMedia bool // either
	AcceptSourceRoute          bool // both
	BCForwarding               bool // both
	SrcValidMark               bool // either
	DropUnicastInL2Multicast   bool // either
}

// Conf gives the sysctls of a link.
func (h *Host) Conf(l *nf.Link) *LinkConf { return h.conf[l] }

func (h *Host) linkConf(l *nf.Link) *LinkConf {
	get := func(family, key string, def int) (all, own int) {
		return h.confInt(family, "all", key, def), h.confInt(family, l.Name, key, def)
	}
	either := func(key string, def int) bool {
		all, own := get("ipv4", key, def)
		return all != 0 || own != 0
	}
	both := func(key string, def int) bool {
		all, own := get("ipv4", key, def)
		return all != 0 && own != 0
	}
	c := &LinkConf{
		RouteLocalnet:            either("route_localnet", 0),
		AcceptLocal:              either("accept_local", 0),
		SendRedirects:            either("send_redirects", 1),
		SharedMedia:              either("shared_media", 1),
		SrcValidMark:             either("src_valid_mark", 0),
		DropUnicastInL2Multicast: either("drop_unicast_in_l2_multicast", 0),
		BCForwarding:             both("bc_forwarding", 0),
	}
	// accept_source_route is 1 on links but 0 on "all", so off by default.
	c.AcceptSourceRoute = h.confInt("ipv4", "all", "accept_source_route", 0) != 0 &&
		h.confInt("ipv4", l.Name, "accept_source_route", 1) != 0
	all, own := get("ipv4", "rp_filter", 0)
	c.RPFilter = max(all, own)
	c.Forwarding4 = h.confInt("ipv4", l.Name, "forwarding", h.SysctlInt("net.ipv4.ip_forward")) != 0
	// IPv6 forwards by the switch of all; a link's own only makes it a router
	// in neighbour discovery.
	c.Forwarding6 = h.SysctlInt("net.ipv6.conf.all.forwarding") != 0
	return c
}

// confInt reads net.FAMILY.conf.NAME.KEY; a link that is not listed takes the
// value of "default".
func (h *Host) confInt(family, name, key string, def int) int {
	prefix := "net." + family + ".conf."
	for _, n := range []string{name, "default"} {
		if v, err := strconv.Atoi(strings.TrimSpace(h.sysctls[prefix+n+"."+key])); err == nil {
			return v
		}
		if name == "all" {
			break
		}
	}
	return def
}
