// Command record rebuilds the recordings under examples/ from a live kernel.
//
//	go run ./internal/record examples/home-router examples/server …   (as root)
//
// An example's setup.sh builds network namespaces joined by veth pairs, one of
// them the firewall under study; its traffic.sh runs real programs in the others.
// The recorder loads rules.nft into the firewall and watches it twice:
//
//   - One packet socket over all interfaces sees each frame as it arrives, before
//     any hook, and each frame as it leaves, after all hooks. One socket rather
//     than one capture an interface gives one order for all.
//   - A table of its own logs what a capture can't tell: packets as they enter the
//     output hook (so made by the host, not forwarded) and packets as they leave
//     the input hook (so delivered). Its chains stand before all and behind all
//     others, and neither touch connection tracking nor change a packet.
//
// From these it writes traffic.pcapng (the input of a replay: arrivals, and what
// the host's own programs and end-host stack sent), kernel.pcapng (the expected
// output: what left, and what was delivered), host.json, and the kernel's own
// listings of connections, events and rules. Errors that a router or a reject rule
// makes are output, not input: see origin.go for how they are told from the rest.
//
// Everything runs on one CPU, so that the order in which the kernel handled the
// packets is the order in which the socket reports them.
package main
