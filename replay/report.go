package replay

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
)

// A report is a summary being written.
type report struct {
	*bufio.Writer
	Style
	s *Summary
}

// Write prints the summary of a replay: how many packets had which fate, which
// rules decided, what was dropped, and the connections.
func (s *Summary) Write(w io.Writer, res *Result, style Style) error {
	r := &report{Writer: bufio.NewWriter(w), Style: style, s: s}
	r.head(res)
	r.classes()
	r.rules()
	r.refused()
	r.connections()
	r.remarks(res)
	return r.Flush()
}

func (r *report) title(format string, args ...any) {
	fmt.Fprintf(r, "\n%s\n", r.paint(bold, fmt.Sprintf(format, args...)))
}

func (r *report) head(res *Result) {
	fmt.Fprintf(r, "%s", r.paint(bold, plural(res.Frames, "packet")))
	if res.Frames > 0 {
		fmt.Fprintf(r, " in %s, from %s", duration(res.Last-res.First), time.Unix(0, res.First).UTC().Format("2006-01-02 15:04:05 MST"))
	}
	fmt.Fprintln(r)
}

// classes prints the number of packets by fate.
func (r *report) classes() {
	for c, name := range classNames {
		if r.s.counts[c] == 0 {
			continue
		}
		line := fmt.Sprintf("%9d  %s", r.s.counts[c], r.paint(classColour[c], name[0]))
		if name[1] != "" {
			line += strings.Repeat(" ", 18-len(name[0])) + r.paint(dim, name[1])
		}
		fmt.Fprintln(r, line)
	}
}

var classColour = [classCount]string{classForwarded: green, classDelivered: green, classLocal: green, classDropped: red, classRejected: yellow}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// duration is a span of time with three digits behind the point.
func duration(ns int64) string {
	return time.Duration(ns).Round(time.Millisecond).String()
}
