package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"nfvm/bytecode"
	"nfvm/diag"
	"nfvm/host"
	"nfvm/netfilter"
)

// readInput reads a file, or standard input for "-".
func readInput(name string, in io.Reader) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(in)
	}
	return os.ReadFile(name)
}

// openCapture opens the capture; standard input is kept in memory, because a
// capture is read twice.
func openCapture(name string, in io.Reader) (io.ReadSeeker, int64, error) {
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, 0, err
		}
		info, err := f.Stat()
		switch {
		case err != nil:
			return nil, 0, err
		case info.IsDir():
			return nil, 0, fmt.Errorf("%s is a directory", name)
		case info.Mode().IsRegular():
			return f, info.Size(), nil
		}
		in = f // a pipe
	}
	data, err := io.ReadAll(in)
	return bytes.NewReader(data), int64(len(data)), err
}

// loadHost reads the host description, or takes the implicit host.
func loadHost(name string, in io.Reader) (*host.Host, error) {
	if name == "" {
		return host.Implicit(), nil
	}
	data, err := readInput(name, in)
	if err != nil {
		return nil, err
	}
	h, err := host.Load(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return h, nil
}

// loadRules reads a rules.bin, or compiles a text whose interfaces are those of
// the host.
func loadRules(o *options, h *host.Host, std streams) (*bytecode.Program, error) {
	data, err := readInput(o.rules, std.in)
	if err != nil {
		return nil, err
	}
	return program(o, data, h, std)
}

// program makes a program of what a file of rules holds.
func program(o *options, data []byte, h *host.Host, std streams) (*bytecode.Program, error) {
	if bytecode.IsRules(data) {
		p, err := bytecode.Decode(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.rules, err)
		}
		return p, nil
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, fmt.Errorf("%s: neither a rules.bin file nor a ruleset in text", o.rules)
	}
	return compile(o, data, h, std)
}

// setSysctls sets what --sysctl says on top of what the host's description does.
func setSysctls(h *host.Host, list []define) error {
	var all []error
	for _, s := range list {
		err := netfilter.SetSysctl(h, s.name, s.value)
		var unknown *netfilter.UnknownSysctl
		if errors.As(err, &unknown) {
			if best := diag.Closest(unknown.Name, unknown.Known); best != "" {
				err = fmt.Errorf("%w; did you mean %s?", err, best)
			}
		}
		if err != nil {
			all = append(all, fmt.Errorf("--sysctl: %w", err))
		}
	}
	return errors.Join(all...)
}
