package netfilter

import (
	"fmt"
	"math/rand/v2"
	"sync"

	"nfvm/bytecode"
	"nfvm/ct"
	"nfvm/ct/helper"
	"nfvm/host"
	"nfvm/internal/lane"
	"nfvm/nat"
	"nfvm/nf"
	"nfvm/osf"
	"nfvm/packet"
	"nfvm/synproxy"
	"nfvm/vm"
)

// Options are what an Engine needs besides the host and the rules. The zero
// Options work.
type Options struct {
	// Seed makes random choices repeatable.
	Seed uint64
	// Sink is told what becomes of each packet.
	Sink Sink
	// Tracer is told what rules do with packets whose trace flag is set, and
	// with TraceAll with every packet.
	Tracer   vm.Tracer
	TraceAll bool
	// Log is called for each log statement reached.
	Log func(p *packet.Packet, hook nf.Hook, l *bytecode.Log)
	// Events is told of each change of a connection.
	Events func(*ct.Event)
	// Systems are fingerprints of operating systems, for osf expressions.
	Systems *osf.Database
	// ExpectEvents is told of each connection that is expected, or no more.
	ExpectEvents func(*ct.ExpectEvent)
	// RecordedCookies tells that frames come from a capture: clients of the SYN
	// proxy send back what another one gave them, and are believed if they were
	// given a cookie here.
	RecordedCookies bool
	// Bypass, if it is set, forwards packets of flowtables' flows itself. With FastFlows
	// it also does so for other established flows, where nobody can tell the
	// difference, if it is a ConnBypass.
	Bypass    Bypass
	FastFlows bool
}

// An Engine is a host's packet filter.
type Engine struct {
	_ [128]byte // the memory of other workers' is not to be in the same cache lines
	*core
	rand *rand.Rand
	now  int64
	// sink is told what becomes of packets.
	sink Sink
	// worker is whose engine this is, nil for the one of New.
	worker *Worker

	fragmenter packet.Fragmenter
	echo       []byte // options of an error, reused
	segmenter  packet.Segmenter

	// What the callbacks of other packages are about.
	current, translating, emitting *skb
	runNATChain                    func(int) nf.Verdict
	emitFragment, emitBridged      func([]byte) bool
	duplicating                    bool // a copy that a rule made is on its way
	nested                         int  // frames that rules send, within each other

	machines []*vm.Machine
	depth    int
	pool     []*skb
	frame    []byte
	spare    []byte // a frame behind the egress hook
	result   Outcome
	_        [128]byte
}

// A core is what the engines of workers have in common. It changes only while one of
// them is alone.
type core struct {
	host *host.Host
	lo   *nf.Link
	opt  Options
	// nextFlowCheck is when flowtables are looked over next.
	nextFlowCheck int64
	// bypassEpoch is counted on when the Bypass is suspended.
	bypassEpoch uint32
	fast        fastFlows
	rules       *ruleset
	// program is what rules were loaded from.
	program *bytecode.Program

	ct    *ct.Table
	nat   *nat.Engine
	frags *packet.Reassembler
	// cookies are those of the SYN proxy.
	cookies *synproxy.Cookies
	given   *synproxy.Given // with RecordedCookies
	// stations are what the host's bridges have learnt.
	stations    fdb
	bridgeCalls bridgeCalls
	headers     map[header]bool // kept only while there are egress chains

	limiter         icmpLimiter
	defaultTTL      uint8
	forwardPriority bool
	tracer          vm.Tracer

	road    lane.Road
	workers []*Worker
	// guard is for what rules have in common, see vm.Beside.
	guard sync.Mutex
}

// New makes an engine for a host, with no rules: every packet passes.
func New(h *host.Host, opt Options) (*Engine, error) {
	e := newLane(&core{
		host: h, lo: h.EnsureLink("lo", false), opt: opt, tracer: opt.Tracer,
		stations: fdb{}, bridgeCalls: bridgeCallsOf(h), headers: map[header]bool{},
		defaultTTL:      uint8(h.SysctlInt("net.ipv4.ip_default_ttl")),
		forwardPriority: h.SysctlInt("net.ipv4.ip_forward_update_priority") != 0,
	}, opt.Sink, 0x6e66766d)
	sysctls := ct.DefaultSysctls()
	if err := applySysctls(h, &sysctls); err != nil {
		return nil, err
	}
	params, err := helperParams(h)
	if err != nil {
		return nil, err
	}
	e.ct = ct.New(ct.Config{Sysctls: &sysctls, Rand: e.rand.Uint32, OnEvent: opt.Events})
	e.ct.OnExpect = opt.ExpectEvents
	e.nat = nat.New(e.ct, e.rand.Uint32)
	e.initFast()
	helper.Attach(e.ct, e.nat, (*env)(e), params)
	e.frags = packet.NewReassembler(fragConfig(h, &sysctls))
	e.frags.OnExpire = e.fragmentsExpired
	if e.cookies = newCookies(opt.Seed); opt.RecordedCookies {
		e.given = synproxy.NewGiven(e.cookies)
	}
	return e, e.Load(&bytecode.Program{})
}

