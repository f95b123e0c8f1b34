package host

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

type (
	jsonRoute struct {
		Type     string          `json:"type"`
		Dst      string          `json:"dst"`
		Gateway  string          `json:"gateway"`
		Via      *jsonVia        `json:"via"`
		Dev      string          `json:"dev"`
		Table    string          `json:"table"`
		Scope    string          `json:"scope"`
		Protocol string          `json:"protocol"`
		PrefSrc  string          `json:"prefsrc"`
		Metric   uint32          `json:"metric"`
		TOS      string          `json:"tos"`
		Pref     *string         `json:"pref"` // only IPv6 routes have it
		Metrics  json.RawMessage `json:"metrics"`
		Flow     *struct {
			To string `json:"to"`
		} `json:"flow"`
		NextHops []jsonHop `json:"nexthops"`
		Flags    []string  `json:"flags"`
	}
	jsonVia struct {
		Host string `json:"host"`
	}
	jsonHop struct {
		Gateway string   `json:"gateway"`
		Via     *jsonVia `json:"via"`
		Dev     string   `json:"dev"`
		Weight  int      `json:"weight"`
	}
	jsonMetrics struct {
		MTU    int `json:"mtu"`
		AdvMSS int `json:"advmss"`
	}
)

var tableNames = map[string]uint32{"": TableMain, "unspec": TableUnspec, "default": TableDefault, "main": TableMain, "local": TableLocal}

// loadRoutes files the listed routes, each once (`ip route show table all`
// prints IPv6 routes too), and adds those that the kernel keeps for addresses
// where the listing leaves them out.
func (h *Host) loadRoutes(j jsonHost) error {
	seen := map[string]bool{}
	for i, list := range [][]jsonRoute{j.Route, j.Route6} {
		for k := range list {
			jr := &list[k]
			r, err := h.route(jr, i == 1 || jr.Pref != nil)
			if err != nil {
				return fmt.Errorf("host description: route to %q: %w", jr.Dst, err)
			}
			key := fmt.Sprint(r.Table, r.Dst, r.Type, r.TOS, r.Metric, jr.Gateway, jr.Dev, jr.NextHops)
			if i == 1 && seen[key] {
				continue
			}
			seen[key] = true
			h.table(r.Table).insert(r)
			h.customFIB = h.customFIB || r.Type == Local && r.Dst.Addr().Is4() && jr.Protocol != "kernel"
		}
	}
	h.addressRoutes(len(j.Route) == 0 && len(j.Route6) == 0)
	return nil
}

func (h *Host) route(jr *jsonRoute, six bool) (*Route, error) {
	t, ok := routeTypes[jr.Type]
	if !ok {
		return nil, fmt.Errorf("unknown type %q", jr.Type)
	}
	r := &Route{Type: t, Metric: jr.Metric, Scope: scopes[jr.Scope]}
	var err error
	if r.Table, err = number(jr.Table, tableNames); err != nil {
		return nil, err
	}
	if r.Dst, err = prefix(jr.Dst, six || strings.Contains(jr.Gateway, ":")); err != nil {
		return nil, err
	}
	if jr.TOS != "" {
		n, err := number(jr.TOS, nil)
		if err != nil {
			return nil, err
		}
		r.TOS = uint8(n)
	}
	if jr.PrefSrc != "" {
		if r.PrefSrc, err = netip.ParseAddr(jr.PrefSrc); err != nil {
			return nil, err
		}
	}
	if jr.Flow != nil {
		n, err := number(jr.Flow.To, map[string]uint32{"cosmos": 0})
		if err != nil {
			return nil, err
		}
		r.Realm = n
	}
	r.metrics(jr.Metrics)
	return r, h.hops(r, jr)
}

// metrics reads the route's metrics: iproute2 prints a list of one object.
func (r *Route) metrics(raw json.RawMessage) {
	var m []jsonMetrics
	if json.Unmarshal(raw, &m) == nil {
		for _, v := range m {
			r.MTU, r.AdvMSS = max(r.MTU, v.MTU), max(r.AdvMSS, v.AdvMSS)
		}
	}
}

