// Package nflog takes the packets that log statements meet to where they are to
// go: syslog, the journal, a text file or a pcapng stream.
//
// Each place has a queue of its own and a goroutine that writes. A place that is
// too slow loses packets, which are counted; the packet path never waits for it.
package nflog
