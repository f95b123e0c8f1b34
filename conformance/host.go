package conformance

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// A Link is an interface of a case's host.
type Link struct {
	Name  string
	Ether string // Ethernet address; "" for a device of bare IP packets
	MTU   int
	// Kind is "bridge" for a bridge, "" for a device; Options are words for ip-link.
	Kind    string
	Options []string
	Master  string   // the bridge that the link is a port of
	Port    []string // words for the port, of ip link set type bridge_slave
	VLANs   [][]string
}

// An Addr is an address of a link.
type Addr struct {
	Prefix    netip.Prefix
	Dev       string
	Broadcast netip.Addr // may be missing
}

// Host is the machine of a case: what the kernel's tools and nfvm's model are
// both made from.
type Host struct {
	Links  []Link
	Addrs  []Addr
	Routes [][]string // words after "ip route add"
	Rules  [][]string // words after "ip rule add"
	Neighs [][]string // words after "ip neigh add"
	Sysctl [][2]string
}

const routerText = `link ta
link tb
addr 10.0.1.1/24 dev ta
addr 10.0.2.1/24 dev tb
sysctl net.ipv4.ip_forward=1
`

const router6Text = routerText + `addr fd01::1/64 dev ta
addr fd02::1/64 dev tb
sysctl net.ipv6.conf.all.forwarding=1
`

const switchText = `link pa ether 02:00:00:00:00:0a
link pb ether 02:00:00:00:00:0b
link pc ether 02:00:00:00:00:0c
bridge br0 ether 02:00:00:00:00:99
port pa br0
port pb br0
port pc br0
addr 10.5.0.1/24 dev br0
`

// ParseHost reads the host section.
func ParseHost(text string) (*Host, error) {
	h := &Host{}
	return h, h.parse(text)
}

func (h *Host) parse(text string) error {
	for _, l := range lines(text) {
		if strings.HasPrefix(l, "#") {
			continue
		}
		if err := h.line(strings.Fields(l)); err != nil {
			return fmt.Errorf("host: %q: %w", l, err)
		}
	}
	return nil
}

func (h *Host) line(w []string) error {
	switch w[0] {
	case "router":
		return h.parse(routerText)
	case "router6":
		return h.parse(router6Text)
	case "switch":
		return h.parse(switchText)
	case "link":
		return h.link(w[1:])
	case "bridge":
		return h.bridge(w[1:])
	case "port":
		return h.port(w[1:])
	case "vlan":
		return h.vlan(w[1:])
	case "addr":
		return h.addr(w[1:])
	case "route":
		h.Routes = append(h.Routes, w[1:])
	case "rule":
		h.Rules = append(h.Rules, w[1:])
	case "neigh":
		h.Neighs = append(h.Neighs, w[1:])
	case "sysctl":
		key, value, ok := strings.Cut(strings.Join(w[1:], " "), "=")
		if !ok {
			return fmt.Errorf("expected sysctl KEY=VALUE")
		}
		h.Sysctl = append(h.Sysctl, [2]string{key, value})
	default:
		return fmt.Errorf("unknown word %q", w[0])
	}
	return nil
}

// addr reads PREFIX [brd ADDR] dev LINK.
func (h *Host) addr(w []string) (err error) {
	var a Addr
	if len(w) == 5 && w[1] == "brd" {
		if a.Broadcast, err = netip.ParseAddr(w[2]); err != nil {
			return err
		}
		w = append(w[:1:1], w[3:]...)
	}
	if len(w) != 3 || w[1] != "dev" {
		return fmt.Errorf("expected addr PREFIX [brd ADDR] dev LINK")
	}
	a.Prefix, err = netip.ParsePrefix(w[0])
	a.Dev = w[2]
	h.Addrs = append(h.Addrs, a)
	return err
}

// link reads NAME [ether MAC] [mtu N]; a second line for the same link changes it.
func (h *Host) link(w []string) error {
	if len(w) == 0 || len(w)%2 == 0 {
		return fmt.Errorf("expected link NAME [ether MAC] [mtu N]")
	}
	i := 0
	for i < len(h.Links) && h.Links[i].Name != w[0] {
		i++
	}
	if i == len(h.Links) {
		if i > 0 && h.Links[i-1].Kind == "bridge" {
			return fmt.Errorf("links come before bridges")
		}
		h.Links = append(h.Links, Link{Name: w[0], MTU: 1500})
	}
	for ; len(w) > 1; w = w[2:] {
		switch w[1] {
		case "ether":
			h.Links[i].Ether = w[2]
		case "mtu":
			n, err := strconv.Atoi(w[2])
			if err != nil {
				return err
			}
			h.Links[i].MTU = n
		default:
			return fmt.Errorf("unknown word %q", w[1])
		}
	}
	return nil
}

// Link finds a link by name.
func (h *Host) Link(name string) (Link, bool) {
	for _, l := range h.Links {
		if l.Name == name {
			return l, true
		}
	}
	return Link{}, false
}

// IPv6 says whether the host has an IPv6 address, and so speaks IPv6.
func (h *Host) IPv6() bool {
	for _, a := range h.Addrs {
		if a.Prefix.Addr().Is6() {
			return true
		}
	}
	return false
}
