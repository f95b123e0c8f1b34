package host

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
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
		Flow     *jsonFlow       `json:"flow"`
		NextHops []jsonHop       `json:"nexthops"`
		Flags    []string        `json:"flags"`
	}
	jsonFlow struct { // realms
		From string `json:"from"`
		To   string `json:"to"`
	}
	jsonVia struct {
		Host string `json:"host"`
	}
	jsonHop struct {
		Gateway string   `json:"gateway"`
		Via     *jsonVia `json:"via"`
		Dev     string   `json:"dev"`
		Weight  int      `json:"weight"`
		Flags   []string `json:"flags"`
	}
	jsonMetrics struct {
		MTU    int `json:"mtu"`
		AdvMSS int `json:"advmss"`
	}
)

var tableNames = map[string]uint32{"": TableMain, "unspec": TableUnspec, "default": TableDefault, "main": TableMain, "local": TableLocal}

// loadRoutes reads the listed routes, each once (`ip route show table all`
// prints IPv6 routes too), and adds those that the kernel keeps for addresses
// where the listing leaves them out.
func (l *loader) loadRoutes(j *jsonHost) error {
	seen := map[string]bool{}
	for i, list := range [][]jsonRoute{j.Route, j.Route6} {
		for k := range list {
			jr := &list[k]
			r, usable, err := l.route(jr, i == 1 || jr.Pref != nil)
			if err != nil {
				return fmt.Errorf("route to %q: %w", jr.Dst, err)
			}
			key := fmt.Sprint(r.Table, r.Dst, r.Type, r.TOS, r.Metric, jr.Gateway, jr.Dev, jr.NextHops)
			if i == 1 && seen[key] || !usable {
				continue
			}
			seen[key] = true
			l.Routes = append(l.Routes, r)
		}
	}
	l.addAddressRoutes(len(j.Route) == 0 && len(j.Route6) == 0)
	return nil
}

// route reads one route. A route whose next hops are all dead is not usable.
func (l *loader) route(jr *jsonRoute, six bool) (r Route, usable bool, err error) {
	t, ok := routeTypes[jr.Type]
	if !ok {
		return r, false, fmt.Errorf("unknown type %q", jr.Type)
	}
	r = Route{Type: t, Metric: jr.Metric, Scope: scope(jr.Scope), Kernel: jr.Protocol == "kernel"}
	if r.Table, err = number(jr.Table, tableNames); err != nil {
		return r, false, err
	}
	if r.Dst, err = prefix(jr.Dst, six || strings.Contains(jr.Gateway, ":")); err != nil {
		return r, false, err
	}
	if jr.TOS != "" {
		n, err := number(jr.TOS, nil)
		if err != nil {
			return r, false, err
		}
		r.TOS = uint8(n)
	}
	if jr.PrefSrc != "" {
		if r.PrefSrc, err = netip.ParseAddr(jr.PrefSrc); err != nil {
			return r, false, err
		}
	}
	if jr.Flow != nil {
		if r.Realm, err = jr.Flow.realm(); err != nil {
			return r, false, err
		}
	}
	r.metrics(jr.Metrics)
	usable, err = l.hops(&r, jr)
	return r, usable, err
}

// realm gives the realms of a route as the kernel packs them.
func (f *jsonFlow) realm() (uint32, error) {
	cosmos := map[string]uint32{"": 0, "cosmos": 0}
	from, err := number(f.From, cosmos)
	if err != nil {
		return 0, err
	}
	to, err := number(f.To, cosmos)
	return from<<16 | to&0xffff, err
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

// hops reads the route's next hops but those that are dead, and reports whether
// the route can be used without them.
func (l *loader) hops(r *Route, jr *jsonRoute) (usable bool, err error) {
	list := jr.NextHops
	if len(list) == 0 && jr.Dev != "" && !r.Type.errorType() {
		list = []jsonHop{{Gateway: jr.Gateway, Via: jr.Via, Dev: jr.Dev, Weight: 1, Flags: jr.Flags}}
	}
	for _, jh := range list {
		hop := NextHop{Dev: l.byName[jh.Dev], Weight: max(jh.Weight, 1)}
		if hop.Dev == nil {
			return false, fmt.Errorf("unknown interface %q", jh.Dev)
		}
		gw := jh.Gateway
		if jh.Via != nil {
			gw = jh.Via.Host
		}
		if gw != "" {
			if hop.Gateway, err = netip.ParseAddr(gw); err != nil {
				return false, err
			}
		}
		if !slices.Contains(jh.Flags, "dead") {
			r.Hops = append(r.Hops, hop)
		}
	}
	return len(r.Hops) > 0 || len(list) == 0, nil
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
