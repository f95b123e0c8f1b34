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
	"nfvm/control"
	"nfvm/daemon"
	"nfvm/diag"
	"nfvm/lang"
)

// listFlagNames are the flags of nft that say how to list.
var listFlagNames = []string{"a", "handle", "s", "stateless", "t", "terse", "y", "numeric-priority", "n", "numeric", "j", "json"}

func (c *client) listFlags(p *daemon.ListParams) {
	to := []*bool{&p.Handles, &p.Stateless, &p.Terse, &p.NumericPriority, &p.Numeric}
	for i, flag := range to {
		c.flags.BoolVar(flag, listFlagNames[2*i], false, "")
		c.flags.BoolVar(flag, listFlagNames[2*i+1], false, "")
	}
}

// bundle splits short flags that stand together, such as -an; nil if an argument
// is something else.
func bundle(arg string) (flags []string) {
	letters, ok := strings.CutPrefix(arg, "-")
	if !ok || len(letters) < 2 {
		return nil
	}
	for _, l := range letters {
		if !strings.ContainsRune("astynj", l) {
			return nil
		}
		flags = append(flags, "-"+string(l))
	}
	return flags
}

// unbundle splits all short flags that stand together.
func unbundle(args []string) (out []string) {
	for _, a := range args {
		if flags := bundle(a); flags != nil {
			out = append(out, flags...)
		} else {
			out = append(out, a)
		}
	}
	return out
}

// listRules is `nfvm list`.
func listRules(c *client, args []string) error { return c.listing("ruleset.list", args) }

// resetRules is `nfvm reset`.
func resetRules(c *client, args []string) error { return c.listing("ruleset.reset", args) }

// listing prints a part of the ruleset in force.
func (c *client) listing(method string, args []string) error {
	var p daemon.ListParams
	c.listFlags(&p)
	words, err := c.parse(unbundle(args))
	if err != nil {
		return err
	}
	if len(words) == 0 {
		if args[0] == "reset" {
			return errors.New("reset what? counters, quotas or rules")
		}
		words = []string{"ruleset"}
	}
	query, sources, err := listQuery(&p, args[0], words)
	if err != nil {
		return err
	}
	p.JSON = c.json
	var raw json.RawMessage
	if err := c.call(method, p, &raw); err != nil {
		return missing(err, query, sources)
	}
	return c.printed(raw)
}

// missing shows where a command names what is not there, as nft does.
func missing(err error, cmd *lang.ListCmd, sources *diag.Sources) error {
	var refused *control.Error
	if !errors.As(err, &refused) || refused.Missing == nil {
		return err
	}
	m := refused.Missing
	at := cmd.Path.Name.Span
	if m.Kind == "table" {
		at = cmd.Path.Table.Span
	}
	hint := ""
	if m.Closest != "" {
		hint = fmt.Sprintf("; did you mean %s ‘%s’?", m.Kind, m.Closest)
	}
	list := diag.List{Sources: sources}
	list.Errorf(at, "No such file or directory%s", hint)
	return list.Err()
}

// listQuery reads the words of a list or reset command by nft's grammar.
func listQuery(p *daemon.ListParams, verb string, words []string) (*lang.ListCmd, *diag.Sources, error) {
	f, list := lang.Parse(diag.CommandLine, []byte(verb+" "+strings.Join(words, " ")), lang.Options{})
	list.Sources = f.Sources
	if err := list.Err(); err != nil {
		return nil, nil, err
	}
	cmd, ok := f.Commands[0].(*lang.ListCmd)
	if !ok || len(f.Commands) != 1 || cmd.What == "hooks" || verb == "list" && cmd.What == "rules" {
		list.Errorf(diag.Span{}, "%s %s is not supported", verb, words[0])
		return nil, nil, list.Err()
	}
	p.What, p.Table, p.Name = cmd.What, cmd.Path.Table.Text, cmd.Path.Name.Text
	if cmd.Path.Family.Set() || p.Table != "" {
		p.Family = cmd.Path.FamilyName()
	}
	return cmd, f.Sources, nil
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
	words, err := c.parse(args)
	if err != nil {
		return err
	}
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
		if limit, err = parseTime(s); err == nil && limit <= 0 {
			err = errTime
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
	return releaseInterface(words[0], c.std)
}
