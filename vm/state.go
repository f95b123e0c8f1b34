package vm

import (
	"math"
	"math/bits"

	"nfvm/bytecode"
	"nfvm/ct"
)

// A State is a stateful expression with what it remembers. Which fields mean
// something depends on its kind.
type State struct {
	conf *stateConf
	// counter: packets and bytes; quota: a is what was consumed; limit: a is
	// the bucket's tokens and b the time of the last packet, in nanoseconds;
	// last: a is 1 once used, b the time; connlimit: b is the tick of the last
	// search for ended connections.
	a, b  uint64
	conns []conn // connlimit
}

// A conn is a connection that a connlimit counts.
type conn struct {
	tuple ct.Tuple
	zone  ct.Zone
}

type stateKind uint8

const (
	stateCounter stateKind = iota
	stateLimit
	stateQuota
	stateLast
	stateConnlimit
)

// A stateConf is the unchanging part of stateful expressions.
type stateConf struct {
	kind    stateKind
	cell    uint32 // of a counter in a rule, or with a name: its number from 1 (Beside)
	expr    bytecode.Expr
	over    bool
	perByte bool
	limit   uint64 // of quota, in bytes; of connlimit
	rate    uint64
	nsecs   uint64
	cost    uint64 // of a packet, in tokens
	full    uint64 // tokens in a full bucket
}

// defaultBurst is the burst in packets of a limit that names none.
const defaultBurst = 5

func newConf(e bytecode.Expr) *stateConf {
	c := &stateConf{expr: e}
	switch e := e.(type) {
	case *bytecode.Counter:
		c.kind = stateCounter
	case *bytecode.Limit:
		c.kind, c.over, c.perByte, c.rate = stateLimit, e.Over, e.Type == bytecode.LimitBytes, max(e.Rate, 1)
		c.nsecs = e.Unit * 1e9
		c.buckets(uint64(e.Burst))
	case *bytecode.Quota:
		c.kind, c.over, c.limit = stateQuota, e.Over, e.Bytes
	case *bytecode.Last:
		c.kind = stateLast
	case *bytecode.Connlimit:
		c.kind, c.over, c.limit = stateConnlimit, e.Over, uint64(e.Count)
	default:
		return nil
	}
	return c
}

// buckets computes a limit's bucket (nft_limit_init): of packets it holds burst
// packets, of bytes what flows in one unit plus burst bytes.
func (c *stateConf) buckets(burst uint64) {
	if c.perByte {
		c.full = mulDiv(c.nsecs, c.rate+burst, c.rate)
		return
	}
	if burst == 0 {
		burst = defaultBurst
	}
	c.cost = c.nsecs / c.rate
	c.full = mulDiv(c.cost, burst, 1)
}

// mulDiv is a*b/c, at most the largest number.
func mulDiv(a, b, c uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	if hi >= c {
		return math.MaxUint64
	}
	q, _ := bits.Div64(hi, lo, c)
	return q
}

// start gives the state of an expression that no packet has met yet.
func (c *stateConf) start(now int64) State {
	s := State{conf: c}
	switch e := c.expr.(type) {
	case *bytecode.Counter:
		s.a, s.b = e.Packets, e.Bytes
	case *bytecode.Quota:
		s.a = e.Used
	case *bytecode.Limit:
		s.a, s.b = c.full, uint64(now)
	case *bytecode.Last:
		if e.Set {
			s.a, s.b = 1, uint64(now)-e.Msec*1e6
		}
	}
	return s
}

// eval counts the machine's packet and reports whether the rule goes on.
func (s *State) eval(m *Machine) bool {
	if m.Beside != nil {
		return s.besides(m)
	}
	return s.meet(m)
}

func (s *State) meet(m *Machine) bool {
	switch c := s.conf; c.kind {
	case stateCounter:
		s.a++
		s.b += uint64(m.length())
	case stateLimit:
		return s.conforms(uint64(m.now), uint64(m.length())) != c.over
	case stateQuota:
		s.a += uint64(m.length())
		return (s.a > c.limit) == c.over
	case stateLast:
		s.a, s.b = 1, uint64(m.now)
	case stateConnlimit:
		return s.connlimit(m)
	}
	return true
}

// conforms takes a packet's tokens from the bucket, if it has them.
func (s *State) conforms(now, length uint64) bool {
	c := s.conf
	cost := c.cost
	if c.perByte {
		cost = mulDiv(c.nsecs, length, c.rate)
	}
	tokens := s.a
	if now > s.b {
		tokens += now - s.b
		if tokens < s.a {
			tokens = math.MaxUint64
		}
	}
	s.a, s.b = min(tokens, c.full), max(s.b, now) // another worker may be ahead
	if s.a < cost {
		return false
	}
	s.a -= cost
	return true
}

// expr gives the expression with its present values, for listings.
func (s *State) snapshot(now int64) bytecode.Expr {
	switch e := s.conf.expr.(type) {
	case *bytecode.Counter:
		return &bytecode.Counter{Packets: s.a, Bytes: s.b}
	case *bytecode.Quota:
		c := *e
		c.Used = min(s.a, e.Bytes)
		return &c
	case *bytecode.Last:
		if s.a == 0 {
			return &bytecode.Last{}
		}
		return &bytecode.Last{Set: true, Msec: uint64(max(now-int64(s.b), 0)) / 1e6}
	}
	return s.conf.expr
}
