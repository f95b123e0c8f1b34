package main

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// outputs are the files of one run. They appear together when it succeeds: each
// is written beside its place and renamed at the end.
type outputs struct {
	std   streams
	tty   bool // standard output is a terminal
	files []*output
	// stdout is shared by all that goes to standard output.
	stdout *bufio.Writer
}

// An output is one file being written.
type output struct {
	*bufio.Writer
	flag, name string
	file       *os.File
	temp       string // renamed to name at the end; "": written in place
}

// open begins the output that a flag asks for.
func (o *outputs) open(flag, name string) (io.Writer, error) {
	if name == "-" {
		return o.openStdout(flag)
	}
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	for _, other := range o.files {
		if other.name == name {
			return nil, fmt.Errorf("%s and %s name the same file, %s", other.flag, flag, name)
		}
	}
	f := &output{flag: flag, name: name}
	var err error
	if info, statErr := os.Stat(name); statErr == nil && !info.Mode().IsRegular() {
		f.file, err = os.OpenFile(name, os.O_WRONLY, 0) // a device or a pipe
	} else {
		f.temp = filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+"."+rand.Text()[:8])
		f.file, err = os.OpenFile(f.temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	}
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, fmt.Errorf("%s %s: %w", flag, name, err)
	}
	f.Writer = bufio.NewWriterSize(f.file, 1<<16)
	o.files = append(o.files, f)
	return f, nil
}

// openStdout gives standard output, which a capture does not share.
func (o *outputs) openStdout(flag string) (io.Writer, error) {
	for _, other := range o.files {
		if other.name == "-" && (isCapture(flag) || isCapture(other.flag)) {
			return nil, fmt.Errorf("%s and %s can't both go to standard output: one of them is a capture", other.flag, flag)
		}
	}
	if isCapture(flag) && o.tty {
		return nil, errors.New(flag + " -: a capture is not for a terminal; name a file or a pipe")
	}
	if o.stdout == nil {
		o.stdout = bufio.NewWriterSize(o.std.out, 1<<16)
	}
	f := &output{flag: flag, name: "-", Writer: o.stdout}
	o.files = append(o.files, f)
	return f, nil
}

// isCapture reports whether a flag's output is a capture.
func isCapture(flag string) bool {
	return flag == "--write" || flag == "--log-to pcapng" || flag == "--log-to nflog"
}

// commit completes the outputs.
func (o *outputs) commit() error {
	for _, f := range o.files {
		if err := f.close(); err != nil {
			return fmt.Errorf("%s %s: %w", f.flag, f.name, err)
		}
	}
	for _, f := range o.files {
		if f.temp == "" {
			continue
		}
		if info, err := os.Stat(f.name); err == nil {
			_ = os.Chmod(f.temp, info.Mode().Perm()) // keep the mode of what we replace
		}
		if err := os.Rename(f.temp, f.name); err != nil {
			return fmt.Errorf("%s: %w", f.flag, err)
		}
		f.temp = ""
	}
	return nil
}

func (f *output) close() error {
	if err := f.Flush(); err != nil {
		return err
	}
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}

// abandon removes what has not been completed.
func (o *outputs) abandon() {
	for _, f := range o.files {
		if f.temp != "" {
			os.Remove(f.temp)
		}
	}
}
