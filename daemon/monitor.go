//go:build linux

package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"nfvm/conntrack"
	"nfvm/trace"
)

// errEnding is what clients that watch are told at the end.
var errEnding = errors.New("nfvm has ended")

// monitor sends what happens until the client goes.
func (d *Daemon) monitor(ctx context.Context, p MonitorParams, send sender) (nothing, error) {
	w := &watcher{all: p.All}
	var text func(any) (any, error)
	switch p.What {
	case "trace":
		w.topic, text = topicTrace, d.traceText(p.JSON)
	case "events":
		flows, err := watchFlows(allEvents)
		if err != nil {
			return nothing{}, err
		}
		w.topic, text = topicConntrack, eventText(flows)
	case "ruleset":
		if w.topic = topicRuleset; p.JSON {
			w.topic = topicRulesetJSON
		}
		text = func(e any) (any, error) { return Text{Text: e.(string)}, nil }
	default:
		return nothing{}, fmt.Errorf("can't monitor %q: want trace, events or ruleset", p.What)
	}
	switch {
	case p.All && p.What != "trace":
		return nothing{}, fmt.Errorf("monitor %s: all is for traces", p.What)
	case p.JSON && p.What == "events":
		return nothing{}, errors.New("monitor events: json is for traces and the ruleset")
	}
	return nothing{}, d.each(ctx, w, send, text)
}

// allEvents shows events of connections as monitor events does.
var allEvents = []string{"-E", "-o", "timestamp"}

// eventText renders events as a command line of conntrack(8) says.
func eventText(c *conntrack.Watcher) func(any) (any, error) {
	return func(event any) (any, error) {
		line := c.Show(nil, event.(*conntrack.Event))
		if len(line) == 0 {
			return nil, nil
		}
		return Text{Text: string(line)}, nil
	}
}

// watchFlows begins to show events as a command line of conntrack(8) says.
func watchFlows(args []string) (*conntrack.Watcher, error) {
	c, err := conntrack.Parse(args, environment())
	if err != nil {
		return nil, err
	}
	return c.Watch()
}

// each sends the events of a topic until the client goes, as text makes them; nil
// is not sent.
func (d *Daemon) each(ctx context.Context, w *watcher, send sender, text func(any) (any, error)) error {
	stop := d.watch(w)
	defer stop()
	if err := send(struct{}{}); err != nil { // it has begun
		return err
	}
	for {
		event, lost, ok := w.next(ctx)
		if !ok {
			return errEnding
		}
		if lost > 0 {
			if err := send(Text{Lost: lost}); err != nil {
				return err
			}
		}
		line, err := text(event)
		if err == nil && line != nil {
			err = send(line)
		}
		if err != nil {
			return err
		}
	}
}

// traceText renders events of a trace.
func (d *Daemon) traceText(asJSON bool) func(any) (any, error) {
	var b bytes.Buffer
	opt := d.Listing(d.host())
	write := trace.NewWriter(&b, &opt).Event
	if asJSON {
		write = trace.NewJSONWriter(&b, &opt).Event
	}
	return func(e any) (any, error) {
		b.Reset()
		if err := write(e.(*trace.Event)); err != nil {
			return nil, err
		}
		if asJSON {
			return json.RawMessage(bytes.Clone(b.Bytes())), nil
		}
		return Text{Text: b.String()}, nil
	}
}
