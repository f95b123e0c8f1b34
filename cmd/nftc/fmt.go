package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"nfvm/lang"
)

// fmtCommand lays out rule files: on standard output, in place (-w), or only
// names those that would change (-l), as gofmt does.
func fmtCommand(args []string, std streams) error {
	var inPlace, names bool
	var files []string
	for _, a := range args {
		switch {
		case a == "-w":
			inPlace = true
		case a == "-l":
			names = true
		case a == "-h" || a == "--help":
			_, err := io.WriteString(std.out, usage)
			return err
		case len(a) > 1 && a[0] == '-':
			return fmt.Errorf("fmt: unknown flag %s: -w and -l are known", a)
		default:
			files = append(files, a)
		}
	}
	if len(files) == 0 {
		return errors.New("fmt: a file is needed, or - for standard input")
	}
	for _, name := range files {
		if err := format(name, inPlace, names, std); err != nil {
			return err
		}
	}
	return nil
}

func format(name string, inPlace, names bool, std streams) error {
	src, err := readInput(name, std)
	if err != nil {
		return err
	}
	out, err := lang.Format(src)
	if err != nil {
		return fmt.Errorf("%s: %w (nftc -c tells where)", name, err)
	}
	changed := !bytes.Equal(src, out)
	if names && changed {
		if _, err := fmt.Fprintln(std.out, name); err != nil {
			return err
		}
	}
	switch {
	case inPlace && name != "-":
		if changed {
			return writeFile(name, out, std)
		}
		return nil
	case names:
		return nil
	}
	_, err = std.out.Write(out)
	return err
}
