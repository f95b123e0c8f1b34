//go:build linux

package daemon

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"

	"nfvm/conntrack"
	"nfvm/ct"
	"nfvm/nat"
	"nfvm/netfilter"
)

// Do calls f while no packet is in the engine; it makes the daemon a
// conntrack.Source.
func (d *Daemon) Do(f func(*ct.Table, *nat.Engine)) {
	d.firewall.Do(func(e *netfilter.Engine) { f(e.Conntrack(), e.NAT()) })
}

// environment is what the conntrack tool may need of the machine. What is wrong
// with a command line is told to the client, which reads it, too.
func environment() conntrack.Env {
	return conntrack.Env{Open: func(name string) (io.ReadCloser, error) { return os.Open(name) }}
}

// A reply is what a command of the conntrack tool has printed since the last
// message.
type reply struct {
	out, err bytes.Buffer
	send     sender
	ctx      context.Context
}

// enough is how much is printed before it is sent.
const enough = 1 << 16

// rest sends what has been printed, if it is enough.
func (r *reply) rest() error {
	if r.out.Len() < enough {
		return r.ctx.Err()
	}
	return r.flush()
}

func (r *reply) flush() error {
	if r.out.Len()+r.err.Len() == 0 {
		return nil
	}
	err := r.send(Text{Text: r.out.String(), Err: r.err.String()})
	r.out.Reset()
	r.err.Reset()
	return err
}

// conntrack runs a command line of conntrack(8), and sends what it prints.
func (d *Daemon) conntrack(ctx context.Context, p ConntrackParams, send sender) (Exit, error) {
	r := &reply{send: send, ctx: ctx}
	tool := &conntrack.Tool{Source: d, Out: &r.out, Err: &r.err, Rest: r.rest}
	var status int
	var err error
	if _, file := conntrack.LoadsFile(p.Args); file {
		var all []*conntrack.Command
		if all, err = conntrack.ParseFile(strings.NewReader(p.Input), environment()); err == nil {
			status, err = tool.RunFile(all)
		}
	} else {
		var c *conntrack.Command
		c, err = conntrack.Parse(p.Args, environment())
		switch {
		case err != nil:
		case c.Watches():
			return Exit{}, d.followFlows(ctx, c, send)
		default:
			status, err = tool.Run(c)
		}
	}
	if err != nil {
		return Exit{}, err
	}
	return Exit{Status: status}, r.flush()
}

// followFlows sends the events that a command is about, each with how many there were.
func (d *Daemon) followFlows(ctx context.Context, c *conntrack.Command, send sender) error {
	flows, err := c.Watch()
	if err != nil {
		return err
	}
	return d.each(ctx, &watcher{topic: topicConntrack}, send, eventText(flows))
}

func (d *Daemon) count(context.Context, nothing, sender) (n Count, _ error) {
	d.firewall.Do(func(e *netfilter.Engine) { n.Count = e.Conntrack().Count() })
	return n, nil
}
