package host

import (
	"maps"
	"strconv"
	"strings"

	"nfvm/nf"
)

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

// SetSysctl sets a sysctl by its dotted name and applies it to the links. As with
// the kernel, forwarding set for all sets it for each link.
func (h *Host) SetSysctl(name, value string) {
	const conf4, conf6 = "net.ipv4.conf.", "net.ipv6.conf."
	switch name {
	case "net.ipv4.ip_forward", conf4 + "all.forwarding":
		h.forgetForwarding(conf4)
		h.sysctls["net.ipv4.ip_forward"], h.sysctls[conf4+"all.forwarding"] = value, value
	case conf6 + "all.forwarding":
		h.forgetForwarding(conf6)
	}
	h.sysctls[name] = value
	for _, l := range h.links {
		h.conf[l] = h.linkConf(l)
	}
}

// forgetForwarding lets all links forward as the host does.
func (h *Host) forgetForwarding(prefix string) {
	maps.DeleteFunc(h.sysctls, func(name, _ string) bool {
		return strings.HasPrefix(name, prefix) && strings.HasSuffix(name, ".forwarding")
	})
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
