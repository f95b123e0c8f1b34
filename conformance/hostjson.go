package conformance

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
)

// object is a JSON object as iproute2 prints it.
type object = map[string]any

// JSON describes the host as HOST.json: what `ip -j` and sysctl would print in
// the namespace that the kernel runner makes of it.
func (h *Host) JSON() ([]byte, error) {
	route, route6, err := h.jsonRoutes()
	if err != nil {
		return nil, err
	}
	rule, rule6, err := h.jsonRules()
	if err != nil {
		return nil, err
	}
	neigh := []object{}
	for _, w := range h.Neighs {
		o := object{"dst": w[0], "state": []string{"PERMANENT"}}
		words(w[1:], func(key, value string) { o[key] = value })
		neigh = append(neigh, o)
	}
	links, err := h.jsonLinks()
	if err != nil {
		return nil, err
	}
	vlans, err := h.jsonVLANs()
	if err != nil {
		return nil, err
	}
	sysctls := object{}
	for _, s := range h.Sysctl {
		sysctls[s[0]] = s[1]
	}
	return json.Marshal(object{
		"addr": links, "vlan": vlans, "route": route, "route6": route6,
		"rule": rule, "rule6": rule6, "neigh": neigh, "sysctl": sysctls,
	})
}

// words passes pairs of words.
func words(w []string, f func(key, value string)) {
	for ; len(w) > 1; w = w[2:] {
		f(w[0], w[1])
	}
}

func (h *Host) jsonLinks() ([]object, error) {
	links := []object{{
		"ifindex": 1, "ifname": "lo", "mtu": 65536, "link_type": "loopback", "operstate": "UNKNOWN",
		"flags": []string{"LOOPBACK", "UP", "LOWER_UP"}, "group": "default", "address": "00:00:00:00:00:00",
		"addr_info": h.loopbackAddrs(),
	}}
	for i := range h.Links {
		l := &h.Links[i]
		o := object{
			"ifindex": i + 2, "ifname": l.Name, "mtu": l.MTU, "link_type": "none", "operstate": "UNKNOWN",
			"flags": []string{"POINTOPOINT", "MULTICAST", "NOARP", "UP", "LOWER_UP"}, "group": "default",
			"addr_info": h.jsonAddrs(l.Name),
		}
		if l.Ether != "" {
			o["link_type"], o["address"] = "ether", l.Ether
			o["flags"] = []string{"BROADCAST", "MULTICAST", "UP", "LOWER_UP"}
		}
		if err := h.jsonBridge(o, l); err != nil {
			return nil, err
		}
		links = append(links, o)
	}
	return links, nil
}

func (h *Host) loopbackAddrs() []object {
	addrs := []object{{"family": "inet", "local": "127.0.0.1", "prefixlen": 8, "scope": "host", "label": "lo"}}
	if h.IPv6() {
		addrs = append(addrs, object{"family": "inet6", "local": "::1", "prefixlen": 128, "scope": "host"})
	}
	return addrs
}

// jsonAddrs lists a link's addresses: IPv4 in order; IPv6 the widest scope
// first, and within each the newest.
func (h *Host) jsonAddrs(dev string) []object {
	four, six, narrow := []object{}, []object{}, []object{}
	for _, a := range h.Addrs {
		if a.Dev != dev {
			continue
		}
		o := object{"family": "inet", "local": a.Prefix.Addr().String(), "prefixlen": a.Prefix.Bits(), "scope": "global"}
		if a.Prefix.Addr().Is6() {
			o["family"] = "inet6"
			if a.Prefix.Addr().IsLinkLocalUnicast() {
				o["scope"] = "link"
				narrow = append([]object{o}, narrow...)
			} else {
				six = append([]object{o}, six...)
			}
			continue
		}
		if a.Broadcast.IsValid() {
			o["broadcast"] = a.Broadcast.String()
		}
		if h.primary(a) != a {
			o["secondary"] = true
		}
		four = append(four, o)
	}
	return append(append(four, six...), narrow...)
}

// primary finds the first address of a's link and subnet.
func (h *Host) primary(a Addr) Addr {
	for _, b := range h.Addrs {
		if b.Dev == a.Dev && b.Prefix.Masked() == a.Prefix.Masked() {
			return b
		}
	}
	return a
}

// lastAddr is the broadcast address of an IPv4 prefix.
func lastAddr(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().As4()
	for i := p.Bits(); i < 32; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	return netip.AddrFrom4(b)
}

func (h *Host) jsonRules() (four, six []object, err error) {
	pref := 32766
	for _, w := range h.Rules {
		pref--
		o := object{"priority": pref, "src": "all"}
		if len(w)%2 == 1 { // a rule that refuses ends in a word of its own
			o["action"] = w[len(w)-1]
		}
		words(w, func(key, value string) { err = ruleWord(o, key, value, err) })
		if strings.Contains(strings.Join(w, " "), ":") {
			six = append([]object{o}, six...)
		} else {
			four = append([]object{o}, four...)
		}
	}
	local := object{"priority": 0, "src": "all", "table": "local"}
	main := object{"priority": 32766, "src": "all", "table": "main"}
	four = append(append([]object{local}, four...), main, object{"priority": 32767, "src": "all", "table": "default"})
	return four, append(append([]object{local}, six...), main), err
}

func ruleWord(o object, key, value string, err error) error {
	switch key {
	case "from", "to":
		name := map[string]string{"from": "src", "to": "dst"}[key]
		addr, bits, found := strings.Cut(value, "/")
		o[name] = addr
		if found {
			o[name+"len"] = json.Number(bits)
		}
	case "fwmark":
		mark, mask, found := strings.Cut(value, "/")
		o["fwmark"] = mark
		if found {
			o["fwmask"] = mask
		}
	case "lookup", "table":
		o["table"] = value
	case "pref":
		o["priority"] = json.Number(value)
	case "iif", "oif", "tos":
		o[key] = value
	default:
		return fmt.Errorf("host: the model knows no %q in a rule", key)
	}
	return err
}
