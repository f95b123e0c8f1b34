package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"nfvm/daemon"
)

// monitor is `nfvm monitor`.
func monitor(c *client, args []string) error {
	p := daemon.MonitorParams{}
	c.flags.BoolVar(&p.All, "all", false, "")
	words, err := c.parse(args)
	if err != nil {
		return err
	}
	switch len(words) {
	case 0:
		p.What = "ruleset"
	case 1:
		p.What = words[0]
	default:
		return errors.New("monitor takes one of trace, events and ruleset")
	}
	p.JSON = c.json
	return c.watch(p)
}

// watch prints events until it is interrupted.
func (c *client) watch(p daemon.MonitorParams) error {
	if err := c.dial(); err != nil {
		return err
	}
	interrupted, _ := c.untilInterrupt()
	err := c.conn.Watch("monitor", p, nil, func(raw json.RawMessage) error {
		var t daemon.Text
		if err := json.Unmarshal(raw, &t); err != nil {
			return err
		}
		var err error
		switch {
		case t.Lost > 0:
			_, err = fmt.Fprintf(c.std.err, "nfvm: %d events were lost: this reads too slowly\n", t.Lost)
		case p.JSON && t.Text == "" && len(raw) > 2:
			_, err = fmt.Fprintf(c.std.out, "%s\n", raw)
		default:
			_, err = io.WriteString(c.std.out, t.Text)
		}
		return err
	})
	if interrupted() {
		return nil
	}
	return ended(err)
}
