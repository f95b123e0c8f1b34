package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/diag"
	"nfvm/lang"
	"nfvm/listing"
	"nfvm/nf"
)

// listCommand prints a compiled ruleset, or the part that the words behind the
// file ask for, as nft list prints it.
func listCommand(args []string, std streams) error {
	o, err := parseOptions(args)
	switch {
	case err != nil:
		return err
	case o.help:
		_, err = io.WriteString(std.out, usage)
		return err
	case len(o.files) == 0:
		return errors.New("list: a file is needed (see nftc --help)")
	}
	words := o.files[1:]
	if len(words) == 0 {
		words = []string{"ruleset"}
	}
	cmd, list := listQuery(words)
	if err := reported(&list, o, std); err != nil {
		return err
	}
	p, err := readProgram(o, o.files[0], std)
	if err != nil {
		return err
	}
	return printList(o, p, cmd, list.Sources, std)
}

// printList prints what a list command asks for.
func printList(o *options, p *bytecode.Program, cmd *lang.ListCmd, sources *diag.Sources, std streams) error {
	opt, err := listOptions(o)
	if err != nil {
		return err
	}
	if o.json {
		if cmd.What != "ruleset" || cmd.Path.Family.Set() {
			return errors.New("list -j prints the whole ruleset only")
		}
		return listing.JSON(std.out, p, opt)
	}
	err = listing.List(std.out, p, query(cmd), opt)
	var missing *listing.Missing
	if errors.As(err, &missing) {
		list := diag.List{Sources: sources}
		noSuch(&list, cmd, missing)
		return reported(&list, o, std)
	}
	return err
}

// listQuery reads the words of a list command by nft's grammar.
func listQuery(words []string) (*lang.ListCmd, diag.List) {
	f, list := lang.Parse(diag.CommandLine, []byte("list "+strings.Join(words, " ")), lang.Options{})
	list.Sources = f.Sources
	for _, c := range f.Commands {
		if cmd, ok := c.(*lang.ListCmd); ok && len(f.Commands) == 1 {
			if cmd.What == "rules" || cmd.What == "hooks" {
				list.Errorf(cmd.Span, "list %s is not supported", cmd.What)
			}
			return cmd, list
		}
	}
	if !list.HasErrors() {
		list.Errorf(diag.Span{}, "one list command is needed")
	}
	return nil, list
}

func query(cmd *lang.ListCmd) listing.Query {
	q := listing.Query{What: cmd.What, Table: cmd.Path.Table.Text, Name: cmd.Path.Name.Text}
	if cmd.Path.Family.Set() || q.Table != "" {
		q.Family, _ = nf.ParseFamily(cmd.Path.FamilyName())
	}
	return q
}

// noSuch reports a name that the ruleset does not have.
func noSuch(list *diag.List, cmd *lang.ListCmd, m *listing.Missing) {
	at := cmd.Path.Name.Span
	if m.Kind == "table" {
		at = cmd.Path.Table.Span
	}
	hint := ""
	if best := diag.Closest(m.Name, m.Known); best != "" {
		hint = fmt.Sprintf("; did you mean %s ‘%s’?", m.Kind, best)
	}
	list.Errorf(at, "No such file or directory%s", hint)
}

// readProgram reads a compiled file, or compiles one of rules.
func readProgram(o *options, name string, std streams) (*bytecode.Program, error) {
	data, err := readInput(name, std)
	if err != nil {
		return nil, err
	}
	if !bytecode.IsRules(data) {
		res, err := compileInputs(o, []input{{name, data}}, std)
		if err != nil {
			return nil, err
		}
		return res.Program, nil
	}
	p, err := bytecode.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}

// readInput reads a file; "-" is standard input.
func readInput(name string, std streams) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(std.in)
	}
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		err = notFile(name, err)
	}
	return data, err
}

// notFile explains the name of a file that looks like a command of nft.
func notFile(name string, err error) error {
	switch name {
	case "add", "create", "insert", "replace", "delete", "destroy", "get", "reset", "flush", "rename", "table":
		return fmt.Errorf("%s: there is no such file; commands stand in a file or on standard input (-)", name)
	case "monitor":
		return errors.New("monitor: nothing runs in a compiler that could be watched; nfvm monitor prints what happens in a running nfvm")
	}
	return err
}

// listOptions adds the names and the time of this machine to the flags.
func listOptions(o *options) (*listing.Options, error) {
	opt := o.list
	opt.SetZone(datatype.LocalZone(os.Getenv("TZ")), time.Now())
	var err error
	if opt.IfaceName, err = ifaceNames(o); err != nil {
		return nil, err
	}
	if o.reverse {
		opt.AddrName = addrNames()
	}
	if o.guid {
		opt.UserName, opt.GroupName, err = idNames(o)
	}
	return &opt, err
}
