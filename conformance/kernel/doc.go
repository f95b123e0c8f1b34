// Package kernel runs conformance cases through the Linux kernel it runs on.
//
// Each case gets a network namespace of its own: a goroutine bound to its
// thread unshares the network, makes one TUN (or TAP) device per link, and
// loads the rules. A packet written to a device has gone the whole way when
// write returns, so whatever the case caused can be read at once.
//
// The host itself must not answer (a kernel without listeners sends RSTs and
// port unreachables, which no ruleset decides). An inet table "conformance",
// loaded before the rules of the case, sees to that: at the very end of the
// input hook, behind conntrack's confirmation, it hands each packet to NFLOG
// and drops it. That is also how the runner knows what was delivered. At the
// start of the output hook it drops what IPv6 says by itself.
//
// Packets that the host sends go through a raw socket with a header of its own,
// which means: they start at the output hook, are routed there by destination,
// the kernel fills in an IPv4 id or source of zero, the total length and the
// header checksum, and refuses what is larger than the MTU.
//
// It needs root, and the programs ip, nft and conntrack; for saved rules
// iptables-legacy-restore too.
package kernel