func (h *Host) hops(r *Route, jr *jsonRoute) error {
	list := jr.NextHops
	if len(list) == 0 && jr.Dev != "" && !r.Type.errorType() {
		list = []jsonHop{{Gateway: jr.Gateway, Via: jr.Via, Dev: jr.Dev, Weight: 1}}
	}
	for _, jh := range list {
		hop := NextHop{Dev: h.byName[jh.Dev], Weight: max(jh.Weight, 1)}
		if hop.Dev == nil {
			return fmt.Errorf("unknown interface %q", jh.Dev)
		}
		gw := jh.Gateway
		if jh.Via != nil {
			gw = jh.Via.Host
		}
		if gw != "" {
			var err error
			if hop.Gateway, err = netip.ParseAddr(gw); err != nil {
				return err
			}
		}
		r.Hops = append(r.Hops, hop)
	}
	return nil
}

// addressRoutes adds what the kernel makes for an address: a local route, and
// with connected also the route to its subnet and the broadcast routes.
func (h *Host) addressRoutes(connected bool) {
	for i := range h.addrs {
		a := &h.addrs[i]
		hops := []NextHop{{Dev: a.Link, Weight: 1}}
		local := netip.PrefixFrom(a.Local, a.Local.BitLen())
		h.addMissing(&Route{Type: Local, Table: TableLocal, Dst: local, Scope: ScopeHost, PrefSrc: a.Local, Hops: hops})
		if !connected {
			continue
		}
		if a.Link.Name == "lo" && a.Local.Is4() {
			h.addMissing(&Route{Type: Local, Table: TableLocal, Dst: a.Prefix.Masked(), Scope: ScopeHost, PrefSrc: a.Local, Hops: hops})
			continue
		}
		if a.Link.Name == "lo" {
			continue
		}
		h.addMissing(&Route{Type: Unicast, Table: TableMain, Dst: a.Prefix.Masked(), Scope: ScopeLink, PrefSrc: a.Local, Hops: hops})
		if a.Local.Is4() && a.Prefix.Bits() < 31 {
			h.addMissing(&Route{Type: Broadcast, Table: TableLocal, Dst: netip.PrefixFrom(lastAddr(a.Prefix), 32), Scope: ScopeLink, PrefSrc: a.Local, Hops: hops})
		}
		if !a.Local.Is4() {
			h.addMissing(&Route{Type: Multicast, Table: TableLocal, Dst: netip.MustParsePrefix("ff00::/8"), Hops: hops})
		}
	}
}

// addMissing inserts a route unless its prefix has one on the same device.
func (h *Host) addMissing(r *Route) {
	list, _ := h.table(r.Table).routes.Get(r.Dst)
	for _, have := range list {
		if have.Type == r.Type && (len(have.Hops) == 0 || have.usesDevice(r.Hops[0].Dev)) {
			return
		}
	}
	h.table(r.Table).insert(r)
}

func lastAddr(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().As4()
	for i := p.Bits(); i < 32; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	return netip.AddrFrom4(b)
}

// prefix reads a destination: "default", an address or a prefix.
func prefix(s string, six bool) (netip.Prefix, error) {
	if s == "default" || s == "all" || s == "" {
		if six {
			return netip.PrefixFrom(netip.IPv6Unspecified(), 0), nil
		}
		return netip.PrefixFrom(netip.IPv4Unspecified(), 0), nil
	}
	if !strings.Contains(s, "/") {
		a, err := netip.ParseAddr(s)
		return netip.PrefixFrom(a, a.BitLen()), err
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err
}

// number reads a decimal or hexadecimal number, or one of names.
func number(s string, names map[string]uint32) (uint32, error) {
	if n, ok := names[s]; ok {
		return n, nil
	}
	n, err := strconv.ParseUint(s, 0, 32)
	if err != nil {
		return 0, fmt.Errorf("%q is not a number", s)
	}
	return uint32(n), nil
}
