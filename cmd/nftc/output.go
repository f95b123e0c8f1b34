package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/listing"
)

// writeFile writes a file so that it appears whole or not at all; "-" is
// standard output.
func writeFile(name string, data []byte, std streams) (err error) {
	if name == "-" {
		_, err := std.out.Write(data)
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Chmod(0o644)
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	return err
}

// readProgram reads the single rules.bin of list and dump.
func readProgram(o *options, std streams) (*bytecode.Program, error) {
	if len(o.files) != 1 {
		return nil, errors.New("one compiled file is needed")
	}
	name := o.files[0]
	var data []byte
	var err error
	if name == "-" {
		data, err = io.ReadAll(std.in)
	} else {
		data, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, err
	}
	p, err := bytecode.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}

func listCommand(args []string, std streams) error {
	o, err := parseOptions(args)
	if err != nil {
		return err
	}
	p, err := readProgram(o, std)
	if err != nil {
		return err
	}
	opt := &listing.Options{Handles: o.handles}
	opt.SetZone(datatype.LocalZone(os.Getenv("TZ")), time.Now())
	if opt.IfaceName, err = ifaceNames(o); err != nil {
		return err
	}
	if o.json {
		return listing.JSON(std.out, p, opt)
	}
	return listing.Ruleset(std.out, p, opt)
}

func dumpCommand(args []string, std streams) error {
	o, err := parseOptions(args)
	if err != nil {
		return err
	}
	p, err := readProgram(o, std)
	if err != nil {
		return err
	}
	return dump(std.out, p)
}

// dump prints all sets and rules of a program.
func dump(w io.Writer, p *bytecode.Program) error {
	for _, t := range p.Tables {
		for _, s := range t.Sets {
			if _, err := io.WriteString(w, bytecode.SetListing(t.Name, s)); err != nil {
				return err
			}
		}
		for _, c := range t.Chains {
			for _, r := range c.Rules {
				if _, err := io.WriteString(w, bytecode.RuleListing(t.Family, t.Name, c.Name, r)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
