package kernel

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"nfvm/conformance"
	"nfvm/conformance/notation"
	"nfvm/nf"
)

// machine is a namespace set up for a case.
type machine struct {
	devices []*device
	links   []conformance.Link // devices and bridges, by index
	log     *nflog
	sender  *sender
	monitor *monitor // nil where the rules trace nothing
	events  *monitor // nil where the case has no events
	expects *monitor // nil where the case has no events of expectations
	expect  bool     // the case lists expectations
	systems *systems
	saved   []conformance.Saved
	variant conformance.Variant
	// askedARP tells that the step was to make the host send ARP.
	askedARP bool
}

// Run replays a case through the kernel.
func Run(c *conformance.Case) (*conformance.Outcome, error) {
	i := 0
	return Explore(c, func([]string) (conformance.Step, bool) {
		if i++; i > len(c.Steps) {
			return conformance.Step{}, false
		}
		return c.Steps[i-1], true
	})
}

// Explore runs a case whose steps are asked for one by one, each in view of the
// lines that the step before brought out.
func Explore(c *conformance.Case, next func(seen []string) (conformance.Step, bool)) (out *conformance.Outcome, err error) {
	return ExploreAmended(c, func(error) *conformance.Case { return nil }, next)
}

// ExploreAmended is Explore with another try where nft refuses the rules: amend
// is told why and gives the case with others for the same host, or nil.
func ExploreAmended(c *conformance.Case, amend func(error) *conformance.Case, next func(seen []string) (conformance.Step, bool)) (out *conformance.Outcome, err error) {
	nsErr := inNamespace(func() error {
		m, e := prepare(c)
		defer m.close()
		if e != nil {
			return e
		}
		if c, e = loadRules(c, amend); e != nil {
			return e
		}
		if e = m.start(c); e != nil {
			return e
		}
		out, e = m.replay(c.Mask.NewNames(), next)
		return e
	})
	return out, nsErr
}

// prepare builds the host.
func prepare(c *conformance.Case) (*machine, error) {
	m := &machine{links: c.Host.Links, sender: &sender{-1, -1}, log: &nflog{fd: -1}}
	var err error
	if m.devices, err = setUp(c.Host); err != nil {
		return m, err
	}
	if m.log, err = openNflog(); err != nil {
		return m, err
	}
	if m.sender, err = openSender(); err != nil {
		return m, err
	}
	if _, err = run(quietTable, "nft", "-f", "-"); err != nil {
		return m, err
	}
	m.systems, err = addSystems(c.Systems)
	return m, err
}

// loadRules loads what is in nft's language, all of it or nothing, and gives the
// case whose rules those are.
func loadRules(c *conformance.Case, amend func(error) *conformance.Case) (*conformance.Case, error) {
	for {
		_, err := run(c.Rules, "nft", "-f", "-")
		if err == nil {
			return c, nil
		}
		if c = amend(err); c == nil {
			return nil, err
		}
	}
}

// start loads saved rules and begins to listen.
func (m *machine) start(c *conformance.Case) error {
	err := restore(c.Saved, c.Variant)
	if err != nil {
		return err
	}
	m.saved, m.variant = c.Saved, c.Variant
	for _, d := range m.devices {
		d.receive(false) // what the links said when they came up
	}
	if conformance.Traces(c.Rules) {
		if m.monitor, err = startMonitor(traceGroup, "nft", "monitor", "trace"); err != nil {
			return err
		}
	}
	if c.Events {
		if m.events, err = startMonitor(conntrackGroups, "conntrack", "-E"); err != nil {
			return err
		}
	}
	if m.expect = c.Expect; c.Expects {
		m.expects, err = startMonitor(expectGroups, "conntrack", "-E", "expect")
	}
	return err
}

func (m *machine) close() {
	m.monitor.close()
	m.events.close()
	m.expects.close()
	m.systems.remove()
	for _, d := range m.devices {
		_ = unix.Close(d.fd)
	}
	if m.log != nil {
		_ = unix.Close(m.log.fd)
	}
	if m.sender != nil {
		_ = unix.Close(m.sender.fd4)
		_ = unix.Close(m.sender.fd6)
	}
}

// settle is how long stragglers get at the end of a case.
const settle = 5 * time.Millisecond

