//go:build linux

package rtnetlink

import (
	"golang.org/x/sys/unix"

	"nfvm/host"
)

// address reads an address (struct ifaddrmsg: family, prefix length, flags,
// scope, then the link's index in bytes 4 to 7).
func (r *reader) address(b []byte) {
	if len(b) < unix.SizeofIfAddrmsg {
		return
	}
	flags := uint32(b[2])
	a := host.Address{Scope: host.Scope(b[3])}
	peer := a.Local
	for t, v := range below(b, unix.SizeofIfAddrmsg) {
		switch t {
		case unix.IFA_LOCAL:
			a.Local = addr(v)
		case unix.IFA_ADDRESS:
			peer = addr(v)
		case unix.IFA_BROADCAST:
			a.Broadcast = addr(v)
		case unix.IFA_FLAGS:
			flags = u32(v)
		}
	}
	if !a.Local.IsValid() { // IPv6 gives a local address only where there is a peer
		a.Local = peer
	}
	if !peer.IsValid() {
		peer = a.Local
	}
	var err error
	if a.Prefix, err = peer.Prefix(int(b[1])); err != nil {
		return
	}
	if a.Link = r.byIndex(u32(b[4:])); a.Link == nil {
		return
	}
	// For IPv6 the same bit marks a temporary address, which is as good as any.
	a.Secondary = b[0] == unix.AF_INET && flags&unix.IFA_F_SECONDARY != 0
	a.Deprecated = flags&unix.IFA_F_DEPRECATED != 0
	a.Tentative = flags&unix.IFA_F_TENTATIVE != 0
	r.Addresses = append(r.Addresses, a)
}
