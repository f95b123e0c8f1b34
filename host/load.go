package host

import (
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"nfvm/nf"
)

// The shapes of iproute2's JSON; only what the model needs.
type (
	jsonHost struct {
		Addr   []jsonLink     `json:"addr"`
		Route  []jsonRoute    `json:"route"`
		Route6 []jsonRoute    `json:"route6"`
		Rule   []jsonRule     `json:"rule"`
		Rule6  []jsonRule     `json:"rule6"`
		Neigh  []jsonNeigh    `json:"neigh"`
		Sysctl map[string]any `json:"sysctl"`
	}
	jsonLink struct {
		Index    int    `json:"ifindex"`
		Name     string `json:"ifname"`
		MTU      int    `json:"mtu"`
		LinkType string `json:"link_type"`
		Address  string `json:"address"`
		Group    string `json:"group"`
		Info     struct {
			Kind string `json:"info_kind"`
		} `json:"linkinfo"`
		Addrs []jsonAddr `json:"addr_info"`
	}
	jsonAddr struct {
		Local      string `json:"local"`
		Peer       string `json:"address"`
		PrefixLen  int    `json:"prefixlen"`
		Broadcast  string `json:"broadcast"`
		Scope      string `json:"scope"`
		Secondary  bool   `json:"secondary"`
		Deprecated bool   `json:"deprecated"`
		Tentative  bool   `json:"tentative"`
	}
	jsonNeigh struct {
		Dst    string `json:"dst"`
		Dev    string `json:"dev"`
		LLAddr string `json:"lladdr"`
	}
)

// Load makes a host from HOST.json: an object whose values are what iproute2
// prints with -j. Every key is optional; unknown keys are an error, so that a
// misspelt one is not silently without effect.
func Load(data []byte) (*Host, error) {
	var j jsonHost
	if err := decode(data, &j); err != nil {
		return nil, err
	}
	h := newHost()
	for k, v := range j.Sysctl {
		h.sysctls[strings.ReplaceAll(k, "/", ".")] = strings.TrimSpace(fmt.Sprint(v))
	}
	if j.Sysctl == nil && len(j.Addr) > 2 {
		// Nobody says whether it forwards; with two links and lo it is a router.
		h.sysctls["net.ipv4.ip_forward"], h.sysctls["net.ipv6.conf.all.forwarding"] = "1", "1"
	}
	if err := h.loadLinks(j.Addr); err != nil {
		return nil, err
	}
	if err := h.loadRoutes(j); err != nil {
		return nil, err
	}
	if err := h.loadRules(j); err != nil {
		return nil, err
	}
	return h, h.loadNeighbours(j.Neigh)
}

// decode reads the object key by key, so that an error names the key.
func decode(data []byte, j *jsonHost) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return fmt.Errorf("host description: %w", err)
	}
	dst := map[string]any{"addr": &j.Addr, "route": &j.Route, "route6": &j.Route6, "rule": &j.Rule,
		"rule6": &j.Rule6, "neigh": &j.Neigh, "sysctl": &j.Sysctl}
	for key, val := range raw {
		d, ok := dst[key]
		if !ok {
			return fmt.Errorf("host description: unknown key %q (known: addr, route, route6, rule, rule6, neigh, sysctl)", key)
		}
		if err := json.Unmarshal(val, d); err != nil {
			return fmt.Errorf("host description: %q: %w", key, err)
		}
	}
	return nil
}

func (h *Host) loadLinks(links []jsonLink) error {
	seen := map[int]string{}
	for _, jl := range links {
		if jl.Name == "" && jl.Index == 0 { // iproute2 leaves empty objects for what it filters
			continue
		}
		if jl.Name == "" || len(jl.Name) >= nf.IfNameSize {
			return fmt.Errorf("host description: addr: interface name %q is empty or longer than 15 bytes", jl.Name)
		}
		if jl.Index <= 0 || seen[jl.Index] != "" || h.byName[jl.Name] != nil {
			return fmt.Errorf("host description: addr: interface %q has no ifindex of its own", jl.Name)
		}
		seen[jl.Index] = jl.Name
		if err := h.loadLink(&jl); err != nil {
			return err
		}
	}
	if h.byName["lo"] == nil && seen[1] == "" {
		h.addLink(loopback())
	}
	for i := range h.addrs {
		a := &h.addrs[i]
		h.byLink[a.Link] = append(h.byLink[a.Link], *a)
		h.owned[a.Local] = a.Link
	}
	return nil
}

var linkTypes = map[string]uint16{
	"": nf.ARPHRDEther, "ether": nf.ARPHRDEther, "loopback": nf.ARPHRDLoopback,
	"none": nf.ARPHRDNone, "ppp": nf.ARPHRDPPP, "sit": 776, "ipip": 768, "gre": 778,
	"tunnel6": 769, "gre6": 823, "rawip": 519,
}

func (h *Host) loadLink(jl *jsonLink) error {
	l := nf.NewLink(jl.Index, jl.Name)
	t, known := linkTypes[jl.LinkType]
	if !known {
		t = 0xffff // ARPHRD_VOID
	}
	l.Type, l.Kind = t, jl.Info.Kind
	l.Ether = t == nf.ARPHRDEther
	if jl.MTU > 0 {
		l.MTU = jl.MTU
	}
	if jl.Group != "" && jl.Group != "default" {
		fmt.Sscanf(jl.Group, "%d", &l.Group)
	}
	if mac, err := net.ParseMAC(jl.Address); err == nil && len(mac) == 6 {
		copy(l.MAC[:], mac)
	}
	h.addLink(l)
	for _, ja := range jl.Addrs {
		a, err := ja.address(l)
		if err != nil {
			return fmt.Errorf("host description: addr: %s: %w", jl.Name, err)
		}
		if a.Local.IsValid() {
			h.addrs = append(h.addrs, a)
		}
	}
	return nil
}

var scopes = map[string]Scope{"": ScopeUniverse, "global": ScopeUniverse, "site": ScopeSite,
	"link": ScopeLink, "host": ScopeHost, "nowhere": ScopeNowhere}

func (ja *jsonAddr) address(l *nf.Link) (Address, error) {
	if ja.Local == "" {
		return Address{}, nil
	}
	local, err := netip.ParseAddr(ja.Local)
	if err != nil {
		return Address{}, err
	}
	a := Address{Link: l, Local: local, Secondary: ja.Secondary, Deprecated: ja.Deprecated, Tentative: ja.Tentative, Scope: scopes[ja.Scope]}
	net := local
	if ja.Peer != "" {
		if net, err = netip.ParseAddr(ja.Peer); err != nil {
			return Address{}, err
		}
	}
	if a.Prefix, err = net.Prefix(ja.PrefixLen); err != nil {
		return Address{}, err
	}
	if ja.Broadcast != "" {
		if a.Broadcast, err = netip.ParseAddr(ja.Broadcast); err != nil {
			return Address{}, err
		}
	}
	return a, nil
}

func (h *Host) loadNeighbours(list []jsonNeigh) error {
	for _, jn := range list {
		if jn.LLAddr == "" {
			continue
		}
		l := h.byName[jn.Dev]
		a, err := netip.ParseAddr(jn.Dst)
		if l == nil || err != nil {
			return fmt.Errorf("host description: neigh: %q on %q: no such address or interface", jn.Dst, jn.Dev)
		}
		mac, err := net.ParseMAC(jn.LLAddr)
		if err != nil || len(mac) != 6 {
			continue // not Ethernet
		}
		h.neighbours[neighbourKey{l, a}] = [6]byte(mac)
	}
	return nil
}
