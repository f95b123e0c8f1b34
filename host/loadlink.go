package host

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"

	"nfvm/nf"
)

func (l *loader) loadLinks(j *jsonHost) error {
	indices := map[int]bool{}
	for i := range j.Addr {
		jl := &j.Addr[i]
		if jl.Name == "" && jl.Index == 0 { // iproute2 leaves empty objects for what it filters
			continue
		}
		indices[jl.Index] = true
		if err := l.loadLink(jl); err != nil {
			return fmt.Errorf("addr: %s: %w", jl.Name, err)
		}
	}
	if l.byName["lo"] == nil && !indices[1] {
		l.addLink(loopback())
	}
	for i := range j.Addr {
		if master := l.byName[j.Addr[i].Master]; master != nil {
			l.byName[j.Addr[i].Name].Master = master.Index
		}
	}
	return nil
}

func (l *loader) addLink(link *nf.Link) {
	l.Links = append(l.Links, link)
	l.byName[link.Name] = link
}

var linkTypes = map[string]uint16{
	"": nf.ARPHRDEther, "ether": nf.ARPHRDEther, "loopback": nf.ARPHRDLoopback,
	"none": nf.ARPHRDNone, "ppp": nf.ARPHRDPPP, "sit": 776, "ipip": 768, "gre": 778,
	"tunnel6": 769, "gre6": 823, "rawip": 519,
}

func (l *loader) loadLink(jl *jsonLink) error {
	link := nf.NewLink(jl.Index, jl.Name)
	t, known := linkTypes[jl.LinkType]
	if !known {
		t = 0xffff // ARPHRD_VOID
	}
	link.Type, link.Kind = t, jl.Info.Kind
	link.Ether = t == nf.ARPHRDEther
	if jl.MTU > 0 {
		link.MTU = jl.MTU
	}
	if jl.Group != "" && jl.Group != "default" {
		fmt.Sscanf(jl.Group, "%d", &link.Group)
	}
	if mac, err := net.ParseMAC(jl.Address); err == nil && len(mac) == 6 {
		copy(link.MAC[:], mac)
	}
	if jl.Flags != nil {
		link.Up, link.LowerUp = slices.Contains(*jl.Flags, "UP"), slices.Contains(*jl.Flags, "LOWER_UP")
	}
	l.addLink(link)
	for _, ja := range jl.Addrs {
		a, err := ja.address(link)
		if err != nil {
			return err
		}
		if a.Local.IsValid() {
			l.Addresses = append(l.Addresses, a)
		}
	}
	return nil
}

var scopes = map[string]Scope{"": ScopeUniverse, "global": ScopeUniverse, "site": ScopeSite,
	"link": ScopeLink, "host": ScopeHost, "nowhere": ScopeNowhere}

// scope reads the name or number of a scope.
func scope(s string) Scope {
	if v, ok := scopes[s]; ok {
		return v
	}
	n, _ := strconv.ParseUint(s, 0, 8)
	return Scope(n)
}

func (ja *jsonAddr) address(l *nf.Link) (Address, error) {
	if ja.Local == "" {
		return Address{}, nil
	}
	local, err := netip.ParseAddr(ja.Local)
	if err != nil {
		return Address{}, err
	}
	a := Address{Link: l, Local: local, Secondary: ja.Secondary, Deprecated: ja.Deprecated, Tentative: ja.Tentative, Scope: scope(ja.Scope)}
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
