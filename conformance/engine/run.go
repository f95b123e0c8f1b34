// Package engine runs conformance cases through nfvm: the rules through the
// language and the compiler, the packets through the engine, with the host
// described as HOST.json.
//
// A case's clock stands still but for its wait steps; every packet comes 100
// microseconds after the one before.
package engine

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/conformance"
	"nfvm/conformance/notation"
	"nfvm/ct"
	"nfvm/diag"
	"nfvm/host"
	"nfvm/lang"
	"nfvm/listing"
	"nfvm/netfilter"
	"nfvm/nf"
	"nfvm/packet"
	"nfvm/replay"
	"nfvm/trace"
	"nfvm/vm"
)

// tick is the time between two packets.
const tick = 100 * time.Microsecond

// start is when the first packet comes; rules are loaded just before.
var start = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// machine is an engine with what it has put out.
type machine struct {
	host    *host.Host
	engine  *netfilter.Engine
	names   *conformance.Names
	out     *conformance.Outcome
	options Options
	step    int
	expect  bool // list expectations at the end
	cause   string
	trace   bytes.Buffer
	files   []*lang.File  // of rules, in the order of their loading
	sources *diag.Sources // that the files lie in
	saved   []conformance.Saved
}

// Options are how a case is run.
type Options struct {
	Seed  uint64 // of random choices
	Level int    // of optimisation
	// Everything traces every packet, whatever the rules say, and puts what they
	// log into the trace.
	Everything bool
	// Annotate, when not nil, changes how what was compiled is to be run.
	Annotate func(*bytecode.Program)
	// Rewrite, when not nil, changes what was read before it is compiled.
	Rewrite func(*lang.File)
}

// Run replays a case through nfvm, at the usual level of optimisation. Random
// choices follow the seed.
func Run(c *conformance.Case, seed uint64) (*conformance.Outcome, error) {
	return RunWith(c, Options{Seed: seed, Level: 1})
}

// RunWith replays a case with other options.
func RunWith(c *conformance.Case, opt Options) (*conformance.Outcome, error) {
	steps := c.Steps
	return Explore(c, opt, func([]string) (conformance.Step, bool) {
		if len(steps) == 0 {
			return conformance.Step{}, false
		}
		s := steps[0]
		steps = steps[1:]
		return s, true
	})
}

// Explore runs a case whose steps are made on the way: next is given the packets
// that the last step brought out.
func Explore(c *conformance.Case, o Options, next func(seen []string) (conformance.Step, bool)) (*conformance.Outcome, error) {
	m := &machine{names: c.Mask.NewNames(), out: &conformance.Outcome{}, sources: diag.NewSources(), options: o}
	description, err := c.Host.JSON()
	if err != nil {
		return nil, err
	}
	if m.host, err = host.Load(description); err != nil {
		return nil, err
	}
	tracer := replay.NewTracer(trace.NewWriter(&m.trace, m.listing()).Event)
	opt := netfilter.Options{Seed: o.Seed, Sink: netfilter.SinkFunc(m.packet), Tracer: tracer, TraceAll: o.Everything, Systems: c.Systems}
	if o.Everything {
		opt.Log = m.log
	}
	if c.Events {
		opt.Events = m.event
	}
	if c.Expects {
		opt.ExpectEvents = m.expectEvent
	}
	m.expect = c.Expect
	m.engine, err = netfilter.New(m.host, opt)
	if err != nil {
		return nil, err
	}
	now := start
	m.engine.Advance(now.UnixNano())
	if err := m.load(c.Rules); err != nil {
		return nil, err
	}
	if err := m.loadSaved(c.Saved); err != nil {
		return nil, err
	}
	seen := 0
	for s, ok := next(nil); ok; s, ok = next(m.out.Packets[seen:]) {
		now = now.Add(tick + s.Wait)
		seen = len(m.out.Packets)
		m.step, m.cause = m.step+1, s.Text
		m.engine.Advance(now.UnixNano())
		if s.Load != "" {
			before := m.files
			err := m.load(s.Rules)
			if err != nil {
				m.files = before // as a whole, or not at all
			}
			if err = m.out.Loaded(m.step, s, err); err != nil {
				return nil, err
			}
		}
		if s.Iface == "" {
			continue
		}
		if err := m.inject(s, now.UnixNano()); err != nil {
			return nil, err
		}
	}
	return m.finish(now.UnixNano(), o.Everything || conformance.Traces(c.Rules))
}

// load puts in force what the rules so far and some more amount to.
func (m *machine) load(rules string) error {
	file, diags := lang.Parse("rules.nft", []byte(rules), lang.Options{Sources: m.sources})
	if diags.Err() != nil {
		return diags.Err()
	}
	if m.options.Rewrite != nil {
		m.options.Rewrite(file)
	}
	m.files = append(m.files, file)
	return m.renew()
}

// renew puts all that was read in force.
func (m *machine) renew() error {
	program, err := m.compile()
	if err != nil {
		return err
	}
	if err := m.engine.Load(program); err != nil {
		return fmt.Errorf("load: %w", err)
	}
	return nil
}

