package metrics

import "time"

// Figures are the state of a packet filter; counts are since the start.
type Figures struct {
	Version, Revision string
	Packets           []Packets
	Interfaces        []Interface
	// Drops are packets by what dropped them, Lost frames by what kept them from
	// being written.
	Drops, Lost map[string]uint64

	Connections, MaxConnections uint64
	// Conntrack are the counters of the table by the names of
	// /proc/net/stat/nf_conntrack, NATFailures connections that could not be
	// translated, by why.
	Conntrack, NATFailures map[string]uint64

	Objects []Object
	Rules   []Rule
	// Loads are changes of the rules by "ok" or "failed", Loaded is the time of the
	// last good one.
	Loads       map[string]uint64
	Loaded      time.Time
	LastLoadBad bool
	LongestHold time.Duration
	LostEvents  uint64
	Logs        []Log
}

// Packets are those of one interface that ended in one way.
type Packets struct {
	Interface, Direction, Hook, Verdict string
	Packets, Bytes                      uint64
}

// An Interface is one that is managed.
type Interface struct {
	Name                                     string
	InPackets, InBytes, OutPackets, OutBytes uint64
	Missed                                   uint64
	BypassedPackets, BypassedBytes           uint64
}

// An Object is a named counter or, if Quota, a quota.
type Object struct {
	Family, Table, Name string
	Packets, Bytes      uint64
	Quota               bool
	Limit               uint64 // of a quota, in bytes
}

// A Rule is a rule with a counter.
type Rule struct {
	Family, Table, Chain string
	Handle               uint64
	Packets, Bytes       uint64
}

// A Log is one place where logged packets go.
type Log struct {
	Sink             string
	Written, Dropped uint64
}
