package conformance

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// routeTypes are the words that may begin a route.
var routeTypes = map[string]bool{
	"unicast": true, "local": true, "broadcast": true, "unreachable": true,
	"prohibit": true, "blackhole": true, "throw": true,
}

// jsonRoutes lists the routes of the host lines and those the kernel adds for
// addresses.
func (h *Host) jsonRoutes() (four, six []object, err error) {
	for _, w := range h.Routes {
		o, isSix, err := h.jsonRoute(w)
		if err != nil {
			return nil, nil, err
		}
		if isSix {
			six = append(six, o)
		} else {
			four = append(four, o)
		}
	}
	for _, a := range append([]Addr{{Prefix: netip.MustParsePrefix("127.0.0.1/8"), Dev: "lo"}}, h.Addrs...) {
		if a.Prefix.Addr().Is4() {
			four = append(four, h.addressRoutes4(a)...)
		} else {
			six = append(six, h.addressRoutes6(a)...)
		}
	}
	if h.IPv6() {
		six = append(six, kernelRoute("local", "::1", "lo", "local"))
		for _, l := range h.Links {
			six = append(six, kernelRoute("multicast", "ff00::/8", l.Name, "local"))
		}
	}
	return four, six, nil
}

func kernelRoute(typ, dst, dev, table string) object {
	o := object{"dst": dst, "dev": dev, "protocol": "kernel", "flags": []string{}}
	if typ != "" {
		o["type"] = typ
	}
	if table != "" {
		o["table"] = table
	}
	if strings.Contains(dst, ":") {
		o["pref"], o["metric"] = "medium", 0
		if typ != "local" && typ != "anycast" {
			o["metric"] = 256
		}
	}
	return o
}

// addressRoutes4 are the routes that come with an IPv4 address.
func (h *Host) addressRoutes4(a Addr) []object {
	src, subnet := h.primary(a).Prefix.Addr().String(), a.Prefix.Masked()
	local := kernelRoute("local", a.Prefix.Addr().String(), a.Dev, "local")
	local["scope"], local["prefsrc"] = "host", src
	routes := []object{local}
	if h.primary(a) != a && a.Dev != "lo" || a.Prefix.Bits() == 32 {
		return routes
	}
	broadcast := kernelRoute("broadcast", lastAddr(subnet).String(), a.Dev, "local")
	broadcast["scope"], broadcast["prefsrc"] = "link", src
	net := kernelRoute("", subnet.String(), a.Dev, "")
	net["scope"], net["prefsrc"] = "link", src
	if a.Dev == "lo" {
		net["type"], net["table"], net["scope"] = "local", "local", "host"
	}
	return append(routes, broadcast, net)
}

// addressRoutes6 are the routes that come with an IPv6 address, those of its
// subnet with the first one; only a router answers to the subnet's anycast
// address.
func (h *Host) addressRoutes6(a Addr) []object {
	subnet := a.Prefix.Masked()
	routes := []object{kernelRoute("local", a.Prefix.Addr().String(), a.Dev, "local")}
	if h.primary(a) != a {
		return routes
	}
	routes = append(routes, kernelRoute("", subnet.String(), a.Dev, ""))
	if h.sysctl("net.ipv6.conf.all.forwarding") == "1" {
		routes = append(routes, kernelRoute("anycast", subnet.Addr().String(), a.Dev, "local"))
	}
	return routes
}

// sysctl is the value that the host lines set last.
func (h *Host) sysctl(key string) (value string) {
	for _, s := range h.Sysctl {
		if s[0] == key {
			value = s[1]
		}
	}
	return value
}

// jsonRoute turns a line of `ip route add` into what `ip -j route` prints.
func (h *Host) jsonRoute(w []string) (o object, six bool, err error) {
	o = object{"flags": []string{}}
	if routeTypes[w[0]] {
		o["type"], w = w[0], w[1:]
	}
	if len(w) == 0 {
		return nil, false, fmt.Errorf("host: a route without a destination")
	}
	o["dst"] = w[0]
	six = strings.Contains(strings.Join(w, " "), ":")
	words(w[1:], func(key, value string) {
		switch key {
		case "via":
			o["gateway"] = value
			if o["dev"] == nil {
				o["dev"] = h.deviceOf(value)
			}
		case "dev", "table", "tos":
			o[key] = value
		case "src":
			o["prefsrc"] = value
		case "mtu", "metric":
			n, e := strconv.Atoi(value)
			if e != nil {
				err = e
			}
			o[key] = n
			if key == "mtu" {
				delete(o, key)
				o["metrics"] = []object{{"mtu": n}}
			}
		default:
			err = fmt.Errorf("host: the model knows no %q in a route", key)
		}
	})
	if o["gateway"] == nil && o["dev"] != nil && !six {
		o["scope"] = "link"
	}
	if six {
		o["pref"] = "medium"
		if o["metric"] == nil {
			o["metric"] = 1024
		}
		if o["dev"] == nil {
			o["dev"] = "lo"
		}
	}
	return o, six, err
}

// deviceOf finds the link on whose subnet a gateway is.
func (h *Host) deviceOf(gateway string) string {
	gw, err := netip.ParseAddr(gateway)
	if err != nil {
		return ""
	}
	for _, a := range h.Addrs {
		if a.Prefix.Masked().Contains(gw) {
			return a.Dev
		}
	}
	return ""
}
