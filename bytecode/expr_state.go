package bytecode

// Counter counts packets and bytes.
type Counter struct{ Packets, Bytes uint64 }

// A LimitType says what a limit counts.
type LimitType uint8

const (
	LimitPackets LimitType = iota
	LimitBytes
)

// Limit is a token bucket.
type Limit struct {
	Rate  uint64
	Unit  uint64 // seconds
	Burst uint32
	Type  LimitType
	Over  bool
}

// Quota counts bytes up to a bound.
type Quota struct {
	Bytes, Used uint64
	Over        bool
}

// Last remembers when it was evaluated.
type Last struct {
	Set  bool
	Msec uint64 // since
}

// Connlimit counts connections.
type Connlimit struct {
	Count uint32
	Over  bool
}

func (*Counter) Name() string   { return "counter" }
func (*Limit) Name() string     { return "limit" }
func (*Quota) Name() string     { return "quota" }
func (*Last) Name() string      { return "last" }
func (*Connlimit) Name() string { return "connlimit" }
