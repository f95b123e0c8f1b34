// Package replay runs a capture through the packet filter of a host and reports
// what the host would have done: the packets it sends and takes, the verdict on
// each, the events of connections, and a summary that a person wants to see
// first.
//
// Time is the capture's. Frames are read one after the other, so that a capture
// of any length replays in constant memory; a damaged capture is replayed up to
// the damage, which the result reports.
package replay
