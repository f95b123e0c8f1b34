package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"nfvm/daemon"
)

// conntrackTool is `nfvm conntrack`, with the words of conntrack(8).
func conntrackTool(c *client, args []string) error {
	var p daemon.ConnectionsParams
	var op string
	for _, o := range []struct{ short, long string }{{"L", "dump"}, {"C", "count"}, {"F", "flush"}, {"D", "delete"}, {"E", "event"}} {
		set := func(string) error {
			if op != "" && op != o.short {
				return fmt.Errorf("-%s and -%s are two commands", op, o.short)
			}
			op = o.short
			return nil
		}
		c.flags.BoolFunc(o.short, "", set)
		c.flags.BoolFunc(o.long, "", set)
	}
	filterFlags(c, &p.Filter)
	words, err := c.parse(args)
	switch {
	case err != nil:
		return err
	case len(words) == 1 && words[0] == "conntrack": // the table, which may be named
	case len(words) > 0:
		return fmt.Errorf("conntrack: unknown argument %q", words[0])
	}
	filtered := p.Filter != daemon.Filter{}
	switch op {
	case "L":
		return c.connections(p, "shown")
	case "D":
		if !filtered {
			return errors.New("conntrack -D: say which (-s, -d, -p ...), or flush them all with -F")
		}
		p.Delete = true
		return c.connections(p, "deleted")
	case "":
		return errors.New("conntrack: want -L, -C, -D, -F or -E")
	}
	if filtered {
		return fmt.Errorf("conntrack -%s takes no filter", op)
	}
	switch op {
	case "C":
		var n daemon.Count
		if err := c.call("conntrack.count", nil, &n); err != nil {
			return err
		}
		_, err = fmt.Fprintln(c.std.out, n.Count)
		return err
	case "F":
		p.Delete, p.Quiet = true, true
		if err := c.call("conntrack.list", p, nil); err != nil {
			return err
		}
		_, err = fmt.Fprintln(c.std.err, "nfvm: connection tracking table has been emptied.")
		return err
	}
	return c.watch(daemon.MonitorParams{What: "events"})
}

// filterFlags are the options by which conntrack(8) picks flows.
func filterFlags(c *client, f *daemon.Filter) {
	text := func(to *string, names ...string) {
		for _, n := range names {
			c.flags.StringVar(to, n, "", "")
		}
	}
	text(&f.Src, "s", "src", "orig-src")
	text(&f.Dst, "d", "dst", "orig-dst")
	text(&f.ReplySrc, "r", "reply-src")
	text(&f.ReplyDst, "q", "reply-dst")
	text(&f.Proto, "p", "proto")
	text(&f.Family, "f", "family")
	text(&f.State, "state")
	port := func(to *uint16) func(string) error {
		return func(s string) error {
			n, err := strconv.ParseUint(s, 10, 16)
			if err != nil || n == 0 {
				return errors.New("want a port from 1 to 65535")
			}
			*to = uint16(n)
			return nil
		}
	}
	for _, name := range []string{"sport", "orig-port-src"} {
		c.flags.Func(name, "", port(&f.Sport))
	}
	for _, name := range []string{"dport", "orig-port-dst"} {
		c.flags.Func(name, "", port(&f.Dport))
	}
	mark := func(s string) error { return setMark(f, s) }
	c.flags.Func("m", "", mark)
	c.flags.Func("mark", "", mark)
}

// setMark reads VALUE or VALUE/MASK.
func setMark(f *daemon.Filter, s string) error {
	value, mask, masked := strings.Cut(s, "/")
	v, err := strconv.ParseUint(value, 0, 32)
	if err != nil {
		return errors.New("want a mark, VALUE or VALUE/MASK")
	}
	n := uint32(v)
	f.Mark = &n
	if !masked {
		return nil
	}
	if v, err = strconv.ParseUint(mask, 0, 32); err != nil {
		return errors.New("want a mark, VALUE or VALUE/MASK")
	}
	m := uint32(v)
	f.MarkMask = &m
	return nil
}

// connections prints the connections of conntrack.list, and how many there were.
func (c *client) connections(p daemon.ConnectionsParams, done string) error {
	if err := c.dial(); err != nil {
		return err
	}
	var n daemon.Count
	err := c.conn.Watch("conntrack.list", p, &n, func(raw json.RawMessage) error {
		var t daemon.Text
		if err := json.Unmarshal(raw, &t); err != nil {
			return err
		}
		_, err := io.WriteString(c.std.out, t.Text)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(c.std.err, "nfvm: %d flow entries have been %s.\n", n.Count, done)
	if n.Count == 0 && p.Delete {
		return errQuiet // as conntrack does
	}
	return nil
}

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
		case p.JSON && len(raw) > 2:
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
