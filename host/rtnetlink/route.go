//go:build linux

package rtnetlink

import (
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"

	"nfvm/host"
)

// rtaNHID names a nexthop object (RTA_NH_ID of linux/rtnetlink.h).
const rtaNHID = 30

// route reads a route (struct rtmsg: family, length of destination and source,
// TOS, table, protocol, scope, type, flags in bytes 8 to 11). What the model
// does not have is ignored or leaves the route out, and a remark says which.
func (r *reader) route(b []byte) {
	if len(b) < unix.SizeofRtMsg || u32(b[8:])&unix.RTM_F_CLONED != 0 {
		return
	}
	m := routeMsg{Route: host.Route{Type: host.RouteType(b[7]), Table: uint32(b[4]), TOS: b[3],
		Scope: host.Scope(b[6]), Kernel: b[5] == unix.RTPROT_KERNEL}}
	dst := anywhere(b[0])
	for t, v := range below(b, unix.SizeofRtMsg) {
		switch t {
		case unix.RTA_DST:
			dst = addr(v)
		case unix.RTA_TABLE:
			m.Table = u32(v)
		case unix.RTA_PRIORITY:
			m.Metric = u32(v)
		case unix.RTA_PREFSRC:
			m.PrefSrc = addr(v)
		case unix.RTA_FLOW:
			m.Realm = u32(v)
		case unix.RTA_METRICS:
			m.metrics(v)
		case rtaNHID:
			m.nexthop = u32(v)
		case unix.RTA_MULTIPATH:
			m.multipath = v
		default:
			m.hop.attr(t, v)
		}
	}
	m.Dst = netip.PrefixFrom(dst, int(b[1])).Masked()
	if !m.Dst.IsValid() {
		return
	}
	if b[2] != 0 {
		r.remark("route left out: routes by source address (from) are not known here", m.Dst.String())
		return
	}
	m.hop.flags, m.hop.weight = u32(b[8:]), 1
	r.addRoute(&m)
}

// A routeMsg is what a message says of a route.
type routeMsg struct {
	host.Route
	hop       hopMsg // of the route itself, when there is one
	multipath []byte
	nexthop   uint32 // id of a nexthop object
}

// A hopMsg is what a message says of one next hop.
type hopMsg struct {
	dev     uint32
	gateway netip.Addr
	flags   uint32
	weight  int
	encap   bool
}

func (h *hopMsg) attr(t uint16, v []byte) {
	switch t {
	case unix.RTA_OIF:
		h.dev = u32(v)
	case unix.RTA_GATEWAY:
		h.gateway = addr(v)
	case unix.RTA_VIA: // struct rtvia: family in 2 bytes, address
		h.gateway = addr(v[min(2, len(v)):])
	case unix.RTA_ENCAP, unix.RTA_NEWDST:
		h.encap = true
	}
}

func (m *routeMsg) metrics(b []byte) {
	for t, v := range attrs(b) {
		switch t {
		case unix.RTAX_MTU:
			m.MTU = int(u32(v))
		case unix.RTAX_ADVMSS:
			m.AdvMSS = int(u32(v))
		}
	}
}

// addRoute files a route with the next hops that work. Routes of the types that
// refuse packets have none, whatever the kernel says of lo.
func (r *reader) addRoute(m *routeMsg) {
	switch {
	case m.Type >= host.Blackhole && m.Type <= host.Prohibit:
		r.Routes = append(r.Routes, m.Route)
		return
	case m.Type < host.Unicast || m.Type > host.Throw:
		r.remark(fmt.Sprintf("route left out: routes of type %d are not known here", m.Type), m.Dst.String())
		return
	case m.multipath != nil:
		r.addHops(m, m.multipath)
	case m.hop.dev != 0:
		r.addHop(m, &m.hop)
	case m.nexthop != 0:
		if !r.addNexthops(m) {
			return
		}
	case m.Type == host.Throw:
		r.Routes = append(r.Routes, m.Route)
		return
	}
	if len(m.Hops) > 0 {
		r.Routes = append(r.Routes, m.Route)
	}
}

// addHops reads RTA_MULTIPATH: a list of struct rtnexthop (length in 2 bytes,
// flags, weight less one, the link's index), each with attributes.
func (r *reader) addHops(m *routeMsg, b []byte) {
	for len(b) >= unix.SizeofRtNexthop {
		size := int(u16(b))
		if size < unix.SizeofRtNexthop || size > len(b) {
			return
		}
		hop := hopMsg{dev: u32(b[4:]), flags: uint32(b[2]), weight: int(b[3]) + 1}
		for t, v := range attrs(b[unix.SizeofRtNexthop:size]) {
			hop.attr(t, v)
		}
		r.addHop(m, &hop)
		b = b[min(align(size), len(b)):]
	}
}

// addHop adds a next hop to a route, unless it is dead.
func (r *reader) addHop(m *routeMsg, h *hopMsg) {
	dev := r.byIndex(h.dev)
	if dev == nil || h.flags&unix.RTNH_F_DEAD != 0 {
		return
	}
	if h.encap {
		r.remark("route's encapsulation is ignored", m.Dst.String())
	}
	m.Hops = append(m.Hops, host.NextHop{Dev: dev, Gateway: h.gateway, Weight: h.weight})
}
