package host

import (
	"net/netip"

	"nfvm/nf"
)

// An Address is an address of one of the host's links.
type Address struct {
	Link      *nf.Link
	Local     netip.Addr
	Prefix    netip.Prefix // of the peer, where there is one
	Broadcast netip.Addr
	Scope     Scope
	Secondary bool
	// Deprecated and Tentative addresses are not chosen as a source.
	Deprecated, Tentative bool
}

// Owns reports whether a is an address of the host, on any link.
func (h *Host) Owns(a netip.Addr) bool {
	_, ok := h.owned[a]
	return ok
}

// OwnsOn reports whether a is an address of link l.
func (h *Host) OwnsOn(a netip.Addr, l *nf.Link) bool {
	for i := range h.addrs {
		if h.addrs[i].Local == a && h.addrs[i].Link == l {
			return true
		}
	}
	return false
}

// Addresses lists the addresses of link l in the kernel's order: the order of
// `ip addr` for IPv4 and IPv6.
func (h *Host) Addresses(l *nf.Link) []Address { return h.byLink[l] }

// SelectSource4 is inet_select_addr: the first primary address of dev whose
// subnet contains dst (any, when dst is invalid), else dev's first primary one,
// else one of another link whose scope is not link. scope bounds how narrow the
// address may be.
func (h *Host) SelectSource4(dev *nf.Link, dst netip.Addr, scope Scope) (netip.Addr, bool) {
	var first netip.Addr
	for i := range h.byLink[dev] {
		a := &h.byLink[dev][i]
		if !a.Local.Is4() || a.Secondary || min(a.Scope, ScopeLink) > scope {
			continue
		}
		if !dst.IsValid() || a.Prefix.Contains(dst) {
			return a.Local, true
		}
		if !first.IsValid() {
			first = a.Local
		}
	}
	if first.IsValid() {
		return first, true
	}
	for i := range h.addrs {
		a := &h.addrs[i]
		if a.Local.Is4() && !a.Secondary && a.Scope != ScopeLink && a.Scope <= scope {
			return a.Local, true
		}
	}
	return netip.Addr{}, false
}

// FirstAddress4 is the address that redirect translates to: the first one of
// the link.
func (h *Host) FirstAddress4(l *nf.Link) (netip.Addr, bool) {
	for i := range h.byLink[l] {
		if a := h.byLink[l][i].Local; a.Is4() {
			return a, true
		}
	}
	return netip.Addr{}, false
}

// FirstAddress6 is the IPv6 address that redirect translates to: the first one
// of the link that is not tentative; for a link-local dst it has to be one, too.
func (h *Host) FirstAddress6(l *nf.Link, dst netip.Addr) (netip.Addr, bool) {
	want := scope6(dst)
	for i := range h.byLink[l] {
		a := &h.byLink[l][i]
		if a.Local.Is4() || a.Local.Is4In6() || a.Tentative || want != ScopeUniverse && scope6(a.Local) != want {
			continue
		}
		return a.Local, true
	}
	return netip.Addr{}, false
}

// scope6 is the scope of an IPv6 address (ipv6_addr_scope).
func scope6(a netip.Addr) Scope {
	switch {
	case a.IsLoopback():
		return ScopeHost
	case a.IsLinkLocalUnicast(), a.IsLinkLocalMulticast(), a.IsInterfaceLocalMulticast():
		return ScopeLink
	}
	return ScopeUniverse
}
