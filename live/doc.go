// Package live puts an engine to work on network interfaces of the running host.
//
// A Firewall holds a guard on each interface it manages. Frames come out of the
// guards' queues, one goroutine each (worker.go); they go through the one engine
// in batches, packets of established connections beside those of other workers (see
// netfilter.Worker); what the engine lets through is written back
// (output.go): to the host, to the wire, or to another interface when the engine
// has routed it there. Frames to a neighbour whose address is not known wait for
// the kernel to find it (resolve.go).
package live
