package nflog

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// A stream is a file that grows, or a named pipe that may have a reader.
type stream struct {
	name string
	w    io.Writer // set for a writer that is not ours
	file *os.File
	pipe bool
	// fresh tells that what is written next begins a stream: a new file, or a new
	// reader.
	fresh bool
}

var errNoReader = errors.New("nobody reads the pipe")

// pipeTime is how long a reader of a pipe may take for one piece.
const pipeTime = time.Second

// open opens the file. A pipe is opened when there is something to write and
// somebody to read.
func (s *stream) open() error {
	if info, err := os.Stat(s.name); err == nil && info.Mode()&fs.ModeNamedPipe != 0 {
		s.pipe = true
		return nil
	}
	file, err := os.OpenFile(s.name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	s.file, s.fresh = file, true
	return err
}

// begin sees that there is something to write to, and reports whether it is new.
func (s *stream) begin() (fresh bool, err error) {
	if s.w != nil {
		fresh, s.fresh = !s.fresh, true
		return fresh, nil
	}
	if s.file == nil {
		if !s.pipe {
			if err := s.open(); err != nil {
				return false, err
			}
		} else if err := s.openPipe(); err != nil {
			return false, err
		}
	}
	fresh, s.fresh = s.fresh, false
	return fresh, nil
}

func (s *stream) openPipe() error {
	file, err := os.OpenFile(s.name, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ENXIO) {
		return errNoReader
	}
	if err == nil {
		s.file, s.fresh = file, true
	}
	return err
}

// Write writes all of b. A reader of a pipe that has gone, or that takes too long,
// is given up.
func (s *stream) Write(b []byte) (int, error) {
	if s.w != nil {
		return s.w.Write(b)
	}
	if s.file == nil {
		if _, err := s.begin(); err != nil {
			return 0, err
		}
	}
	if s.pipe {
		_ = s.file.SetWriteDeadline(time.Now().Add(pipeTime)) // a pipe has one
	}
	n, err := s.file.Write(b)
	if err != nil && s.pipe {
		s.file.Close()
		s.file = nil
	}
	return n, err
}

// reopen opens a file by its name anew.
func (s *stream) reopen() error {
	if s.w != nil || s.pipe {
		return nil
	}
	before := s.file
	if err := s.open(); err != nil {
		s.file = before
		return err
	}
	if before != nil {
		return before.Close()
	}
	return nil
}

func (s *stream) close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