// newLane makes the engine of a worker, or that of all; its random numbers come from
// the seed and a stream.
func newLane(c *core, sink Sink, stream uint64) *Engine {
	e := &Engine{core: c, sink: sink, rand: rand.New(rand.NewPCG(c.opt.Seed, stream))}
	e.runNATChain, e.emitFragment, e.emitBridged = e.natChain, e.sendFragment, e.sendBridgedPiece
	return e
}

// Advance lets time run to now (nanoseconds since the epoch); connections,
// fragments and elements expire. Time never runs backwards.
func (e *Engine) Advance(now int64) {
	if now <= e.now {
		return
	}
	if e.now == 0 {
		e.stations.know(e.host.Links(), now)
	}
	e.now = now
	e.Sweep()
	e.rules.rs.Collect(e.ct, now)
	e.frags.Expire(now)
	e.giveFast()
}

// Sweep ends flows and connections that have expired by now. Where ct.Table.SweepStep
// bounds its work, it may have to be called again, which it tells.
func (e *Engine) Sweep() (more bool) {
	more = e.checkFlows()
	more = e.nat.Clean(cleanSteps*e.ct.SweepStep) || more
	more = e.checkFast(e.flowBudget()) || more
	return e.ct.Sweep(e.now) || more
}

// cleanSteps is how many more connections are looked at for what they were
// masqueraded to than are ended because they have expired: most stay.
const cleanSteps = 32

// Now is the time of the last packet or Advance.
func (e *Engine) Now() int64 { return e.now }

// Conntrack is the connection table.
func (e *Engine) Conntrack() *ct.Table { return e.ct }

// NAT is the address translation.
func (e *Engine) NAT() *nat.Engine { return e.nat }

// Host is the machine that the engine protects.
func (e *Engine) Host() *host.Host { return e.host }

// SetHost tells the engine that the host has changed: its links, addresses or
// routes. Connections that were masqueraded behind an address or a link that is
// gone end.
func (e *Engine) SetHost(h *host.Host) {
	before := e.host
	e.SuspendBypass()
	e.host, e.lo, e.bridgeCalls = h, h.EnsureLink("lo", false), bridgeCallsOf(h)
	for _, l := range before.Links() {
		now := h.LinkByIndex(l.Index)
		if now == nil {
			e.nat.LinkDown(l.Index)
			continue
		}
		for _, a := range before.Addresses(l) {
			if !h.OwnsOn(a.Local, now) {
				e.nat.AddrRemoved(l.Index, packet.AddrFrom(a.Local))
			}
		}
	}
	if e.ct.SweepStep == 0 {
		e.nat.Clean(0)
	}
}

// drop tells the outcome of a packet that goes no further. reason is for what
// no rule decided.
func (e *Engine) drop(s *skb, reason string) {
	if s.decision.Verdict == nf.Drop {
		reason = ""
	}
	e.finish(s, Dropped, reason)
}

// finish tells what became of a packet, as it is.
func (e *Engine) finish(s *skb, k Kind, reason string) {
	o := e.outcome(s, k, reason)
	if k == Dropped && reason != "" {
		o.Decision = Decision{}
	}
	e.tell(o)
}

// outcome fills the outcome of a packet; the frame is the packet as it is.
func (e *Engine) outcome(s *skb, k Kind, reason string) *Outcome {
	e.result = Outcome{
		Kind: k, Number: s.number, Generated: s.generated, Link: s.arrived, In: s.arrived,
		Time: e.now, Frame: s.Data, Ether: s.Link, EtherType: s.EtherType, Hook: s.hook, Reached: s.reached,
		Decision: s.decision, Reason: reason, CTInfo: s.CTInfo,
	}
	if s.wrapped { // its header is nothing to see
		e.result.Frame, e.result.Ether = s.IP(), false
	}
	if s.Offload != (packet.Offload{}) {
		e.result.Offload, e.result.Proto = s.Offload, s.Proto
		e.result.Transport, e.result.Payload = s.Transport, s.HeaderLen()
	}
	if e.result.Link == nil {
		e.result.Link = s.route.Out
	}
	if e.result.Link == nil {
		e.result.Link = s.sentBy
	}
	e.result.Entry = e.entry(s)
	return &e.result
}

// entry is the packet's connection, nil if it has none.
func (e *Engine) entry(s *skb) *ct.Entry {
	if s.CT == 0 || s.CTInfo == nf.CTUntracked {
		return nil
	}
	return e.ct.Entry(s.CT)
}

func (e *Engine) tell(o *Outcome) {
	if e.sink != nil {
		e.sink.Packet(o)
	}
}

// applySysctls sets what the host description says about connection tracking;
// settings that this kernel version does not have are no concern of ours.
func applySysctls(h *host.Host, s *ct.Sysctls) (err error) {
	h.Sysctls(func(name, value string) {
		if _, known := s.Get(name); known {
			if e := s.Set(name, value); e != nil {
				err = fmt.Errorf("host description: sysctl: %w", e)
			}
		}
	})
	return err
}
