package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"nfvm/daemon"
)

// showStats is `nfvm stats`.
func showStats(c *client, args []string) error {
	if err := c.noWords(args); err != nil {
		return err
	}
	var raw json.RawMessage
	if err := c.call("stats", nil, &raw); err != nil {
		return err
	}
	if c.json {
		return c.printed(raw)
	}
	var s daemon.Stats
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	_, err := io.WriteString(c.std.out, statsText(&s))
	return err
}

func statsText(s *daemon.Stats) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	fmt.Fprintf(w, "process\t%d, up %v\n", s.PID, seconds(s.Uptime))
	fmt.Fprintf(w, "rules\t%s\n", s.Rules)
	if s.Observe {
		fmt.Fprintf(w, "mode\tobserves only\n")
	}
	if s.Pending > 0 {
		fmt.Fprintf(w, "pending\tapplied rules are rolled back in %v unless confirmed\n", seconds(s.Pending))
	}
	fmt.Fprintf(w, "packets\t%d sent, %d delivered, %d dropped\n", s.Sent, s.Delivered, s.Dropped)
	fmt.Fprintf(w, "connections\t%d\n", s.Connections)
	fmt.Fprintf(w, "lost events\t%d\n", s.LostEvents)
	fmt.Fprintf(w, "longest hold\t%.1f ms\n", s.LongestHold*1000)
	for _, l := range s.Logs {
		fmt.Fprintf(w, "log\t%s: %d packets, %d lost\n", l.To, l.Written, l.Dropped)
	}
	_ = w.Flush() // into memory
	counts(&b, "dropped because of", s.Reasons)
	counts(&b, "errors", s.Errors)
	counts(&b, "conntrack", s.Conntrack)
	b.WriteString("interfaces\n")
	t := tabwriter.NewWriter(&b, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "  name\tin\tbytes\tout\tbytes\tdropped\t\n")
	for _, name := range sorted(s.Interfaces) {
		i := s.Interfaces[name]
		fmt.Fprintf(t, "  %s\t%d\t%d\t%d\t%d\t%d\t\n", name, i.InPackets, i.InBytes, i.OutPackets, i.OutBytes, i.Dropped)
	}
	_ = t.Flush()
	for _, name := range sorted(s.Interfaces) {
		if i := s.Interfaces[name]; i.BypassedPackets > 0 {
			fmt.Fprintf(&b, "of these from %s inside the kernel: %d, %d bytes\n", name, i.BypassedPackets, i.BypassedBytes)
		}
	}
	return b.String()
}

// counts prints a map of counts, those that are not zero.
func counts(b *strings.Builder, title string, m map[string]uint64) {
	fmt.Fprintf(b, "%s\n", title)
	for _, name := range sorted(m) {
		if m[name] > 0 {
			fmt.Fprintf(b, "  %10d  %s\n", m[name], name)
		}
	}
}

func sorted[V any](m map[string]V) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(time.Second)
}

// errEnough ends a watch that has seen what it wanted.
var errEnough = errors.New("enough")

// showTop is `nfvm top`: views one below the other, or on a terminal in place.
func showTop(c *client, args []string) error {
	p := daemon.TopParams{}
	views := 0
	c.flags.Func("n", "", func(s string) (err error) {
		if views, err = strconv.Atoi(s); err != nil || views <= 0 {
			err = errors.New("want how many views to show")
		}
		return err
	})
	c.flags.Func("d", "", func(s string) (err error) {
		if p.Interval, err = strconv.ParseFloat(s, 64); err != nil || p.Interval < 0.1 || p.Interval > 3600 {
			err = errors.New("want seconds from 0.1 to 3600")
		}
		return err
	})
	if err := c.noWords(args); err != nil {
		return err
	}
	if err := c.dial(); err != nil {
		return err
	}
	interrupted, end := c.untilInterrupt()
	show := func(text string) error { _, err := io.WriteString(c.std.out, text+"\n"); return err }
	if isTerminal(c.std.out) && !c.json {
		rows, restore := fullScreen(c.std, end)
		defer restore()
		p.Limit = max(rows-4, 1)
		show = func(text string) error {
			_, err := io.WriteString(c.std.out, "\x1b[H\x1b[2J"+strings.ReplaceAll(text, "\n", "\r\n"))
			return err
		}
	}
	err := c.conn.Watch("top", p, nil, func(raw json.RawMessage) error {
		var v daemon.View
		if err := json.Unmarshal(raw, &v); err != nil {
			return err
		}
		text := viewText(&v)
		if c.json {
			text = string(raw)
		}
		if err := show(text); err != nil {
			return err
		}
		if views--; views == 0 {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) || interrupted() {
		return nil
	}
	return ended(err)
}

func viewText(v *daemon.View) string {
	var b strings.Builder
	fmt.Fprintf(&b, "up %v, %d connections, %s packets/s, %s bit/s\n", seconds(v.Uptime), v.Connections, short(v.Packets), short(v.Bits))
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	fmt.Fprint(w, "PROTO\tSTATE\tSOURCE\tDESTINATION\tPKT/S\tUP\tDOWN\tBYTES\n")
	for _, r := range v.Rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Proto, r.State, r.Src, r.Dst, short(r.Packets), short(r.Up), short(r.Down), short(float64(r.Bytes)))
	}
	_ = w.Flush() // into memory
	return b.String()
}

// short prints a number with three digits or so: 12.3M.
func short(x float64) string {
	for _, unit := range []string{"", "k", "M", "G"} {
		if x < 1000 {
			if unit == "" {
				return fmt.Sprintf("%.0f", x)
			}
			return fmt.Sprintf("%.3g%s", x, unit)
		}
		x /= 1000
	}
	return fmt.Sprintf("%.4gT", x)
}
