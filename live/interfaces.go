//go:build linux

package live

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"nfvm/host"
	"nfvm/netfilter"
	"nfvm/netio/guard"
	"nfvm/nf"
)

// hold makes ready to take the frames of an interface that is there.
func (f *Firewall) hold(p *port) error {
	c := f.guards
	c.Name = p.name
	g, err := guard.NewGuard(c)
	if err != nil {
		return err
	}
	if f.ports[g.Index] != nil {
		return errors.Join(fmt.Errorf("interface %s is named twice", p.name), g.Close())
	}
	f.engine.Lock()
	defer f.engine.Unlock()
	p.guard, p.mtu, p.torn = g, g.MTU, false
	f.ports[g.Index] = p
	return nil
}

// drop gives an interface back, or what is left when it has gone. No worker may
// be running.
func (f *Firewall) drop(p *port) error {
	f.engine.Lock()
	defer f.engine.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	g := p.guard
	p.guard = nil
	p.stats.Missed += g.Missed()
	delete(f.ports, g.Index)
	f.forget(g.Index)
	return g.Close()
}

// attach puts a guard in force. What an earlier process left to keep the
// interface closed goes or stays only then, so that nothing slips through.
func (f *Firewall) attach(g *guard.Guard) error {
	if err := g.Attach(); err != nil {
		return err
	}
	f.log.Info("guarding", "iface", g.Name, "driver", g.Driver, "why", g.Why, "workers", len(f.pollers))
	switch {
	case f.observe: // whoever enforces has the say
		return nil
	case f.closed:
		return guard.Shut(g.Name)
	}
	_, err := guard.Release(g.Name)
	return err
}

// assign shares the queues of all interfaces: those of one number are one
// worker's, of all interfaces.
func (f *Firewall) assign() error {
	share := make([][]*guard.Queue, f.guards.Queues)
	for _, p := range f.ports {
		for _, q := range p.guard.List() {
			share[q.Index%len(share)] = append(share[q.Index%len(share)], q)
		}
	}
	for _, queues := range share {
		if len(queues) == 0 {
			continue
		}
		poller, err := guard.NewPoller(queues)
		if err != nil {
			return err
		}
		f.pollers = append(f.pollers, poller)
	}
	return nil
}

// work starts the workers.
func (f *Firewall) work() {
	for i, p := range f.pollers {
		if i == len(f.beside) {
			f.beside = append(f.beside, f.engine.Worker(nil))
		}
		w := newWorker(f, p, f.beside[i])
		f.workers.Go(func() {
			if err := w.run(); err != nil {
				f.log.Error("reading frames", "err", err)
			}
		})
	}
}

// rest ends the workers, in the way that stop has.
func (f *Firewall) rest(stop func(*guard.Poller) error) (err error) {
	for _, p := range f.pollers {
		err = errors.Join(err, stop(p))
	}
	f.workers.Wait()
	for _, p := range f.pollers {
		err = errors.Join(err, p.Close())
	}
	f.pollers = nil
	return err
}

// retry is when it is tried again to guard an interface that could not be.
const retry = time.Second

// LinkGone tells the firewall that the link with this index was taken away. What
// has the index when SetHost is called next is another one.
func (f *Firewall) LinkGone(index int) {
	f.looking.Lock()
	defer f.looking.Unlock()
	for _, p := range f.managed {
		if p.guard != nil && slices.Contains(p.guard.Devices(), index) {
			p.torn = true
		}
	}
}

// SetHost tells the firewall that the host has changed. Managed interfaces that
// have gone are let go, those that are back are taken again.
func (f *Firewall) SetHost(h *host.Host) {
	f.Do(func(e *netfilter.Engine) { e.SetHost(h) })
	f.looking.Lock()
	defer f.looking.Unlock()
	f.look(h)
}

// lookAgain tries to guard what could not be guarded, when it is time.
func (f *Firewall) lookAgain(now time.Time) {
	f.looking.Lock()
	defer f.looking.Unlock()
	if !f.again.IsZero() && now.After(f.again) {
		var h *host.Host
		f.Do(func(e *netfilter.Engine) { h = e.Host() })
		f.look(h)
	}
}

func (f *Firewall) look(h *host.Host) {
	f.again = time.Time{}
	var gone, back []*port
	for _, p := range f.managed {
		switch {
		case p.guard == nil:
			if h.LinkByName(p.name) != nil {
				back = append(back, p)
			}
		case !p.whole(h):
			gone = append(gone, p)
			if h.LinkByName(p.name) != nil { // another one has its name already
				back = append(back, p)
			}
		default:
			f.fit(p, h.LinkByIndex(p.guard.Index))
		}
	}
	if len(gone)+len(back) > 0 {
		f.change(gone, back)
	}
}

// whole reports whether the interface and the devices of its guard are there.
func (p *port) whole(h *host.Host) bool {
	if p.torn {
		return false
	}
	for _, index := range p.guard.Devices() {
		if h.LinkByIndex(index) == nil {
			return false
		}
	}
	return true
}

// fit lets frames as large as the interface now has them through.
func (f *Firewall) fit(p *port, l *nf.Link) {
	if int(l.MTU) == p.mtu {
		return
	}
	p.mtu = int(l.MTU)
	if err := p.guard.SetMTU(p.mtu); err != nil {
		f.log.Error("an interface has another MTU", "iface", p.name, "mtu", p.mtu, "err", err)
	}
}

// change lets interfaces go and takes others, while no frame is under way.
func (f *Firewall) change(gone, back []*port) {
	f.life.Lock()
	defer f.life.Unlock()
	err := f.rest((*guard.Poller).Interrupt)
	for _, p := range gone {
		f.log.Warn("a managed interface has gone", "iface", p.name)
		err = errors.Join(err, f.drop(p))
	}
	var held []*port
	for _, p := range back {
		if err := f.hold(p); err != nil {
			f.refused(p, err)
			continue
		}
		held = append(held, p)
	}
	err = errors.Join(err, f.assign())
	f.work()
	for _, p := range held {
		if err := f.attach(p.guard); err != nil {
			p.torn = true // to be tried again
			f.refused(p, err)
			continue
		}
		f.log.Info("a managed interface is back", "iface", p.name)
	}
	if err != nil {
		f.log.Error("interfaces have changed", "err", err)
	}
}

// refused says that an interface can't be guarded, and shuts it if it has to be
// shut without a guard.
func (f *Firewall) refused(p *port, err error) {
	f.again = time.Now().Add(retry)
	if f.closed && !f.observe {
		err = errors.Join(err, guard.Shut(p.name))
	}
	f.log.Error("a managed interface is back and can't be taken", "iface", p.name, "err", err)
}
