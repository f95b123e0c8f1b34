package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/diag"
	"nfvm/lang"
	"nfvm/lang/iptables"
	nftjson "nfvm/lang/json"
	"nfvm/listing"
)

func compileCommand(args []string, std streams) error {
	o, err := parseOptions(args)
	switch {
	case err != nil:
		return err
	case o.help:
		_, err = io.WriteString(std.out, usage)
		return err
	case o.version:
		return printVersion(o, std)
	}
	warnOfIncludes(o, std)
	switch {
	case o.prompt:
		return interactive(o, std)
	case len(o.files) == 0 && len(args) == 0:
		return errors.New("no command specified: a file is needed, or - for standard input (see nftc --help)")
	case len(o.files) == 0:
		return errors.New("a file is needed, or - for standard input (see nftc --help)")
	case o.output == "" && !o.check && !o.netlink && !o.echo:
		return nothingToDo(o.files[0])
	}
	return compileTo(o, std)
}

// warnOfIncludes tells of directories that hold no files to include.
func warnOfIncludes(o *options, std streams) {
	for _, dir := range o.includes {
		if info, err := os.Stat(dir); err != nil {
			fmt.Fprintf(std.err, "nftc: warning: -I: %v\n", err)
		} else if !info.IsDir() {
			fmt.Fprintf(std.err, "nftc: warning: -I %s: not a directory\n", dir)
		}
	}
}

// compileTo compiles files and prints or writes what the options ask for.
func compileTo(o *options, std streams) error {
	o.encode = !o.netlink && !o.echo
	res, err := compileFiles(o, std)
	if err != nil {
		return err
	}
	if o.netlink {
		if _, err := io.WriteString(std.out, res.Listing()); err != nil {
			return err
		}
	}
	if o.check {
		return nil
	}
	if o.echo {
		if err := echo(o, res.Program, nil, std); err != nil {
			return err
		}
	}
	if o.output == "" {
		return nil
	}
	return writeProgram(o.output, res.Program, std)
}

// echo prints the commands that made a program of the one before (-e).
func echo(o *options, p, before *bytecode.Program, std streams) error {
	opt, err := listOptions(o)
	if err != nil {
		return err
	}
	if o.json {
		return listing.CommandsJSON(std.out, p, before, opt)
	}
	return listing.Commands(std.out, p, before, opt)
}

// nothingToDo is the error of a command line with nothing but a file, or with
// what was meant as a command.
func nothingToDo(name string) error {
	if _, err := os.Stat(name); name != "-" && errors.Is(err, fs.ErrNotExist) {
		return notFile(name, err)
	}
	return errors.New("nothing to do: give -o FILE to compile, -c to check, or --debug=netlink to print")
}

// An input is one file of a transaction.
type input struct {
	name string
	text []byte
}

// compileFiles reads and compiles all files as one transaction.
func compileFiles(o *options, std streams) (*compiler.Result, error) {
	var in []input
	for _, name := range o.files {
		text, err := readInput(name, std)
		if err != nil {
			return nil, err
		}
		in = append(in, input{name, text})
	}
	return compileInputs(o, in, std)
}

// compileInputs compiles texts as one transaction. The mistakes of all are
// printed.
func compileInputs(o *options, in []input, std streams) (*compiler.Result, error) {
	copt, err := compilerOptions(o)
	if err != nil {
		return nil, err
	}
	if o.merge {
		return compileMerged(o, copt, in, std)
	}
	res, all, later := compileOnce(o, copt, in, copt.Consume)
	if later && len(all.Items) > 0 {
		res, all, _ = compileOnce(o, copt, in, false)
	}
	return res, reported(&all, o, std)
}

// compileOnce compiles texts. Rules may be parsed while they are compiled, which
// is quick as long as there is nothing to say; later tells that some were.
func compileOnce(o *options, copt compiler.Options, in []input, mayLater bool) (res *compiler.Result, all diag.List, later bool) {
	files, all, later := parseAll(o, in, mayLater)
	res, list := compiler.Compile(files, copt)
	all.Append(list)
	all.Sort()
	return res, all, later
}

// parseAll parses texts, which share their sources.
func parseAll(o *options, in []input, mayLater bool) (files []*lang.File, all diag.List, later bool) {
	all.Sources = diag.NewSources()
	var sets *iptables.Sets // of the latest file that ipset save printed
	for _, x := range in {
		if iptables.Tool(x.text) == "ipset" {
			s, list := iptables.ParseSets(x.name, x.text, all.Sources)
			all.Append(list)
			sets = s
			continue
		}
		f, list := parse(x, o, lang.Options{Sources: all.Sources, IncludeDirs: o.includes, Defines: o.defines, Later: mayLater}, sets)
		all.Append(list)
		files = append(files, f)
		later = later || f.Later
	}
	return files, all, later
}

// reported prints diagnostics, as JSON if that is asked for, and gives an error
// if any is one.
func reported(list *diag.List, o *options, std streams) error {
	if o.json && len(list.Items) > 0 {
		data, err := list.MarshalJSON()
		if err != nil {
			return err
		}
		if _, err := std.err.Write(append(data, '\n')); err != nil {
			return err
		}
	} else if err := list.Write(std.err); err != nil {
		return err
	}
	if list.HasErrors() {
		return errReported
	}
	return nil
}

// parse reads one input in its language.
func parse(in input, o *options, opt lang.Options, sets *iptables.Sets) (*lang.File, diag.List) {
	name := in.name
	if name == "-" {
		name = "/dev/stdin"
	}
	from := o.from
	if from == "" {
		from = guess(in.text)
	}
	switch from {
	case "nft":
		return lang.Parse(name, in.text, opt)
	case "json":
		return nftjson.Parse(name, in.text, lang.Options{Sources: opt.Sources, IncludeDirs: opt.IncludeDirs})
	}
	return iptables.Parse(name, in.text, iptables.Options{Sources: opt.Sources, Family: iptables.Family(from), Sets: sets})
}
