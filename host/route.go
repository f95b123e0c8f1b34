package host

import (
	"net/netip"

	"nfvm/nf"
)

// A RouteType is a route's type (RTN_).
type RouteType uint8

const (
	Unicast     RouteType = 1
	Local       RouteType = 2
	Broadcast   RouteType = 3
	Anycast     RouteType = 4
	Multicast   RouteType = 5
	Blackhole   RouteType = 6
	Unreachable RouteType = 7
	Prohibit    RouteType = 8
	Throw       RouteType = 9
)

var routeTypes = map[string]RouteType{
	"": Unicast, "unicast": Unicast, "local": Local, "broadcast": Broadcast, "anycast": Anycast,
	"multicast": Multicast, "blackhole": Blackhole, "unreachable": Unreachable,
	"prohibit": Prohibit, "throw": Throw,
}

// Numbers of the routing tables that have names.
const (
	TableUnspec  = 0
	TableDefault = 253
	TableMain    = 254
	TableLocal   = 255
)

// A Scope is how far a route or address reaches (RT_SCOPE_).
type Scope uint8

const (
	ScopeUniverse Scope = 0
	ScopeSite     Scope = 200
	ScopeLink     Scope = 253
	ScopeHost     Scope = 254
	ScopeNowhere  Scope = 255
)

// A NextHop is one way out of a route.
type NextHop struct {
	Dev     *nf.Link
	Gateway netip.Addr // invalid: the destination is on the link
	Weight  int
}

// A Route is one entry of a routing table.
type Route struct {
	Type    RouteType
	Table   uint32
	Dst     netip.Prefix
	TOS     uint8
	Metric  uint32
	Scope   Scope
	PrefSrc netip.Addr
	MTU     int    // bytes; 0: the device's
	AdvMSS  int    // bytes; 0: from the MTU
	Realm   uint32 // `rt classid`: the source's realm in the upper half
	// Kernel tells that the kernel made the route by itself (RTPROT_KERNEL).
	Kernel bool
	Hops   []NextHop
}

// errorType reports whether the route refuses packets.
func (t RouteType) errorType() bool { return t >= Blackhole && t <= Prohibit }
