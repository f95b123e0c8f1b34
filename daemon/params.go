package daemon

// Text is the result of methods, and the events of those that watch: what the
// tool prints whose answer it is.
type Text struct {
	Text string `json:"text,omitempty"`
	Err  string `json:"err,omitempty"` // of what it prints as errors
	// Lost is how many events did not reach the client before this one, which
	// reads too slowly.
	Lost uint64 `json:"lost,omitempty"`
}

// ApplyParams are those of rules.apply.
type ApplyParams struct {
	Name    string   `json:"name"`
	Rules   string   `json:"rules,omitempty"`   // a text
	Binary  []byte   `json:"binary,omitempty"`  // or a rules.bin, in base64
	Dir     string   `json:"dir,omitempty"`     // of relative includes
	Include []string `json:"include,omitempty"` // directories to search
	Define  []string `json:"define,omitempty"`  // NAME=VALUE
	Confirm float64  `json:"confirm,omitempty"` // seconds, 0: it needs none
}

// ChangeParams are those of elements.change: commands of nft.
type ChangeParams struct {
	Command string `json:"command"`
}

// ListParams ask for a part of the ruleset in force, as nft list does.
type ListParams struct {
	What   string `json:"what,omitempty"` // ruleset, tables, chain, ct helper …
	Family string `json:"family,omitempty"`
	Table  string `json:"table,omitempty"`
	Name   string `json:"name,omitempty"`
	JSON   bool   `json:"json,omitempty"`
	// The flags of nft: -a, -s, -t, -y; -n, -N, -S, -p and -u.
	Handles         bool `json:"handles,omitempty"`
	Stateless       bool `json:"stateless,omitempty"`
	Terse           bool `json:"terse,omitempty"`
	NumericPriority bool `json:"numeric_priority,omitempty"`
	Numeric         bool `json:"numeric,omitempty"`
}

// ResetParams say what begins anew: counters, quotas or rules, of which the
// listing is that of before.
type ResetParams struct {
	ListParams
}

// ConntrackParams are those of conntrack.run: a command line of conntrack(8), and
// for -R what is in the file.
type ConntrackParams struct {
	Args  []string `json:"args"`
	Input string   `json:"input,omitempty"`
}

// An Exit is the exit status of a tool.
type Exit struct {
	Status int `json:"status"`
}

// A Count is how many connections there were.
type Count struct {
	Count int `json:"count"`
}

// MonitorParams say what to watch.
type MonitorParams struct {
	What string `json:"what"`           // trace, events or ruleset
	All  bool   `json:"all,omitempty"`  // trace: every packet
	JSON bool   `json:"json,omitempty"` // trace: objects; ruleset: nft -j monitor
}

// Stats are the figures of a running nfvm.
type Stats struct {
	PID        int                       `json:"pid"`
	Uptime     float64                   `json:"uptime"` // seconds
	Rules      string                    `json:"rules"`
	Observe    bool                      `json:"observe,omitempty"`
	Pending    float64                   `json:"pending,omitempty"` // seconds until apply is rolled back
	Sent       uint64                    `json:"sent"`
	Delivered  uint64                    `json:"delivered"`
	Dropped    uint64                    `json:"dropped"`
	Reasons    map[string]uint64         `json:"drop_reasons"`
	Errors     map[string]uint64         `json:"errors"`
	Interfaces map[string]InterfaceStats `json:"interfaces"`
	// Connections are those tracked, Conntrack the counters of the table, by the
	// names of /proc/net/stat/nf_conntrack.
	Connections int               `json:"connections"`
	Conntrack   map[string]uint64 `json:"conntrack"`
	LostEvents  uint64            `json:"lost_events"` // of slow monitor clients
	// LongestHold is how long packets waited at most while something was asked
	// or changed, in seconds.
	LongestHold float64 `json:"longest_hold"`
	Goroutines  int     `json:"goroutines"`
	// Logs are the places where logged packets go.
	Logs []LogStats `json:"logs,omitempty"`
}

// LogStats count the packets for one place of --log-to; Dropped are those that it
// was too slow for.
type LogStats struct {
	To      string `json:"to"`
	Written uint64 `json:"written"`
	Dropped uint64 `json:"dropped"`
}

// InterfaceStats are those of one managed interface.
type InterfaceStats struct {
	InPackets  uint64 `json:"in_packets"`
	InBytes    uint64 `json:"in_bytes"`
	OutPackets uint64 `json:"out_packets"`
	OutBytes   uint64 `json:"out_bytes"`
	Dropped    uint64 `json:"dropped"`
	Missed     uint64 `json:"missed"` // came while the queue to nfvm was full
	// Those that came in and were forwarded for a flowtable inside the kernel.
	BypassedPackets uint64 `json:"bypassed_packets"`
	BypassedBytes   uint64 `json:"bypassed_bytes"`
}

// TopParams are those of top.
type TopParams struct {
	Interval float64 `json:"interval,omitempty"` // seconds between views, 1 if none is given
	Limit    int     `json:"limit,omitempty"`    // most rows, 20 if none is given
}

// A View is what top sends every interval: the busiest connections.
type View struct {
	Uptime      float64 `json:"uptime"` // seconds
	Connections int     `json:"connections"`
	// Packets and Bits are the rates of all connections in a second, of both
	// directions.
	Packets float64   `json:"packets"`
	Bits    float64   `json:"bits"`
	Rows    []TopFlow `json:"rows"`
}

// A TopFlow is one connection in a View, with its rates in a second.
type TopFlow struct {
	Proto   string  `json:"proto"`
	State   string  `json:"state,omitempty"`
	Src     string  `json:"src"` // address and port of the original direction
	Dst     string  `json:"dst"`
	Packets float64 `json:"packets"`
	Up      float64 `json:"up"`    // bits of the original direction
	Down    float64 `json:"down"`  // bits of the reply direction
	Bytes   uint64  `json:"bytes"` // in all
}
