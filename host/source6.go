package host

import (
	"math/bits"
	"net/netip"

	"nfvm/nf"
)

// SelectSource6 is the default source address selection of RFC 6724 as the
// kernel does it (ipv6_dev_get_saddr): among the host's addresses, those of the
// output link preferred, the best one for dst.
func (h *Host) SelectSource6(dev *nf.Link, dst netip.Addr) (netip.Addr, bool) {
	var best *Address
	for i := range h.addrs {
		a := &h.addrs[i]
		if a.Local.Is4() || a.Tentative || a.Local.IsMulticast() || a.Local.IsUnspecified() {
			continue
		}
		// An address narrower than the link is of no use off its link.
		if scope6(dst) == ScopeLink && a.Link != dev || a.Link != dev && scope6(a.Local) == ScopeLink {
			continue
		}
		if best == nil || sourceBetter(a, best, dev, dst) {
			best = a
		}
	}
	if best == nil {
		return netip.Addr{}, false
	}
	return best.Local, true
}

// sourceBetter compares by the rules of RFC 6724 section 5, in their order.
func sourceBetter(a, b *Address, dev *nf.Link, dst netip.Addr) bool {
	if (a.Local == dst) != (b.Local == dst) { // rule 1: same address
		return a.Local == dst
	}
	if sa, sb, d := width(a.Local), width(b.Local), width(dst); sa != sb { // rule 2: scope
		if sa < sb {
			return sa >= d
		}
		return sb < d
	}
	if a.Deprecated != b.Deprecated { // rule 3
		return !a.Deprecated
	}
	if (a.Link == dev) != (b.Link == dev) { // rule 5: outgoing interface
		return a.Link == dev
	}
	if la, lb, d := label(a.Local), label(b.Local), label(dst); (la == d) != (lb == d) { // rule 6
		return la == d
	}
	return commonBits(a, dst) > commonBits(b, dst) // rule 8: longest matching prefix
}

// width orders scopes from narrow to wide, as multicast scope values do.
func width(a netip.Addr) int {
	switch scope6(a) {
	case ScopeHost:
		return 1
	case ScopeLink:
		return 2
	}
	return 14
}

// label is the policy table of RFC 6724 section 2.1, with the kernel's additions.
func label(a netip.Addr) int {
	b := a.As16()
	switch {
	case a.IsLoopback():
		return 0
	case a.Is4In6():
		return 4
	case b[0] == 0x20 && b[1] == 0x02:
		return 2
	case b[0] == 0x20 && b[1] == 0x01 && b[2] == 0 && b[3] == 0:
		return 6
	case b[0]&0xfe == 0xfc:
		return 5
	}
	return 1
}

// commonBits is the length of the common prefix, no longer than the address's own.
func commonBits(a *Address, dst netip.Addr) int {
	x, y := a.Local.As16(), dst.As16()
	for i := range x {
		if d := x[i] ^ y[i]; d != 0 {
			return min(i*8+bits.LeadingZeros8(d), a.Prefix.Bits())
		}
	}
	return a.Prefix.Bits()
}
