package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/term"
)

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// columns is the width of a terminal.
func columns(f *os.File) int {
	if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
		return w
	}
	return 80
}

// fullScreen takes keys without a return from a terminal, calls end at a q, and
// gives the terminal's rows and what makes it as it was.
func fullScreen(std streams, end func()) (rows int, restore func()) {
	rows = 24
	if _, h, err := term.GetSize(int(std.out.Fd())); err == nil && h > 0 {
		rows = h
	}
	in, ok := std.in.(*os.File)
	if !ok || !isTerminal(in) {
		return rows, func() {}
	}
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return rows, func() {}
	}
	go func() {
		const interrupt = 3 // what control-c sends in this mode
		for key := make([]byte, 1); ; {
			if n, err := in.Read(key); err != nil || n == 1 && (key[0] == 'q' || key[0] == interrupt) {
				end()
				return
			}
		}
	}()
	return rows, func() { _ = term.Restore(int(in.Fd()), before) }
}

// A progress shows on a terminal how much of a long capture has been read.
type progress struct {
	w     *os.File // nil: show nothing
	size  int64
	read  atomic.Int64
	start time.Time
	stop  chan struct{}
	ended chan struct{}
}

// Progress appears after a moment, so that short replays stay quiet.
const (
	progressDelay = 700 * time.Millisecond
	progressStep  = 100 * time.Millisecond
)

// newProgress begins to watch the reading of size bytes.
func newProgress(w *os.File, size int64) *progress {
	p := &progress{size: size, start: time.Now(), stop: make(chan struct{}), ended: make(chan struct{})}
	if isTerminal(w) && size > 0 {
		p.w = w
	}
	go p.show()
	return p
}

// reader counts what is read.
func (p *progress) reader(r io.Reader) io.Reader { return &countingReader{r, &p.read} }

type countingReader struct {
	io.Reader
	n *atomic.Int64
}

func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n.Add(int64(n))
	return n, err
}

func (p *progress) show() {
	defer close(p.ended)
	if p.w == nil {
		return
	}
	shown := false
	tick := time.NewTicker(progressStep)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			if shown {
				fmt.Fprint(p.w, "\r\x1b[K")
			}
			return
		case <-tick.C:
			if time.Since(p.start) >= progressDelay {
				shown = true
				fmt.Fprint(p.w, p.line())
			}
		}
	}
}

// line draws the bar with the time that is left.
func (p *progress) line() string {
	done := min(float64(p.read.Load())/float64(p.size), 1)
	width := min(columns(p.w)-30, 50)
	if width < 10 {
		return fmt.Sprintf("\r%3.0f %%", done*100)
	}
	filled := int(done * float64(width))
	left := ""
	if spent := time.Since(p.start); done > 0.01 {
		left = time.Duration(float64(spent) * (1 - done) / done).Round(time.Second).String()
	}
	return fmt.Sprintf("\rreplay [%s%s] %3.0f %% %s left\x1b[K",
		strings.Repeat("=", filled), strings.Repeat(" ", width-filled), done*100, left)
}

// done takes the bar away.
func (p *progress) done() {
	close(p.stop)
	<-p.ended
}