func (m *machine) replay(names *conformance.Names, next func(seen []string) (conformance.Step, bool)) (*conformance.Outcome, error) {
	out := &conformance.Outcome{}
	var last conformance.Step
	n, seen := 0, 0
	for s, ok := next(nil); ok; s, ok = next(out.Packets[seen:]) {
		n, seen, last = n+1, len(out.Packets), s
		if s.Load != "" {
			_, err := run(s.Rules, "nft", "-f", "-")
			if err = out.Loaded(n, s, err); err != nil {
				return nil, err
			}
		} else if s.Iface == "" {
			time.Sleep(s.Wait)
		} else if err := m.inject(s.Iface, names.Expand(s.Text)); err != nil {
			return nil, err
		}
		m.collect(out, n, s.Text, names)
	}
	if n > 0 {
		time.Sleep(settle)
		m.collect(out, n, last.Text, names)
	}
	var err error
	if out.Ruleset, err = listRuleset(m.saved); err != nil {
		return nil, err
	}
	out.Ruleset = names.Ruleset(out.Ruleset)
	if out.Counters, err = savedCounters(m.saved, m.variant); err != nil {
		return nil, err
	}
	if out.Conntrack, err = listConntrack(names, "-o", "extended"); err != nil {
		return nil, err
	}
	conformance.SortConntrack(out.Conntrack)
	if m.expect {
		for _, family := range []string{"ipv4", "ipv6"} { // one only without -f
			list, err := listConntrack(names, "expect", "-f", family)
			if err != nil {
				return nil, err
			}
			out.Expect = append(out.Expect, list...)
		}
		conformance.SortExpect(out.Expect)
	}
	if m.monitor != nil {
		out.Trace = conformance.TraceLines(m.monitor.said(), "inet conformance ", "arp conformance ")
	}
	if m.events != nil {
		out.Events = conntrackLines(names, m.events.said())
	}
	if m.expects != nil {
		out.Expects = conntrackLines(names, m.expects.said())
	}
	return out, nil
}

func (m *machine) inject(iface, text string) error {
	b, err := notation.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	m.askedARP = iface == "out" && conformance.IsARP(b)
	if m.askedARP {
		m.sender.send(cause(b))
		return nil
	}
	if iface == "out" {
		m.sender.send(b)
		return nil
	}
	for _, d := range m.devices {
		if d.link.Name == iface {
			d.send(b)
			return nil
		}
	}
	return fmt.Errorf("the case has no link %q", iface)
}

// collect reads everything that came out since the last step.
func (m *machine) collect(out *conformance.Outcome, step int, cause string, names *conformance.Names) {
	for _, d := range m.devices {
		for _, b := range d.receive(m.askedARP) {
			out.Packets = append(out.Packets, fmt.Sprintf("%d %s: %s", step, d.link.Name, names.Packet(d.text(b), cause)))
		}
	}
	for _, l := range m.log.receive() {
		iface := "lo"
		if i := l.ifindex - 2; i >= 0 && i < len(m.links) {
			iface = m.links[i].Name
		} else {
			l.packet = complete(l.packet)
		}
		out.Packets = append(out.Packets, fmt.Sprintf("%d local %s: %s", step, iface, names.Packet(notation.Format(l.packet), cause)))
	}
}

// listRuleset is nft list ruleset without the runner's own tables, and those
// that hold rules of ebtables.
func listRuleset(saved []conformance.Saved) (string, error) {
	text, err := run("", "nft", "list", "ruleset")
	if err != nil {
		return "", err
	}
	for _, family := range []string{"arp", "inet"} {
		head, rest, found := strings.Cut(text, "table "+family+" conformance {\n")
		if !found {
			return "", errors.New("the rules of the case flushed the runner's table")
		}
		_, tail, _ := strings.Cut(rest, "\n}\n")
		text = head + tail
	}
	for _, s := range saved {
		for _, table := range conformance.Tables {
			head, rest, found := strings.Cut(text, "table "+s.Family.String()+" "+table+" {\n")
			if _, tail, ok := strings.Cut(rest, "\n}\n"); found && ok && s.Family == nf.FamilyBridge {
				text = head + tail
			}
		}
	}
	return text, nil
}

// listConntrack is conntrack -L with some arguments, in the kernel's order.
func listConntrack(names *conformance.Names, args ...string) ([]string, error) {
	text, err := run("", "conntrack", append([]string{"-L"}, args...)...)
	return conntrackLines(names, text), err
}

// conntrackLines are the lines that conntrack printed.
func conntrackLines(names *conformance.Names, text string) (out []string) {
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, names.Conntrack(l))
		}
	}
	return out
}
