// Package host is the model of the machine that a ruleset protects: its links,
// addresses, routes, routing rules, neighbours and sysctls. It answers the
// questions that the packet path asks the kernel's FIB: is this address ours,
// where does this packet go, may it come from there, which source address
// would we use.
//
// A Host is made from a Config, which comes from what iproute2 prints
// (HOST.json) or from the kernel (package rtnetlink), and is not changed by
// packets; only the neighbour table learns. The routing decisions follow
// ip_route_input and ip6_route_input of the kernel, their martian and reverse
// path rules included, because rules see only what these let through.
package host
