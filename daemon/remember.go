//go:build linux

package daemon

import (
	"context"
	"time"
)

// recall puts the connections of the process before into the table. Without them
// nfvm runs as well, so nothing that is wrong with the file stops it.
func (d *Daemon) recall() {
	if d.LoadConntrack == "" {
		return
	}
	sum, err := d.firewall.LoadConntrack(d.LoadConntrack)
	if err != nil {
		d.Log.Warn("connections are not restored", "err", err)
		return
	}
	d.Log.Info("connections restored", "flows", sum.Flows, "expired", sum.Expired,
		"clashing", sum.Clashing, "table_full", sum.Full, "unusable", sum.Unusable)
}

// remember saves the connections now and then, for the case that the process is
// killed.
func (d *Daemon) remember(ctx context.Context) {
	tick := time.NewTicker(d.SaveEvery)
	defer tick.Stop()
	for d.save() {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// save writes the connections, and reports whether it is worth trying again.
func (d *Daemon) save() bool {
	name := d.SaveConntrack
	if name == "" {
		return false
	}
	n, err := d.firewall.SaveConntrack(name)
	if err != nil {
		d.Log.Error("connections are not saved", "err", err)
		return true
	}
	d.Log.Debug("connections saved", "file", name, "flows", n)
	return true
}
