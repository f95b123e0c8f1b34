package kernel

import (
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"nfvm/conformance"
)

// quietTable keeps the host from answering and shows what it would receive.
// Its input chain stands behind conntrack's confirmation although both have
// the last priority, because of two equals the one registered later runs first.
// ARP is shown as well, and not answered.
var quietTable = fmt.Sprintf(`table arp conformance {
	chain input {
		type filter hook input priority 2147483647
		log group %[1]d snaplen 65535 queue-threshold 1
		drop
	}
}
table inet conformance {
	chain input {
		type filter hook input priority 2147483647
		log group %[1]d snaplen 65535 queue-threshold 1
		drop
	}
	chain output {
		type filter hook output priority -2147483648
		icmpv6 type { 133, 135, 136, 143 } drop
	}
}
`, logGroup)

// setUp builds the host of a case out of devices, addresses and routes.
func setUp(h *conformance.Host) ([]*device, error) {
	quiet := [][2]string{
		{"net.ipv6.conf.default.addr_gen_mode", "1"}, // no link-local address: it would be random
		{"net.ipv6.conf.default.accept_dad", "0"},
		{"net.ipv6.conf.default.router_solicitations", "0"},
	}
	if !h.IPv6() {
		quiet = [][2]string{{"net.ipv6.conf.all.disable_ipv6", "1"}, {"net.ipv6.conf.default.disable_ipv6", "1"}}
	}
	for _, s := range quiet {
		if err := sysctl(s[0], s[1]); err != nil {
			return nil, err
		}
	}
	var devices []*device
	own := ownAddresses(h)
	for _, l := range h.Links {
		if l.Kind == "bridge" {
			continue
		}
		d, err := openDevice(l)
		if err != nil {
			return devices, err
		}
		d.own = own
		devices = append(devices, d)
	}
	if _, err := run(ipBatch(h), "ip", "-batch", "-"); err != nil {
		return devices, err
	}
	if batch := vlanBatch(h); batch != "" {
		if _, err := run(batch, "bridge", "-batch", "-"); err != nil {
			return devices, err
		}
	}
	if batch := routesBatch(h, true); batch != "" {
		if _, err := run(batch, "ip", "-6", "-batch", "-"); err != nil {
			return devices, err
		}
	}
	for _, s := range h.Sysctl {
		if err := sysctl(s[0], s[1]); err != nil {
			return devices, err
		}
	}
	return devices, awaitLocalRoutes(h)
}

// ownAddresses are the Ethernet addresses of the host.
func ownAddresses(h *conformance.Host) map[string]bool {
	own := map[string]bool{}
	for _, l := range h.Links {
		if mac, err := net.ParseMAC(l.Ether); err == nil {
			own[string(mac)] = true
		}
	}
	return own
}

// awaitLocalRoutes waits until the host takes packets for its IPv6 addresses:
// the kernel makes their local routes in the background, later on a busy machine.
func awaitLocalRoutes(h *conformance.Host) error {
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		routes, err := os.ReadFile("/proc/thread-self/net/ipv6_route")
		if err != nil {
			return err
		}
		missing := ""
		for _, a := range h.Addrs {
			addr := a.Prefix.Addr()
			if b := addr.As16(); addr.Is6() && !strings.Contains(string(routes), fmt.Sprintf("%x 80 ", b[:])) {
				missing = addr.String()
			}
		}
		if missing == "" {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("no local route for %s", missing)
		}
	}
}

// ipBatch writes the host as commands of ip -batch.
func ipBatch(h *conformance.Host) string {
	var b strings.Builder
	fmt.Fprintln(&b, "link set dev lo up")
	for _, l := range h.Links {
		if l.Kind == "bridge" {
			fmt.Fprintf(&b, "link add %s type bridge forward_delay 0 mcast_snooping 0 %s\n", l.Name, strings.Join(l.Options, " "))
		}
	}
	for _, l := range h.Links {
		if l.Ether != "" {
			fmt.Fprintf(&b, "link set dev %s address %s\n", l.Name, l.Ether)
		}
		if l.Master != "" {
			fmt.Fprintf(&b, "link set dev %s master %s\n", l.Name, l.Master)
		}
		if len(l.Port) > 0 {
			fmt.Fprintf(&b, "link set dev %s type bridge_slave %s\n", l.Name, strings.Join(l.Port, " "))
		}
		fmt.Fprintf(&b, "link set dev %s up mtu %d\n", l.Name, l.MTU)
	}
	for _, a := range h.Addrs {
		extra := ""
		if a.Prefix.Addr().Is6() {
			extra = " nodad"
		}
		if a.Broadcast.IsValid() {
			extra = " brd " + a.Broadcast.String()
		}
		fmt.Fprintf(&b, "addr add %v dev %s%s\n", a.Prefix, a.Dev, extra)
	}
	for _, w := range h.Neighs {
		fmt.Fprintf(&b, "neigh add %s\n", strings.Join(w, " "))
	}
	return b.String() + routesBatch(h, false)
}

// vlanBatch writes the VLANs of bridges and ports as commands of bridge -batch.
func vlanBatch(h *conformance.Host) string {
	var b strings.Builder
	for _, l := range h.Links {
		self := ""
		if l.Kind == "bridge" {
			self = " self"
		}
		for _, w := range l.VLANs {
			fmt.Fprintf(&b, "vlan add dev %s vid %s%s\n", l.Name, strings.Join(w, " "), self)
		}
	}
	return b.String()
}

// routesBatch writes the routes and rules of one family.
func routesBatch(h *conformance.Host, six bool) string {
	var b strings.Builder
	for _, kind := range []struct {
		name  string
		lines [][]string
	}{{"route", h.Routes}, {"rule", h.Rules}} {
		for _, w := range kind.lines {
			if text := strings.Join(w, " "); strings.Contains(text, ":") == six {
				fmt.Fprintf(&b, "%s add %s\n", kind.name, text)
			}
		}
	}
	return b.String()
}
