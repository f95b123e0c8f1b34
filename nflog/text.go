package nflog

import (
	"bufio"
	"fmt"
	"io"

	"nfvm/bytecode"
)

// lines are what sinks of text have in common: they see what the kernel's log
// would show.
type lines struct{}

func (lines) takes(l *bytecode.Log) bool { return !l.HasGroup }
func (lines) limit(*bytecode.Log) int    { return textBytes }
func (lines) flush() error               { return nil }
func (lines) reopen() error              { return nil }

// A text writes lines to a stream.
type text struct {
	lines
	to  *stream
	buf *bufio.Writer
}

// NewText writes lines to w, with the time of the packet in seconds since the
// epoch before them.
func NewText(w io.Writer) Sink { return newText(&stream{name: "-", w: w}) }

// OpenText appends lines to a file, which is opened anew on Reopen, or writes them
// to a named pipe.
func OpenText(name string) (Sink, error) {
	s := &stream{name: name}
	return newText(s), s.open()
}

func newText(s *stream) *text { return &text{to: s, buf: bufio.NewWriter(s)} }

func (t *text) write(r *Record) error {
	p := &r.Packet
	_, err := fmt.Fprintf(t.buf, "[%d.%06d] %s\n", p.Time/1e9, p.Time%1e9/1e3, r.Text())
	return t.check(err)
}

func (t *text) flush() error { return t.check(t.buf.Flush()) }

// check forgets what could not be written: a bufio.Writer keeps its error.
func (t *text) check(err error) error {
	if err != nil {
		t.buf.Reset(t.to)
	}
	return err
}

func (t *text) reopen() error {
	if err := t.flush(); err != nil {
		return err
	}
	return t.to.reopen()
}

func (t *text) close() error { return t.to.close() }
