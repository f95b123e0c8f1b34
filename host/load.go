package host

import (
	"encoding/json"
	"fmt"
	"net"
	"net/netip"

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
		VLAN   []jsonVLANs    `json:"vlan"`
		FDB    []jsonStation  `json:"fdb"`
		Sysctl map[string]any `json:"sysctl"`
	}
	jsonLink struct {
		Index    int    `json:"ifindex"`
		Name     string `json:"ifname"`
		MTU      int    `json:"mtu"`
		LinkType string `json:"link_type"`
		Address  string `json:"address"`
		Group    string `json:"group"`
		Master   string `json:"master"`
		// Flags are those of ip-link(8), such as UP and LOWER_UP; without the
		// key the link is up.
		Flags *[]string `json:"flags"`
		Info  struct {
			Kind string          `json:"info_kind"`
			Data json.RawMessage `json:"info_data"`
			Port json.RawMessage `json:"info_slave_data"`
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

// A loader fills a Config from iproute2's JSON.
type loader struct {
	Config
	byName map[string]*nf.Link
}

// Load makes a host from HOST.json: an object whose values are what iproute2
// prints with -j. Every key is optional; unknown keys are an error, so that a
// misspelt one is not silently without effect.
func Load(data []byte) (*Host, error) {
	c, err := ParseConfig(data)
	if err != nil {
		return nil, err
	}
	h, err := New(c)
	if err != nil {
		return nil, fmt.Errorf("host description: %w", err)
	}
	return h, nil
}

// ParseConfig reads HOST.json (see Load). What the kernel makes by itself and
// the listing leaves out is added: lo, and the routes of addresses.
func ParseConfig(data []byte) (Config, error) {
	var j jsonHost
	if err := decode(data, &j); err != nil {
		return Config{}, err
	}
	l := loader{byName: map[string]*nf.Link{}}
	l.loadSysctls(&j)
	for _, load := range []func(*jsonHost) error{l.loadLinks, l.loadBridges, l.loadRoutes, l.loadRules, l.loadNeighbours} {
		if err := load(&j); err != nil {
			return Config{}, fmt.Errorf("host description: %w", err)
		}
	}
	return l.Config, nil
}

func (l *loader) loadSysctls(j *jsonHost) {
	l.Sysctls = map[string]string{}
	for k, v := range j.Sysctl {
		l.Sysctls[k] = fmt.Sprint(v)
	}
	if j.Sysctl == nil && len(j.Addr) > 2 {
		// Nobody says whether it forwards; with two links and lo it is a router.
		l.Sysctls["net.ipv4.ip_forward"], l.Sysctls["net.ipv6.conf.all.forwarding"] = "1", "1"
	}
}

// decode reads the object key by key, so that an error names the key.
func decode(data []byte, j *jsonHost) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return fmt.Errorf("host description: %w", err)
	}
	dst := map[string]any{"addr": &j.Addr, "route": &j.Route, "route6": &j.Route6, "rule": &j.Rule,
		"rule6": &j.Rule6, "neigh": &j.Neigh, "vlan": &j.VLAN, "fdb": &j.FDB, "sysctl": &j.Sysctl}
	for key, val := range raw {
		d, ok := dst[key]
		if !ok {
			return fmt.Errorf("host description: unknown key %q (known: addr, route, route6, rule, rule6, neigh, vlan, fdb, sysctl)", key)
		}
		if err := json.Unmarshal(val, d); err != nil {
			return fmt.Errorf("host description: %q: %w", key, err)
		}
	}
	return nil
}

func (l *loader) loadNeighbours(j *jsonHost) error {
	for _, jn := range j.Neigh {
		if jn.LLAddr == "" {
			continue
		}
		link := l.byName[jn.Dev]
		a, err := netip.ParseAddr(jn.Dst)
		if link == nil || err != nil {
			return fmt.Errorf("neigh: %q on %q: no such address or interface", jn.Dst, jn.Dev)
		}
		mac, err := net.ParseMAC(jn.LLAddr)
		if err != nil || len(mac) != 6 {
			continue // not Ethernet
		}
		l.Neighbours = append(l.Neighbours, Neighbour{Link: link, Addr: a, MAC: [6]byte(mac)})
	}
	return nil
}
