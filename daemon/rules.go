//go:build linux

package daemon

import (
	"errors"
	"sync"
	"time"

	sd "github.com/coreos/go-systemd/v22/daemon"

	"nfvm/bytecode"
	"nfvm/diag"
	"nfvm/host"
	"nfvm/netfilter"
	"nfvm/nf"
	"nfvm/packet"
	"nfvm/replay"
	"nfvm/vm"
)

// rules are what has to be known to change them. Rules change one at a time.
type rules struct {
	mu sync.Mutex
	// pending are the rules that come back unless a change is confirmed, nil if
	// none waits.
	pending  *netfilter.Rules
	deadline *time.Timer
	until    time.Time
}

var (
	errPending = errors.New("an earlier apply waits for its confirmation: nfvm confirm or nfvm rollback it first")
	errNothing = errors.New("nothing waits for a confirmation")
)

// use puts a program in force. What takes long is done before, while packets
// flow.
func (d *Daemon) use(p *bytecode.Program) (err error) {
	var current, next *netfilter.Rules
	var h *host.Host
	var now int64
	d.firewall.Do(func(e *netfilter.Engine) {
		current, h, now = e.Rules(), e.Host(), e.Now()
		if vm.Shared(p) {
			next, err = current.Prepare(p, now)
		}
	})
	if err == nil {
		err = netfilter.Unbridged(p, h)
	}
	if next == nil && err == nil {
		next, err = current.Prepare(p, now)
	}
	if err != nil {
		return err
	}
	d.put(next, h)
	return nil
}

// put puts loaded rules in force.
func (d *Daemon) put(r *netfilter.Rules, h *host.Host) {
	namer := &replay.Namer{Files: r.Program().Files, Rule: replay.RuleText(d.Listing(h))}
	var before *bytecode.Program
	d.firewall.Do(func(e *netfilter.Engine) {
		before = e.Rules().Program()
		e.Use(r)
		if d.report.namer != nil { // what follows is by other rules
			d.report.summary()
		}
		d.report.namer = namer
		d.PacketLog.Rules(r.Program())
	})
	d.events.rulesChanged(before, r.Program())
}

// logPacket is told of the packets that rules log, nil if nobody wants to know.
func (d *Daemon) logPacket() func(*packet.Packet, nf.Hook, *bytecode.Log) {
	if !d.PacketLog.Active() {
		return nil
	}
	return d.PacketLog.Log
}

// reload puts the rules file in force as it is now. If it can't be, the rules in
// force stay.
func (d *Daemon) reload() error {
	d.rules.mu.Lock()
	defer d.rules.mu.Unlock()
	d.PacketLog.Reopen()
	notify(sd.SdNotifyReloading)
	defer notify(sd.SdNotifyReady)
	err := error(errPending)
	if d.rules.pending == nil {
		var program *bytecode.Program
		if program, err = d.Load(d.host()); err == nil {
			err = d.use(program)
		}
	}
	d.loads.count(err)
	var mistakes *diag.List
	switch {
	case errors.As(err, &mistakes):
		d.Mistakes(mistakes)
		d.Log.Error("not reloaded, the old rules stay", "rules", d.Name)
	case err != nil:
		d.Log.Error("not reloaded, the old rules stay", "rules", d.Name, "err", err)
	default:
		d.Log.Info("reloaded", "rules", d.Name)
	}
	return err
}

// apply puts a client's rules in force. With a limit they stay only if they are
// confirmed within it.
func (d *Daemon) apply(src Source, limit time.Duration) error {
	d.rules.mu.Lock()
	defer d.rules.mu.Unlock()
	if d.rules.pending != nil {
		return errPending
	}
	var before *netfilter.Rules
	d.firewall.Do(func(e *netfilter.Engine) { before = e.Rules() })
	p, err := d.Compile(src, d.host())
	if err == nil {
		err = d.use(p)
	}
	d.loads.count(err)
	if err != nil {
		return err
	}
	d.Log.Info("applied", "rules", src.Name, "confirm", limit)
	if limit > 0 {
		d.rules.pending, d.rules.until = before, time.Now().Add(limit)
		d.rules.deadline = time.AfterFunc(limit, func() { d.expire(before) })
	}
	return nil
}

// expire rolls back what nobody has confirmed.
func (d *Daemon) expire(before *netfilter.Rules) {
	d.rules.mu.Lock()
	defer d.rules.mu.Unlock()
	if d.rules.pending == before {
		d.restore("not confirmed in time")
	}
}

// restore puts the earlier rules back; they keep their state, and what has its
// name in both sets of rules keeps the later state.
func (d *Daemon) restore(why string) {
	var current *netfilter.Rules
	d.firewall.Do(func(e *netfilter.Engine) { current = e.Rules() })
	d.rules.pending.Follow(current)
	d.put(d.rules.pending, d.host())
	d.rules.settled()
	d.loads.count(nil)
	d.Log.Warn("rolled back, the earlier rules are in force", "why", why)
}

// settled ends the waiting for a confirmation.
func (r *rules) settled() {
	r.deadline.Stop()
	r.pending = nil
}

func (d *Daemon) confirm() error {
	d.rules.mu.Lock()
	defer d.rules.mu.Unlock()
	if d.rules.pending == nil {
		return errNothing
	}
	d.rules.settled()
	d.Log.Info("confirmed")
	return nil
}

func (d *Daemon) rollback() error {
	d.rules.mu.Lock()
	defer d.rules.mu.Unlock()
	if d.rules.pending == nil {
		return errNothing
	}
	d.restore("asked for")
	return nil
}

// stop ends the waiting; the process is about to end.
func (r *rules) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pending != nil {
		r.settled()
	}
}

// change changes elements of sets by commands of nft. A change of rules that
// waits for its confirmation is none of its business: it applies to the rules in
// force.
func (d *Daemon) change(command string) error {
	d.rules.mu.Lock()
	defer d.rules.mu.Unlock()
	var p *bytecode.Program
	var current *netfilter.Rules
	var h *host.Host
	var now int64
	d.firewall.Do(func(e *netfilter.Engine) { p, current, h, now = e.Snapshot(), e.Rules(), e.Host(), e.Now() })
	changes, err := d.Change(p, command, h)
	if err != nil {
		return err
	}
	for _, c := range changes {
		c.At = now
		if err := current.Loaded().Prepare(c); err != nil {
			return err
		}
	}
	d.firewall.Do(func(e *netfilter.Engine) {
		e.SuspendBypass()
		for _, c := range changes {
			c.Apply()
		}
	})
	d.events.elementsChanged(p, changes, d.Listing(h))
	return nil
}
