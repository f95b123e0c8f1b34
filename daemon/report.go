//go:build linux

package daemon

import (
	"log/slog"

	"nfvm/netfilter"
	"nfvm/replay"
)

// Bounds of what is logged of single packets: so many a second, and so many at
// once.
const (
	reportRate  = 20
	reportBurst = 100
)

// A reporter logs packets that do not pass, within bounds.
type reporter struct {
	log     *slog.Logger
	namer   *replay.Namer
	tokens  float64
	last    int64 // nanoseconds since the epoch
	skipped int
}

// packet logs a packet that was dropped or rejected.
func (r *reporter) packet(o *netfilter.Outcome) {
	if o.Kind != netfilter.Dropped || !r.allow(o.Time) {
		return
	}
	attrs := []any{"verdict", "drop"}
	if o.Decision.Rejected() {
		attrs[1] = "reject"
	}
	if o.In != nil {
		attrs = append(attrs, "iif", o.In.Name)
	}
	if o.Reached {
		attrs = append(attrs, "hook", o.Hook.String())
	}
	if d := &o.Decision; d.Chain != nil {
		attrs = append(attrs, "table", d.Table.Family.String()+" "+d.Table.Name, "chain", d.Chain.Name, "rule", r.namer.Text(d))
		if pos := r.namer.Position(d); pos != "" {
			attrs = append(attrs, "position", pos)
		}
	} else if o.Reason != "" {
		attrs = append(attrs, "reason", o.Reason)
	}
	attrs = append(attrs, "tuple", replay.Tuple(o))
	if r.skipped > 0 {
		attrs = append(attrs, "not_logged", r.skipped)
		r.skipped = 0
	}
	r.log.Info("packet", attrs...)
}

func (r *reporter) allow(now int64) bool {
	r.tokens = min(reportBurst, r.tokens+float64(now-r.last)/1e9*reportRate)
	r.last = now
	if r.tokens < 1 {
		r.skipped++
		return false
	}
	r.tokens--
	return true
}
