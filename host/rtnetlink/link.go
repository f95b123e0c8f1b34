//go:build linux

package rtnetlink

import (
	"golang.org/x/sys/unix"

	"nfvm/nf"
)

// link reads a link (struct ifinfomsg: family, type in bytes 2 and 3, index in
// 4 to 7, flags in 8 to 11).
func (r *reader) link(b []byte) {
	if len(b) < unix.SizeofIfInfomsg {
		return
	}
	var name, kind string
	l := nf.NewLink(int(int32(u32(b[4:]))), "")
	l.MTU = 0
	for t, v := range below(b, unix.SizeofIfInfomsg) {
		switch t {
		case unix.IFLA_IFNAME:
			name = text(v)
		case unix.IFLA_MTU:
			l.MTU = int(u32(v))
		case unix.IFLA_ADDRESS:
			if len(v) == 6 {
				l.MAC = [6]byte(v)
			}
		case unix.IFLA_GROUP:
			l.Group = u32(v)
		case unix.IFLA_MASTER:
			l.Master = int(u32(v))
		case unix.IFLA_LINKINFO:
			for t, v := range attrs(v) {
				if t == unix.IFLA_INFO_KIND {
					kind = text(v)
				}
			}
		}
	}
	if name == "" || len(name) >= nf.IfNameSize || l.Index <= 0 {
		return
	}
	flags := u32(b[8:])
	l.Name, l.Kind = name, kind
	copy(l.Key[:], name)
	l.Type = u16(b[2:])
	l.Ether = l.Type == nf.ARPHRDEther
	l.Up, l.LowerUp = flags&unix.IFF_UP != 0, flags&unix.IFF_LOWER_UP != 0
	// A link that is what it was stays the same link.
	if known := r.known[l.Index]; known != nil && *known == *l {
		l = known
	}
	r.links[l.Index] = l
	r.Links = append(r.Links, l)
}
