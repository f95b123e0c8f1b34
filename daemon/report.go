//go:build linux

package daemon

import (
	"context"
	"log/slog"

	"nfvm/netfilter"
	"nfvm/replay"
)

// reportBurst is how many packets are logged at once, in seconds of the rate.
const reportBurst = 5

// A reporter logs packets that do not pass, within bounds.
type reporter struct {
	log     *slog.Logger
	namer   *replay.Namer
	rate    int // packets a second, below 0 for all
	tokens  float64
	last    int64 // nanoseconds since the epoch
	skipped int

	// observe tells that nothing is enforced, observed is what would have been.
	observe  bool
	observed observation
}

// packet logs a packet that was dropped or rejected, or would have been.
func (r *reporter) packet(o *netfilter.Outcome) {
	what, verdict := "packet", "verdict"
	if r.observe {
		r.observed.add(o)
		what, verdict = "observed packet", "would"
	}
	if o.Kind != netfilter.Dropped || !r.log.Enabled(context.Background(), slog.LevelInfo) || !r.allow(o.Time) {
		return
	}
	attrs := []any{verdict, verdictWord(&o.Decision)}
	if o.In != nil {
		attrs = append(attrs, "iif", o.In.Name)
	}
	if o.Reached {
		attrs = append(attrs, "hook", o.Hook.String())
	}
	attrs = append(attrs, r.cause(&o.Decision, o.Reason)...)
	attrs = append(attrs, "tuple", replay.Tuple(o))
	if r.skipped > 0 {
		attrs = append(attrs, "not_logged", r.skipped)
		r.skipped = 0
	}
	r.log.Info(what, attrs...)
}

func verdictWord(d *netfilter.Decision) string {
	if d.Rejected() {
		return "reject"
	}
	return "drop"
}

// cause names what drops a packet, as attributes of a log record.
func (r *reporter) cause(d *netfilter.Decision, reason string) (attrs []any) {
	if d.Chain == nil {
		if reason != "" {
			attrs = append(attrs, "reason", reason)
		}
		return attrs
	}
	attrs = append(attrs, "table", d.Table.Family.String()+" "+d.Table.Name, "chain", d.Chain.Name, "rule", r.namer.Text(d))
	if pos := r.namer.Position(d); pos != "" {
		attrs = append(attrs, "position", pos)
	}
	return attrs
}

func (r *reporter) allow(now int64) bool {
	if r.rate < 0 {
		return true
	}
	r.tokens = min(float64(r.rate)*reportBurst, r.tokens+float64(now-r.last)/1e9*float64(r.rate))
	r.last = now
	if r.tokens < 1 {
		r.skipped++
		return false
	}
	r.tokens--
	return true
}
