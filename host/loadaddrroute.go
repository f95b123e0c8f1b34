package host

import "net/netip"

// addressRoutes is what addAddressRoutes keeps while it adds to a Config.
type addressRoutes struct {
	*Config
	// have holds, by place in Routes, the routes of each prefix of each table.
	have map[routePlace][]int
}

type routePlace struct {
	table uint32
	dst   netip.Prefix
}

// addAddressRoutes adds what the kernel makes for an address: a local route, and
// with connected also the route to its subnet and the broadcast routes.
func (c *Config) addAddressRoutes(connected bool) {
	ar := addressRoutes{c, map[routePlace][]int{}}
	for i := range c.Routes {
		ar.note(i)
	}
	for i := range c.Addresses {
		a := &c.Addresses[i]
		hops := []NextHop{{Dev: a.Link, Weight: 1}}
		if !a.Tentative { // not ours until its uniqueness is established
			ar.add(Route{Type: Local, Table: TableLocal, Dst: hostPrefix(a.Local), Scope: ScopeHost, PrefSrc: a.Local, Hops: hops})
		}
		if !connected {
			continue
		}
		if a.Link.Name == "lo" && a.Local.Is4() {
			ar.add(Route{Type: Local, Table: TableLocal, Dst: a.Prefix.Masked(), Scope: ScopeHost, PrefSrc: a.Local, Hops: hops})
			continue
		}
		if a.Link.Name == "lo" {
			continue
		}
		ar.add(Route{Type: Unicast, Table: TableMain, Dst: a.Prefix.Masked(), Scope: ScopeLink, PrefSrc: a.Local, Hops: hops})
		if a.Local.Is4() && a.Prefix.Bits() < 31 {
			ar.add(Route{Type: Broadcast, Table: TableLocal, Dst: hostPrefix(lastAddr(a.Prefix)), Scope: ScopeLink, PrefSrc: a.Local, Hops: hops})
		}
		if !a.Local.Is4() {
			ar.add(Route{Type: Multicast, Table: TableLocal, Dst: netip.MustParsePrefix("ff00::/8"), Hops: hops})
		}
	}
}

func (ar *addressRoutes) note(i int) {
	place := routePlace{ar.Routes[i].Table, ar.Routes[i].Dst}
	ar.have[place] = append(ar.have[place], i)
}

// add adds a route unless its prefix has one on the same device.
func (ar *addressRoutes) add(r Route) {
	for _, i := range ar.have[routePlace{r.Table, r.Dst}] {
		have := &ar.Routes[i]
		if have.Type == r.Type && (len(have.Hops) == 0 || have.usesDevice(r.Hops[0].Dev)) {
			return
		}
	}
	r.Kernel = true
	ar.Routes = append(ar.Routes, r)
	ar.note(len(ar.Routes) - 1)
}

// lastAddr is the broadcast address of an IPv4 subnet.
func lastAddr(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().As4()
	for i := p.Bits(); i < 32; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	return netip.AddrFrom4(b)
}
