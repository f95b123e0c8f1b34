//go:build linux

package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

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
	case "events", "ruleset":
		w.topic = topicConntrack
		if p.What == "ruleset" {
			w.topic = topicRuleset
		}
		text = func(e any) (any, error) { return Text{Text: e.(string) + "\n"}, nil }
	default:
		return nothing{}, fmt.Errorf("can't monitor %q: want trace, events or ruleset", p.What)
	}
	if p.What != "trace" && (p.All || p.JSON) {
		return nothing{}, fmt.Errorf("monitor %s: all and json are for traces", p.What)
	}
	stop := d.watch(w)
	defer stop()
	if err := send(struct{}{}); err != nil { // it has begun
		return nothing{}, err
	}
	for {
		event, lost, ok := w.next(ctx)
		if !ok {
			return nothing{}, errEnding
		}
		if lost > 0 {
			if err := send(Text{Lost: lost}); err != nil {
				return nothing{}, err
			}
		}
		line, err := text(event)
		if err == nil {
			err = send(line)
		}
		if err != nil {
			return nothing{}, err
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
