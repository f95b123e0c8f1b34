//go:build linux

package daemon

import (
	"context"
	"os"
	"runtime"
	"time"

	"nfvm/ct"
	"nfvm/live"
	"nfvm/netfilter"
)

func (d *Daemon) stats(context.Context, nothing, sender) (Stats, error) {
	f := d.firewall.Stats()
	s := Stats{
		PID: os.Getpid(), Uptime: time.Since(d.started).Seconds(), Rules: d.Name, Observe: d.Observe,
		Sent: f.Sent, Delivered: f.Delivered, Dropped: f.Dropped, Reasons: f.Reasons,
		Errors:     lostFrames(&f),
		Interfaces: map[string]InterfaceStats{}, LostEvents: d.events.lost.Load(), LongestHold: f.LongestHold.Seconds(),
		Goroutines: runtime.NumGoroutine(),
	}
	for name, p := range f.Interfaces {
		s.Interfaces[name] = interfaceStats(p)
	}
	var c ct.Stats
	d.firewall.Do(func(e *netfilter.Engine) { c, s.Connections = e.Conntrack().Stats, e.Conntrack().Count() })
	s.Conntrack = conntrackCounters(&c)
	for _, l := range d.PacketLog.Stats() {
		s.Logs = append(s.Logs, LogStats{To: l.Name, Written: l.Written, Dropped: l.Dropped})
	}
	d.rules.mu.Lock()
	if d.rules.pending != nil {
		s.Pending = time.Until(d.rules.until).Seconds()
	}
	d.rules.mu.Unlock()
	return s, nil
}

func interfaceStats(p live.PortStats) InterfaceStats {
	return InterfaceStats{InPackets: p.In.Packets, InBytes: p.In.Bytes, OutPackets: p.Out.Packets, OutBytes: p.Out.Bytes, Dropped: p.Dropped, Missed: p.Missed,
		BypassedPackets: p.Bypassed.Packets, BypassedBytes: p.Bypassed.Bytes}
}
