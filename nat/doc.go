// Package nat translates addresses and ports: it chooses a connection's tuple
// when its first packet meets a rule, and rewrites every packet after that.
//
// A translation is nothing but a reply tuple that differs from the inverse of
// the original one. Setting one up means to choose a tuple that no other entry
// has (select.go, port.go); applying it means to make a packet look like the
// inverse of the other direction's tuple (rewrite.go), inside ICMP errors too
// (icmp.go). Everything is as in the kernel's nf_nat_core.c and nf_nat_proto.c,
// the address chosen from a range included; only ports that the kernel draws at
// random come from the caller's random source.
package nat
