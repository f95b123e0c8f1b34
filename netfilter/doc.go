// Package netfilter is the firewall: the path of a packet from the wire through
// the hooks and back to the wire, and the engine that a program embeds.
//
// path.go is that path, top to bottom: prerouting, the routing decision, input
// or forward, postrouting; output for what the host sends itself. At each hook
// a packet walks the stages of a pipeline (pipeline.go): the base chains of the
// ruleset in force, and between them, at their kernel priorities,
// defragmentation, connection tracking, address translation and the
// confirmation of new connections. Pipelines are built once per ruleset, never
// per packet.
//
// An Engine takes frames and says through its Sink what became of each: sent,
// delivered to the host, dropped, or held back as a fragment, with the rule that
// decided. Time comes with the frames and randomness from a seed, so that the
// same input gives the same output. An Engine is for one goroutine at a time; its
// Workers take packets through it side by side (worker.go).
//
// What the host would do by itself is limited to a router's duties: it sends
// ICMP errors, never the answers of an end host.
package netfilter
