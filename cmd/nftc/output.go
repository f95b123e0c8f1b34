package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"nfvm/bytecode"
)

// writeFile writes a file so that it appears whole or not at all; "-" is
// standard output.
func writeFile(name string, data []byte, std streams) error {
	if name == "-" {
		_, err := std.out.Write(data)
		return err
	}
	return replaceFile(name, func(f *os.File) error {
		_, err := f.Write(data)
		return err
	})
}

// writeProgram writes a rules.bin file, as writeFile does.
func writeProgram(name string, p *bytecode.Program, std streams) error {
	if name != "-" {
		return replaceFile(name, func(f *os.File) error { return bytecode.Write(f, p) })
	}
	data, err := bytecode.Encode(p)
	if err != nil {
		return err
	}
	return writeFile(name, data, std)
}

// replaceFile puts what write writes in the place of a file, if there was no
// error.
func replaceFile(name string, write func(*os.File) error) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	err = write(tmp)
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

func dumpCommand(args []string, std streams) error {
	o, err := parseOptions(args)
	if err != nil {
		return err
	}
	if len(o.files) != 1 {
		return errors.New("one file is needed")
	}
	p, err := readProgram(o, o.files[0], std)
	if err != nil {
		return err
	}
	_, err = io.WriteString(std.out, bytecode.Dump(p))
	return err
}
