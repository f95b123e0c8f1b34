//go:build linux

package rtnetlink

import (
	"golang.org/x/sys/unix"

	"nfvm/host"
)

// A nexthop is a nexthop object (ip-nexthop(8)): one way out, or a group of
// others.
type nexthop struct {
	hopMsg
	blackhole bool
	group     []groupMember
}

type groupMember struct {
	id     uint32
	weight int
}

// addNexthops gives a route the next hops of its object, for a kernel that does
// not repeat them in the route (sysctl net.ipv4.nexthop_compat_mode). It reports
// whether the route is still to be filed.
func (r *reader) addNexthops(m *routeMsg) bool {
	if r.nexthops == nil { // the routes are being dumped: resolve them after
		r.unresolved = append(r.unresolved, *m)
		return false
	}
	n, ok := r.nexthops[m.nexthop]
	switch {
	case !ok:
		r.torn = true
		return false
	case n.blackhole:
		m.Type = host.Blackhole
		r.Routes = append(r.Routes, m.Route)
		return false
	case n.group == nil:
		r.addHop(m, &n.hopMsg)
	}
	for _, member := range n.group {
		if hop, ok := r.nexthops[member.id]; ok && !hop.blackhole {
			hop.weight = member.weight
			r.addHop(m, &hop.hopMsg)
		}
	}
	return true
}

// nexthop reads a nexthop object (struct nhmsg: family, scope, protocol,
// padding, flags in bytes 4 to 7).
func (r *reader) nexthop(b []byte) {
	if len(b) < unix.SizeofNhmsg {
		return
	}
	var id uint32
	n := nexthop{hopMsg: hopMsg{flags: u32(b[4:]), weight: 1}}
	for t, v := range below(b, unix.SizeofNhmsg) {
		switch t {
		case unix.NHA_ID:
			id = u32(v)
		case unix.NHA_OIF:
			n.dev = u32(v)
		case unix.NHA_GATEWAY:
			n.gateway = addr(v)
		case unix.NHA_BLACKHOLE:
			n.blackhole = true
		case unix.NHA_ENCAP:
			n.encap = true
		case unix.NHA_GROUP:
			n.group = group(v)
		}
	}
	r.nexthops[id] = n
}

// group reads a list of struct nexthop_grp: id, weight less one, its upper
// byte, 2 bytes of padding.
func group(b []byte) []groupMember {
	all := []groupMember{}
	for ; len(b) >= unix.SizeofNexthopGrp; b = b[unix.SizeofNexthopGrp:] {
		all = append(all, groupMember{id: u32(b), weight: int(b[4]) + int(b[5])<<8 + 1})
	}
	return all
}

// resolveNexthops files the routes that name an object only.
func (r *reader) resolveNexthops(c *Conn) error {
	if len(r.unresolved) == 0 {
		return nil
	}
	r.nexthops = map[uint32]nexthop{}
	if _, err := r.dump(c, "next hops", unix.RTM_GETNEXTHOP, make([]byte, unix.SizeofNhmsg), r.nexthop); err != nil {
		return err
	}
	for i := range r.unresolved {
		r.addRoute(&r.unresolved[i])
	}
	return nil
}
