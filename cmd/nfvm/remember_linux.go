package main

import (
	"context"
	"time"
)

// recall puts the connections of the process before into the table. Without them
// nfvm runs as well, so nothing that is wrong with the file stops it.
func (g *guardian) recall() {
	if g.options.loadFrom == "" {
		return
	}
	sum, err := g.firewall.LoadConntrack(g.options.loadFrom)
	if err != nil {
		g.log.Warn("connections are not restored", "err", err)
		return
	}
	g.log.Info("connections restored", "flows", sum.Flows, "expired", sum.Expired,
		"clashing", sum.Clashing, "table_full", sum.Full, "unusable", sum.Unusable)
}

// remember saves the connections now and then, for the case that the process is
// killed.
func (g *guardian) remember(ctx context.Context) {
	tick := time.NewTicker(g.options.saveEvery)
	defer tick.Stop()
	for g.save() {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// save writes the connections, and reports whether it is worth trying again.
func (g *guardian) save() bool {
	name := g.options.saveTo
	if name == "" {
		return false
	}
	n, err := g.firewall.SaveConntrack(name)
	if err != nil {
		g.log.Error("connections are not saved", "err", err)
		return true
	}
	g.log.Debug("connections saved", "file", name, "flows", n)
	return true
}
