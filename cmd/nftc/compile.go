package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/diag"
	"nfvm/lang"
	"nfvm/lang/iptables"
	"nfvm/nf"
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
		_, err = fmt.Fprintln(std.out, "nftc (nfvm)")
		return err
	case len(o.files) == 0:
		return errors.New("a file is needed, or - for standard input (see nftc --help)")
	case o.output == "" && !o.check && !o.netlink:
		return errors.New("nothing to do: give -o FILE to compile, -c to check, or --debug=netlink to print")
	}
	res, err := compileFiles(o, std)
	if err != nil {
		return err
	}
	if o.netlink {
		if _, err := io.WriteString(std.out, res.Listing()); err != nil {
			return err
		}
	}
	if o.output == "" || o.check {
		return nil
	}
	data, err := bytecode.Encode(res.Program)
	if err != nil {
		return err
	}
	return writeFile(o.output, data, std)
}

// compileFiles parses and compiles all files as one transaction. Mistakes of
// every file are printed.
func compileFiles(o *options, std streams) (*compiler.Result, error) {
	copt, err := compilerOptions(o)
	if err != nil {
		return nil, err
	}
	sources := diag.NewSources()
	all := diag.List{Sources: sources}
	var files []*lang.File
	for _, name := range o.files {
		f, list, err := parseFile(name, o, sources, std)
		if err != nil {
			return nil, err
		}
		all.Append(list)
		files = append(files, f)
	}
	res, list := compiler.Compile(files, copt)
	all.Append(list)
	all.Sort()
	if _, err := io.WriteString(std.err, all.String()); err != nil {
		return nil, err
	}
	if all.HasErrors() {
		return nil, errReported
	}
	return res, nil
}

func parseFile(name string, o *options, sources *diag.Sources, std streams) (*lang.File, diag.List, error) {
	var src []byte
	var err error
	shown := name
	if name == "-" {
		shown = "/dev/stdin"
		src, err = io.ReadAll(std.in)
	} else {
		src, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, diag.List{}, err
	}
	from := o.from
	if from == "" {
		from = guess(src)
	}
	switch from {
	case "nft":
		f, list := lang.Parse(shown, src, lang.Options{Sources: sources, IncludeDirs: o.includes, Defines: o.defines})
		return f, list, nil
	case "iptables":
		f, list := iptables.Parse(shown, src, iptables.Options{Sources: sources, Family: nf.FamilyIPv4})
		return f, list, nil
	case "ip6tables":
		f, list := iptables.Parse(shown, src, iptables.Options{Sources: sources, Family: nf.FamilyIPv6})
		return f, list, nil
	}
	return nil, diag.List{}, fmt.Errorf("%s: input in the language of %s is not supported (see --from)", shown, from)
}
