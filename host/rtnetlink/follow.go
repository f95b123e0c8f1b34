//go:build linux

package rtnetlink

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"time"

	"golang.org/x/sys/unix"

	"nfvm/host"
	"nfvm/nf"
)

const (
	// quiet is how long nothing more must change before the machine is looked
	// at again; patience is when it is done at the latest.
	quiet    = 10 * time.Millisecond
	patience = 100 * time.Millisecond
	// settle is when the machine is looked at once more after the change of a
	// link: of the IPv4 routes that went with it the kernel tells nothing.
	settle = time.Second
	// retry is the pause after a look that failed; Follow gives up when
	// failures of them did in a row.
	retry    = time.Second
	failures = 10
	// tornLooks in a row are one too many to wait for a better one.
	tornLooks = 3
)

// Follow tells h of every change since Open, until ctx ends, which is the error
// it returns then. since is what Read said; what is still so is not told again.
// Events that the kernel had to drop are made up for by a fresh Config.
func (c *Conn) Follow(ctx context.Context, since host.Config, h Handler) error {
	if c.events == nil {
		return errors.New("rtnetlink: Follow needs a Conn made by Open")
	}
	stop := context.AfterFunc(ctx, c.events.wake)
	defer stop()
	f := &follower{Conn: c, handler: h, failing: c.silent}
	f.adopt(since)
	for {
		b, err := c.events.receive(f.next())
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, os.ErrDeadlineExceeded):
			err = f.look(time.Now())
		case errors.Is(err, unix.ENOBUFS):
			f.lost, err = true, nil
			f.changed(time.Now())
		case err == nil:
			f.messages(b, time.Now())
		}
		if err != nil {
			return err
		}
	}
}

// A follower keeps what Follow told last.
type follower struct {
	*Conn
	handler    Handler
	told       host.Config // without neighbours
	neighbours map[neighbourKey][6]byte
	failing    func(neighbourMsg) bool // Conn.silent

	first   time.Time // of the changes not looked at yet; zero: none
	due     time.Time // of the look for them; zero: none
	settled time.Time // of the look after a link's change; zero: none
	lost    bool      // events were lost since the last Config
	link    bool      // a link is among what changed
	// sysctls tells that settings may be, too: those of a link, or by event.
	sysctls bool

	torn, failed int // looks in a row
}

func (f *follower) adopt(c host.Config) {
	f.neighbours = make(map[neighbourKey][6]byte, len(c.Neighbours))
	for _, n := range c.Neighbours {
		f.neighbours[neighbourKey{n.Link.Index, n.Addr}] = n.MAC
	}
	f.told = c
	f.told.Neighbours = nil
}

// changed puts the next look off until it has been quiet.
func (f *follower) changed(now time.Time) {
	if f.first.IsZero() {
		f.first = now
	}
	f.due = now.Add(quiet)
	if last := f.first.Add(patience); f.due.After(last) {
		f.due = last
	}
}

func (f *follower) messages(b []byte, now time.Time) {
	for kind, msg := range messages(b) {
		switch kind {
		case unix.RTM_NEWNEIGH, unix.RTM_DELNEIGH:
			f.neighbour(kind, msg)
		case unix.RTM_NEWLINK, unix.RTM_DELLINK:
			f.link, f.sysctls = true, true
			f.gone(kind, msg)
			f.changed(now)
		case unix.RTM_NEWNETCONF, unix.RTM_DELNETCONF:
			f.sysctls = true
			f.changed(now)
		case unix.RTM_NEWROUTE, unix.RTM_DELROUTE:
			if len(msg) < unix.SizeofRtMsg || u32(msg[8:])&unix.RTM_F_CLONED == 0 {
				f.changed(now)
			}
		default:
			f.changed(now)
		}
	}
}

// gone tells of a link that was taken away. A bridge says the same of its ports.
func (f *follower) gone(kind uint16, b []byte) {
	if kind != unix.RTM_DELLINK || len(b) < unix.SizeofIfInfomsg || b[0] != unix.AF_UNSPEC || f.handler.Gone == nil {
		return
	}
	f.handler.Gone(int(int32(u32(b[4:]))))
	f.lost = true // what comes next may look as it was
}

// next is when to look again; the zero time is never.
func (f *follower) next() time.Time {
	if f.due.IsZero() || !f.settled.IsZero() && f.settled.Before(f.due) {
		return f.settled
	}
	return f.due
}

// look reads the machine and tells what is new.
func (f *follower) look(now time.Time) error {
	if f.link {
		f.settled = now.Add(settle)
	} else if !f.settled.After(now) {
		f.settled = time.Time{}
	}
	f.first, f.due, f.link = time.Time{}, time.Time{}, false
	before := f.told
	if f.sysctls || f.lost {
		before.Sysctls = nil
	}
	r, err := f.read(&before)
	if err != nil {
		f.due = now.Add(retry)
		if f.failed++; f.failed == failures {
			return fmt.Errorf("rtnetlink: %w", err)
		}
		return nil
	}
	f.failed = 0
	// Those of a link that is just coming up are read once more when it settled.
	f.sysctls = !f.settled.IsZero() || r.torn
	if r.torn {
		f.changed(time.Now())
		if f.torn++; f.torn < tornLooks {
			return nil
		}
	}
	f.torn = 0
	f.tell(r.Config)
	return nil
}

// tell passes a Config on unless nothing in it is new.
func (f *follower) tell(c host.Config) {
	rest := c
	rest.Neighbours = nil
	if !f.lost && sameLinks(rest.Links, f.told.Links) && reflect.DeepEqual(rest, f.told) {
		return
	}
	f.lost = false
	f.adopt(c)
	f.handler.Config(c)
}

// sameLinks is a quick look before the deep one: links that did not change are
// the same.
func sameLinks(a, b []*nf.Link) bool {
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			return false
		}
	}
	return len(a) == len(b)
}

// neighbour passes the change of a neighbour on. The kernel also tells when only
// its confidence in one changed; that is not passed on.
func (f *follower) neighbour(kind uint16, b []byte) {
	m, ok := parseNeighbour(b)
	if !ok {
		return
	}
	mac, known := f.neighbours[m.neighbourKey]
	e := NeighbourEvent{Index: m.index, Addr: m.addr}
	switch {
	case kind == unix.RTM_NEWNEIGH && m.usable():
		if known && mac == m.mac {
			return
		}
		e.MAC, e.Change = m.mac, NeighbourAdded
		if known {
			e.Change = NeighbourChanged
		}
		f.neighbours[m.neighbourKey] = m.mac
		f.handler.Neighbour(e)
		return
	case kind == unix.RTM_NEWNEIGH && m.state&unix.NUD_FAILED != 0:
		e.Change = NeighbourRemoved
		if f.failing(m) {
			e.Change = NeighbourFailed
		}
	case known:
		e.Change = NeighbourRemoved
	default:
		return
	}
	delete(f.neighbours, m.neighbourKey)
	f.handler.Neighbour(e)
}

// silent reports whether a neighbour that is said not to answer still doesn't. An
// entry that is deleted is said to have failed too, and while the event waited to
// be read the kernel may have begun to look for the neighbour again.
func (c *Conn) silent(m neighbourMsg) bool {
	now, err := c.lookup(neighbourRequest(m.index, m.addr))
	return err == nil && now.state&unix.NUD_FAILED != 0
}
