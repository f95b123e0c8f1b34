package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nfvm/bytecode"
	"nfvm/daemon"
	"nfvm/diag"
	"nfvm/lang"
)

// listFlags are those of nft that say how to list.
func (c *client) listFlags(p *daemon.ListParams) {
	for _, f := range []struct {
		names string
		to    *bool
	}{
		{"a handle", &p.Handles}, {"s stateless", &p.Stateless}, {"t terse", &p.Terse},
		{"y numeric-priority", &p.NumericPriority}, {"n numeric", &p.Numeric},
	} {
		for name := range strings.FieldsSeq(f.names) {
			c.flags.BoolVar(f.to, name, false, "")
		}
	}
}

// listRules is `nfvm list`.
func listRules(c *client, args []string) error { return c.listing("ruleset.list", args) }

// resetRules is `nfvm reset`.
func resetRules(c *client, args []string) error { return c.listing("ruleset.reset", args) }

// listing prints a part of the ruleset in force.
func (c *client) listing(method string, args []string) error {
	var p daemon.ListParams
	c.listFlags(&p)
	words, err := c.parse(args)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		if args[0] == "reset" {
			return errors.New("reset what? counters, quotas or rules")
		}
		words = []string{"ruleset"}
	}
	if err := listQuery(&p, args[0], words); err != nil {
		return err
	}
	p.JSON = c.json
	var raw json.RawMessage
	if err := c.call(method, p, &raw); err != nil {
		return err
	}
	return c.printed(raw)
}

// listQuery reads the words of a list or reset command by nft's grammar.
func listQuery(p *daemon.ListParams, verb string, words []string) error {
	f, list := lang.Parse("<cmdline>", []byte(verb+" "+strings.Join(words, " ")), lang.Options{})
	list.Sources = f.Sources
	if err := list.Err(); err != nil {
		return err
	}
	cmd, ok := f.Commands[0].(*lang.ListCmd)
	if !ok || len(f.Commands) != 1 || cmd.What == "hooks" || verb == "list" && cmd.What == "rules" {
		list.Errorf(diag.Span{}, "%s %s is not supported", verb, words[0])
		return list.Err()
	}
	p.What, p.Table, p.Name = cmd.What, cmd.Path.Table.Text, cmd.Path.Name.Text
	if cmd.Path.Family.Set() || p.Table != "" {
		p.Family = cmd.Path.FamilyName()
	}
	return nil
}

// printed prints a result: a text as it is, JSON in a line.
func (c *client) printed(raw json.RawMessage) error {
	if c.json {
		_, err := fmt.Fprintf(c.std.out, "%s\n", raw)
		return err
	}
	var t daemon.Text
	if err := json.Unmarshal(raw, &t); err != nil {
		return err
	}
	_, err := io.WriteString(c.std.out, t.Text)
	return err
}

// changeSet is `nfvm add element` and its like: the words are nft's.
func changeSet(c *client, args []string) error {
	if err := c.flags.Parse(args[1:]); err != nil {
		return err
	}
	words := c.flags.Args()
	if len(words) == 0 {
		return fmt.Errorf("%s what? element FAMILY TABLE SET { ... }", args[0])
	}
	return c.call("elements.change", daemon.ChangeParams{Command: args[0] + " " + strings.Join(words, " ")}, nil)
}

func reloadRules(c *client, args []string) error  { return c.simple("rules.reload", args) }
func confirmRules(c *client, args []string) error { return c.simple("rules.confirm", args) }

func rollbackRules(c *client, args []string) error { return c.simple("rules.rollback", args) }

func (c *client) simple(method string, args []string) error {
	if err := c.noWords(args); err != nil {
		return err
	}
	return c.call(method, nil, nil)
}

// applyRules is `nfvm apply`.
func applyRules(c *client, args []string) error {
	var p daemon.ApplyParams
	var limit time.Duration
	c.flags.Func("confirm", "", func(s string) (err error) {
		if limit, err = time.ParseDuration(s); err == nil && limit <= 0 {
			err = errors.New("want a time such as 30s")
		}
		return err
	})
	c.flags.Func("I", "", func(s string) error { return appendTo(&p.Include, s) })
	c.flags.Func("D", "", func(s string) error { return appendTo(&p.Define, s) })
	words, err := c.parse(args)
	if err != nil {
		return err
	}
	if len(words) != 1 {
		return errors.New("apply takes one file of rules")
	}
	data, err := readInput(words[0], c.std.in)
	if err != nil {
		return err
	}
	if p.Name = words[0]; p.Name == "-" {
		p.Name = "/dev/stdin"
	}
	if p.Dir, err = os.Getwd(); err != nil {
		return err
	}
	for i, dir := range p.Include {
		if !filepath.IsAbs(dir) {
			p.Include[i] = filepath.Join(p.Dir, dir)
		}
	}
	if bytecode.IsRules(data) {
		p.Binary = data
	} else {
		p.Rules = string(data)
	}
	p.Confirm = limit.Seconds()
	if err := c.call("rules.apply", p, nil); err != nil || limit == 0 {
		return err
	}
	_, err = fmt.Fprintf(c.std.err, "nfvm: %s is in force; without nfvm confirm the earlier rules return in %v\n", p.Name, limit)
	return err
}

// release is `nfvm release`: it asks the kernel, not a running nfvm.
func release(c *client, args []string) error {
	words, err := c.parse(args)
	if err != nil {
		return err
	}
	if len(words) != 1 {
		return errors.New("release takes the name of one interface")
	}
	if c.dial() == nil {
		var s daemon.Stats
		if err := c.call("stats", nil, &s); err != nil {
			return err
		}
		if _, managed := s.Interfaces[words[0]]; managed {
			return fmt.Errorf("release %s: a running nfvm (process %d) guards it", words[0], s.PID)
		}
	}
	return releaseInterface(words[0])
}
