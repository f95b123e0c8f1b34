//go:build linux

package daemon

import (
	"fmt"
	"net"
	"sync"
	"time"

	"nfvm/bytecode"
	"nfvm/control"
	"nfvm/ct"
	"nfvm/live"
	"nfvm/metrics"
	"nfvm/nat"
	"nfvm/netfilter"
	"nfvm/nf"
	"nfvm/vm"
)

// tallyStep is how many counters are read while packets wait.
const tallyStep = 1000

// loads counts changes of the rules.
type loads struct {
	mu         sync.Mutex
	ok, failed uint64
	at         time.Time // of the last good one
	bad        bool      // the last one failed
}

func (l *loads) count(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bad = err != nil; l.bad {
		l.failed++
		return
	}
	l.ok++
	l.at = time.Now()
}

// serveMetrics answers Prometheus until the listener that it gives is closed.
func (d *Daemon) serveMetrics() (l net.Listener, err error) {
	if d.Metrics.Network == "unix" {
		l, err = control.Listen(d.Metrics.Addr)
	} else {
		l, err = net.Listen("tcp", d.Metrics.Addr)
	}
	if err != nil {
		return nil, fmt.Errorf("--metrics: %w", err)
	}
	go metrics.Serve(l, metrics.Handler(d.figures, d.Log), d.Log)
	d.Log.Info("metrics", "address", d.Metrics.String())
	return l, nil
}

// figures are what a scrape shows.
func (d *Daemon) figures() *metrics.Figures {
	s := d.firewall.Stats()
	f := &metrics.Figures{
		Version: d.Version, Revision: d.Revision, Packets: packetFigures(&s), Drops: s.Reasons,
		Lost:        lostFrames(&s),
		LongestHold: s.LongestHold, LostEvents: d.events.lost.Load(),
	}
	for name, p := range s.Interfaces {
		f.Interfaces = append(f.Interfaces, metrics.Interface{Name: name, InPackets: p.In.Packets, InBytes: p.In.Bytes,
			OutPackets: p.Out.Packets, OutBytes: p.Out.Bytes, Missed: p.Missed,
			BypassedPackets: p.Bypassed.Packets, BypassedBytes: p.Bypassed.Bytes})
	}
	var c ct.Stats
	var n nat.Stats
	var rules *netfilter.Rules
	d.firewall.Do(func(e *netfilter.Engine) {
		t := e.Conntrack()
		c, n, rules = t.Stats, e.NAT().Stats, e.Rules()
		f.Connections, f.MaxConnections = uint64(t.Count()), uint64(t.Sysctl.Max)
	})
	f.Conntrack = conntrackCounters(&c)
	f.NATFailures = map[string]uint64{"exhausted": n.Exhausted, "no_address": n.NoAddress}
	d.tallies(f, rules.Loaded())
	for _, l := range d.PacketLog.Stats() {
		f.Logs = append(f.Logs, metrics.Log{Sink: l.Name, Written: l.Written, Dropped: l.Dropped})
	}
	d.loads.mu.Lock()
	f.Loads = map[string]uint64{"ok": d.loads.ok, "failed": d.loads.failed}
	f.Loaded, f.LastLoadBad = d.loads.at, d.loads.bad
	d.loads.mu.Unlock()
	return f
}

func lostFrames(s *live.Stats) map[string]uint64 {
	return map[string]uint64{"no_neighbour": s.NoNeighbour, "no_port": s.NoPort, "not_taken": s.Lost}
}

// conntrackCounters names the counters as /proc/net/stat/nf_conntrack does. What
// is inserted the kernel does not count any more.
func conntrackCounters(c *ct.Stats) map[string]uint64 {
	return map[string]uint64{
		"found": c.Found, "invalid": c.Invalid, "insert": c.Inserted, "insert_failed": c.InsertFailed, "drop": c.Drop,
		"early_drop": c.EarlyDrop, "icmp_error": c.ICMPError, "clash_resolve": c.ClashResolve,
	}
}

// packetFigures lists the ways in which packets have ended.
func packetFigures(s *live.Stats) (list []metrics.Packets) {
	directions := [2]string{"in", "out"}
	for name, of := range s.Verdicts {
		for dir := range of {
			for hook := range of[dir] {
				for verdict, t := range of[dir][hook] {
					if t.Packets == 0 {
						continue
					}
					p := metrics.Packets{Interface: name, Direction: directions[dir], Hook: "none",
						Verdict: live.Verdict(verdict).String(), Packets: t.Packets, Bytes: t.Bytes}
					if hook > 0 {
						p.Hook = nf.Hook(hook - 1).String()
					}
					list = append(list, p)
				}
			}
		}
	}
	return list
}

// tallies reads the counters of a ruleset, some at a time.
func (d *Daemon) tallies(f *metrics.Figures, rs *vm.Ruleset) {
	list := rs.Tallies(d.RuleMetrics)
	for at := 0; at < len(list); at += tallyStep {
		part := list[at:min(at+tallyStep, len(list))]
		values := make([][2]uint64, len(part))
		d.firewall.Do(func(*netfilter.Engine) {
			for i := range part {
				values[i][0], values[i][1] = part[i].Read()
			}
		})
		for i := range part {
			addTally(f, &part[i], values[i][0], values[i][1])
		}
	}
}

func addTally(f *metrics.Figures, t *vm.Tally, a, b uint64) {
	family, table := t.Table.Family.String(), t.Table.Name
	switch {
	case t.Object == nil:
		f.Rules = append(f.Rules, metrics.Rule{Family: family, Table: table, Chain: t.Chain.Name, Handle: t.Rule.Handle, Packets: a, Bytes: b})
	case t.Object.Type == bytecode.ObjectQuota:
		f.Objects = append(f.Objects, metrics.Object{Family: family, Table: table, Name: t.Object.Name, Quota: true, Bytes: a, Limit: b})
	default:
		f.Objects = append(f.Objects, metrics.Object{Family: family, Table: table, Name: t.Object.Name, Packets: a, Bytes: b})
	}
}