// compile turns the commands so far into a program.
func (m *machine) compile() (*bytecode.Program, error) {
	result, diags := compiler.Compile(m.files, compiler.Options{Level: m.options.Level, Iface: func(name string) (uint32, bool) {
		l := m.host.LinkByName(name)
		if l == nil {
			return 0, false
		}
		return uint32(l.Index), true
	}})
	if diags.Err() != nil {
		return nil, diags.Err()
	}
	if m.options.Annotate != nil {
		m.options.Annotate(result.Program)
	}
	return result.Program, nil
}

func (m *machine) inject(s conformance.Step, now int64) error {
	b, err := notation.Parse(m.names.Expand(s.Text))
	if err != nil {
		return fmt.Errorf("%s: %w", s.Text, err)
	}
	f := &netfilter.Frame{Number: m.step, Time: now, Data: b, Outbound: s.Outbound()}
	if f.Outbound && conformance.IsARP(b) {
		f.Link, f.Ether = m.linkOf([6]byte(b[6:])), true
	} else if f.Outbound {
		f.HasUID = true // the kernel runner's raw socket is root's
	} else {
		f.Link = m.host.LinkByName(s.Iface)
		if f.Link == nil {
			return fmt.Errorf("the case has no link %q", s.Iface)
		}
		f.Ether = f.Link.Ether
	}
	if f.Ether && f.Link == nil {
		return fmt.Errorf("%s: no link of the host has this address", s.Text)
	}
	m.engine.Process(f)
	return nil
}

// linkOf finds the host's link with an Ethernet address.
func (m *machine) linkOf(mac [6]byte) *nf.Link {
	for _, l := range m.host.Links() {
		if l.MAC == mac {
			return l
		}
	}
	return nil
}

// packet notes what the engine sends or delivers.
func (m *machine) packet(o *netfilter.Outcome) {
	switch o.Kind {
	case netfilter.Sent:
		if o.NoNeighbour {
			return // it waits in the kernel for an address that nobody tells
		}
		text := notation.Format(o.Frame)
		if o.Ether {
			text = notation.FormatEther(o.Frame)
		}
		m.note("%d %s: %s", o.Link.Name, text)
	case netfilter.Delivered:
		b := o.Frame
		if o.Ether {
			b = b[14:] // the kernel runner sees what was delivered without it
		}
		if o.EtherType != nf.EtherTypeIPv4 && o.EtherType != nf.EtherTypeIPv6 && o.EtherType != nf.EtherTypeARP {
			return // nor does it see more
		}
		m.note("%d local %s: %s", o.Link.Name, notation.Format(b))
	}
}

func (m *machine) note(format, iface, text string) {
	m.out.Packets = append(m.out.Packets, fmt.Sprintf(format, m.step, iface, m.names.Packet(text, m.cause)))
}

// log notes a line of a log statement in the trace.
func (m *machine) log(p *packet.Packet, _ nf.Hook, l *bytecode.Log) {
	fmt.Fprintf(&m.trace, "log %s\n", vm.LogText(p, l))
}

// event notes a change of a connection, without the time.
func (m *machine) event(e *ct.Event) {
	_, text, _ := strings.Cut(e.String(), "\t")
	m.out.Events = append(m.out.Events, strings.TrimSpace(text))
}

// expectEvent notes that a connection is expected or no more.
func (m *machine) expectEvent(e *ct.ExpectEvent) {
	_, text, _ := strings.Cut(e.String(), "\t")
	m.out.Expects = append(m.out.Expects, strings.TrimSpace(text))
}

// finish lists the connections and the ruleset.
func (m *machine) finish(now int64, traced bool) (*conformance.Outcome, error) {
	var table, rules bytes.Buffer
	if err := m.engine.Conntrack().WriteList(&table, now); err != nil {
		return nil, err
	}
	for _, l := range strings.Split(table.String(), "\n") {
		if l = strings.TrimSpace(l); l != "" {
			m.out.Conntrack = append(m.out.Conntrack, m.names.Conntrack(l))
		}
	}
	conformance.SortConntrack(m.out.Conntrack)
	if m.expect {
		if err := m.listExpect(now); err != nil {
			return nil, err
		}
	}
	for i, l := range m.out.Events {
		m.out.Events[i] = m.names.Conntrack(l) // only now, as packets name random values first
	}
	for i, l := range m.out.Expects {
		m.out.Expects[i] = m.names.Conntrack(l)
	}
	program := m.engine.Snapshot()
	m.out.Counters = m.takeSaved(program)
	if err := listing.Ruleset(&rules, program, m.listing()); err != nil {
		return nil, err
	}
	m.out.Ruleset = m.names.Ruleset(rules.String())
	if traced {
		m.out.Trace = conformance.TraceLines(m.trace.String())
	}
	return m.out, nil
}

// listExpect lists what is expected.
func (m *machine) listExpect(now int64) error {
	var list bytes.Buffer
	err := m.engine.Conntrack().WriteExpectations(&list, now)
	for l := range strings.Lines(list.String()) {
		m.out.Expect = append(m.out.Expect, m.names.Conntrack(strings.TrimSpace(l)))
	}
	conformance.SortExpect(m.out.Expect)
	return err
}

// listing makes listings name the host's interfaces.
func (m *machine) listing() *listing.Options {
	var opt listing.Options
	opt.IfaceName = func(index uint32) (string, bool) {
		l := m.host.LinkByIndex(int(index))
		if l == nil {
			return "", false
		}
		return l.Name, true
	}
	return &opt
}
