package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"nfvm/conntrack"
	"nfvm/ct"
	"nfvm/daemon"
)

// conntrackTool is `nfvm conntrack`, with the words of conntrack(8), on a running
// nfvm or on a table that was saved.
func conntrackTool(c *client, args []string) error {
	tool := &conntrackRun{client: c}
	words, err := tool.ownFlags(args[1:])
	if err == nil {
		err = tool.run(words)
	}
	var mistake *conntrack.Error
	if errors.As(err, &mistake) {
		fmt.Fprint(c.std.err, mistake.Text())
		return exit(mistake.Status)
	}
	return err
}

// A conntrackRun is one run of the tool.
type conntrackRun struct {
	*client
	load, save string // files of a saved table
}

// ownFlags takes out of a command line what is nfvm's and not the tool's.
func (r *conntrackRun) ownFlags(args []string) (words []string, err error) {
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		name, value, has := strings.Cut(word, "=")
		to := map[string]*string{"--control": &r.control, "--conntrack-load": &r.load, "--conntrack-save": &r.save}[name]
		switch {
		case to == nil:
			words = append(words, word)
			continue
		case !has && len(args) == 0:
			return nil, fmt.Errorf("%s: want a value", name)
		case !has:
			value, args = args[0], args[1:]
		}
		*to = value
	}
	if r.save != "" && r.load == "" {
		return nil, errors.New("--conntrack-save writes the table of --conntrack-load, which is not there")
	}
	return words, nil
}

// environment is what a command line needs of this machine.
func (r *conntrackRun) environment() conntrack.Env {
	return conntrack.Env{
		Open:     func(name string) (io.ReadCloser, error) { return os.Open(name) },
		Warnings: r.std.err,
	}
}

// run reads the command line, so that mistakes are told here, and has it done.
func (r *conntrackRun) run(args []string) error {
	params := daemon.ConntrackParams{Args: args}
	var all []*conntrack.Command
	name, fromFile := conntrack.LoadsFile(args)
	if fromFile {
		text, err := r.readFile(name)
		if err != nil {
			return conntrack.CantOpen(name)
		}
		params.Input = string(text)
		if all, err = conntrack.ParseFile(bytes.NewReader(text), r.environment()); err != nil {
			return err
		}
	} else {
		c, err := conntrack.Parse(args, r.environment())
		if err != nil {
			return err
		}
		if c.Watches() {
			return r.follow(c, params)
		}
		all = []*conntrack.Command{c}
	}
	if r.load != "" {
		return r.onSaved(all, fromFile)
	}
	if !fromFile && all[0].NeedsNoTable() {
		tool := &conntrack.Tool{Out: r.std.out, Err: r.std.err}
		_, err := tool.Run(all[0])
		return err
	}
	return r.ask(params)
}

func (r *conntrackRun) readFile(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(r.std.in)
	}
	return os.ReadFile(name)
}

// ask has a running nfvm do it.
func (r *conntrackRun) ask(params daemon.ConntrackParams) error {
	if err := r.dial(); err != nil {
		return err
	}
	var e daemon.Exit
	if err := r.conn.Watch("conntrack.run", params, &e, r.copy); err != nil {
		return ended(err)
	}
	return exit(e.Status)
}

// copy prints what the tool has printed over there.
func (r *conntrackRun) copy(raw json.RawMessage) error {
	var t daemon.Text
	if err := json.Unmarshal(raw, &t); err != nil {
		return err
	}
	if _, err := io.WriteString(r.std.err, t.Err); err != nil {
		return err
	}
	_, err := io.WriteString(r.std.out, t.Text)
	return err
}

// follow prints events until it is interrupted.
func (r *conntrackRun) follow(c *conntrack.Command, params daemon.ConntrackParams) error {
	if r.load != "" {
		return errors.New("conntrack -E: nothing happens to a saved table")
	}
	if _, err := c.Watch(); err != nil {
		return err
	}
	if err := r.dial(); err != nil {
		return err
	}
	fmt.Fprint(r.std.err, c.Notice())
	interrupted, _ := r.untilInterrupt()
	shown := 0
	err := r.conn.Watch("conntrack.run", params, nil, func(raw json.RawMessage) error {
		var t daemon.Text
		if err := json.Unmarshal(raw, &t); err != nil {
			return err
		}
		if t.Lost > 0 {
			fmt.Fprintf(r.std.err, "WARNING: %d events were lost: this reads too slowly\n", t.Lost)
		}
		if t.Text != "" {
			shown++
		}
		_, err := io.WriteString(r.std.out, t.Text)
		return err
	})
	if !interrupted() {
		return ended(err)
	}
	out, told := c.Ended(shown)
	fmt.Fprint(r.std.out, out)
	fmt.Fprint(r.std.err, told)
	return nil
}

// onSaved runs commands on a saved table, and saves it again if they change it.
func (r *conntrackRun) onSaved(all []*conntrack.Command, fromFile bool) error {
	s, err := ct.LoadFile(r.load)
	if err != nil {
		return err
	}
	m := conntrack.Saved(s, rand.Uint32)
	out := bufio.NewWriter(r.std.out)
	tool := &conntrack.Tool{Source: m, Out: out, Err: r.std.err}
	var status int
	if fromFile {
		status, err = tool.RunFile(all)
	} else {
		status, err = tool.Run(all[0])
	}
	if err = errors.Join(err, out.Flush()); err != nil {
		return err
	}
	if r.save == "" {
		r.save = r.load
	}
	if slices.ContainsFunc(all, (*conntrack.Command).Changes) || r.save != r.load {
		if err := m.Save().WriteFile(r.save); err != nil {
			return err
		}
	}
	return exit(status)
}
