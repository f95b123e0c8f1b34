//go:build linux

package daemon

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"nfvm/conntrack"
	"nfvm/ct"
	"nfvm/ctnetlink"
	"nfvm/nat"
	"nfvm/netfilter"
	"nfvm/nf"
)

// A traffic is what one connection has carried until a moment.
type traffic struct {
	bytes   [2]uint64
	packets uint64
}

// top sends the busiest connections until the client goes. It needs what
// net.netfilter.nf_conntrack_acct counts, and turns that on; connections that
// were there before do not count.
func (d *Daemon) top(ctx context.Context, p TopParams, send sender) (nothing, error) {
	if p.Interval == 0 {
		p.Interval = 1
	}
	if p.Limit == 0 {
		p.Limit = 20
	}
	if p.Interval < 0.1 || p.Interval > 3600 || p.Limit < 0 {
		return nothing{}, errors.New("top: want an interval of 0.1 to 3600 seconds and a positive limit")
	}
	d.firewall.Do(func(e *netfilter.Engine) { e.Conntrack().Sysctl.Acct = true })
	tick := time.NewTicker(time.Duration(p.Interval * float64(time.Second)))
	defer tick.Stop()
	before, err := d.carried(ctx)
	for last := time.Now(); err == nil; {
		select {
		case <-ctx.Done():
			return nothing{}, errEnding
		case <-tick.C:
		}
		var after map[uint32]traffic
		if after, err = d.carried(ctx); err != nil {
			break
		}
		now := time.Now()
		err = send(d.view(before, after, now.Sub(last).Seconds(), p.Limit))
		before, last = after, now
	}
	return nothing{}, err
}

// carried is what each connection has carried until now.
func (d *Daemon) carried(ctx context.Context) (map[uint32]traffic, error) {
	m := map[uint32]traffic{}
	err := conntrack.Walk(d, func(t *ct.Table, _ *nat.Engine, e *ct.Entry) error {
		n := t.Counters(e)
		m[e.ID] = traffic{bytes: n.Bytes, packets: n.Packets[0] + n.Packets[1]}
		return nil
	}, ctx.Err)
	return m, err
}

// A rate is a connection's place in a View.
type rate struct {
	id           uint32
	packets      float64
	up, down     float64
	bytesOverall uint64
}

func (d *Daemon) view(before, after map[uint32]traffic, seconds float64, limit int) View {
	v := View{Uptime: time.Since(d.started).Seconds(), Connections: len(after)}
	var rates []rate
	for id, t := range after {
		b := before[id]
		r := rate{id: id, packets: float64(t.packets-b.packets) / seconds, bytesOverall: t.bytes[0] + t.bytes[1],
			up: float64(t.bytes[0]-b.bytes[0]) * 8 / seconds, down: float64(t.bytes[1]-b.bytes[1]) * 8 / seconds}
		v.Packets += r.packets
		v.Bits += r.up + r.down
		rates = append(rates, r)
	}
	slices.SortFunc(rates, func(a, b rate) int {
		switch x, y := a.up+a.down, b.up+b.down; {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return int(int64(a.id) - int64(b.id))
	})
	d.firewall.Do(func(e *netfilter.Engine) {
		for _, r := range rates[:min(limit, len(rates))] {
			if c := e.Conntrack().Entry(r.id); c != nil {
				v.Rows = append(v.Rows, topFlow(e.Conntrack(), c, r))
			}
		}
	})
	return v
}

func topFlow(table *ct.Table, c *ct.Entry, r rate) TopFlow {
	t := &c.Tuple[nf.DirOriginal]
	family := nf.Family(t.L3)
	f := TopFlow{Proto: ctnetlink.ProtoName(t.L4), State: table.StateName(c), Packets: r.packets, Up: r.up, Down: r.down, Bytes: r.bytesOverall}
	f.Src, f.Dst = endpoint(t.Src.Netip(family), t.SrcID, ctnetlink.Ported(t.L4)), endpoint(t.Dst.Netip(family), t.DstID, ctnetlink.Ported(t.L4))
	return f
}

func endpoint(a netip.Addr, port uint16, has bool) string {
	if !has {
		return a.String()
	}
	return net.JoinHostPort(a.String(), strconv.Itoa(int(port)))
}
