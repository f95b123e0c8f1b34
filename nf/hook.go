package nf

import "fmt"

// A Hook is a place on the packet path where chains are attached. The numbers
// are those of NF_INET_; the bridge, arp and netdev families number their own
// places (see Number).
type Hook uint8

const (
	HookPrerouting Hook = iota
	HookInput
	HookForward
	HookOutput
	HookPostrouting
	HookIngress
	HookEgress
	// HookCount is the number of distinct hooks.
	HookCount
)

var hookNames = [HookCount]string{"prerouting", "input", "forward", "output", "postrouting", "ingress", "egress"}

// String gives the hook's name in the nft language.
func (h Hook) String() string {
	if h < HookCount {
		return hookNames[h]
	}
	return fmt.Sprintf("hook(%d)", uint8(h))
}

// ParseHook finds a hook by its name in the nft language.
func ParseHook(s string) (Hook, bool) {
	for i, n := range hookNames {
		if n == s {
			return Hook(i), true
		}
	}
	return 0, false
}

// HasHook reports whether chains of family f can be attached to hook h. In the
// family arp those at forward are of arptables alone.
func HasHook(f Family, h Hook) bool {
	switch f {
	case FamilyIPv4, FamilyIPv6, FamilyBridge:
		return h <= HookPostrouting
	case FamilyInet:
		return h <= HookIngress
	case FamilyARP:
		return h == HookInput || h == HookOutput || h == HookForward
	case FamilyNetdev:
		return h == HookIngress || h == HookEgress
	}
	return false
}

// Priorities at which the kernel's own functions sit on the IPv4 and IPv6
// hooks (linux/netfilter_ipv4.h, NF_IP_PRI_).
const (
	PriorityFirst            = -1 << 31
	PriorityConntrackDefrag  = -400
	PriorityRaw              = -300
	PriorityConntrack        = -200
	PriorityMangle           = -150
	PriorityNATDst           = -100
	PriorityFilter           = 0
	PrioritySecurity         = 50
	PriorityNATSrc           = 100
	PriorityConntrackConfirm = 1<<31 - 1
)

// PriorityBridgeNF is where br_netfilter sits on the bridge hooks prerouting and
// forward (NF_BR_PRI_BRNF).
const PriorityBridgeNF = 0

// A ChainType is the type of a base chain.
type ChainType uint8

const (
	ChainTypeFilter ChainType = iota
	ChainTypeNAT
	ChainTypeRoute
)

// String gives the chain type's name in the nft language.
func (t ChainType) String() string {
	switch t {
	case ChainTypeFilter:
		return "filter"
	case ChainTypeNAT:
		return "nat"
	case ChainTypeRoute:
		return "route"
	}
	return fmt.Sprintf("chaintype(%d)", uint8(t))
}
