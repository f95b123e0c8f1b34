package diag

import (
	"fmt"
	"sort"
)

// Severity says how bad it is.
type Severity uint8

const (
	Error Severity = iota
	Warning
)

// String gives the word that nft prints before the message.
func (s Severity) String() string {
	if s == Warning {
		return "Warning"
	}
	return "Error"
}

// A Note is a second place that explains a diagnostic. Without a Message it
// only adds a `~` mark on the source line; with one it is shown by itself too.
type Note struct {
	Span    Span
	Message string
}

// A Diagnostic is one thing to tell.
type Diagnostic struct {
	Severity Severity
	Span     Span
	Message  string
	Notes    []Note
}

// A List collects the diagnostics of a run over Sources. The zero List is
// ready for use, but shows no positions until Sources is set.
type List struct {
	Sources *Sources
	Items   []Diagnostic
}

// Add appends d and returns a pointer to it, for notes.
func (l *List) Add(d Diagnostic) *Diagnostic {
	l.Items = append(l.Items, d)
	return &l.Items[len(l.Items)-1]
}

// Errorf appends an error at a place.
func (l *List) Errorf(at Span, format string, args ...any) *Diagnostic {
	return l.Add(Diagnostic{Span: at, Message: fmt.Sprintf(format, args...)})
}

// Warnf appends a warning at a place.
func (l *List) Warnf(at Span, format string, args ...any) *Diagnostic {
	return l.Add(Diagnostic{Severity: Warning, Span: at, Message: fmt.Sprintf(format, args...)})
}

// Note adds a second place to a diagnostic; message may be empty.
func (d *Diagnostic) Note(at Span, format string, args ...any) *Diagnostic {
	d.Notes = append(d.Notes, Note{Span: at, Message: fmt.Sprintf(format, args...)})
	return d
}

// Append adds the items of another list over the same sources.
func (l *List) Append(m List) {
	if l.Sources == nil {
		l.Sources = m.Sources
	}
	l.Items = append(l.Items, m.Items...)
}

// HasErrors reports whether any item is an error.
func (l *List) HasErrors() bool {
	for i := range l.Items {
		if l.Items[i].Severity == Error {
			return true
		}
	}
	return false
}

// Err gives the list as an error, nil if it holds no error.
func (l *List) Err() error {
	if !l.HasErrors() {
		return nil
	}
	return l
}

// Error renders the list, so that a *List is an error.
func (l *List) Error() string { return l.String() }

// Sort orders the items by place, keeping the order of those at one place, and
// drops exact repetitions.
func (l *List) Sort() {
	sort.SliceStable(l.Items, func(i, j int) bool {
		return l.Items[i].Span.Start < l.Items[j].Span.Start
	})
	out := l.Items[:0]
	for _, d := range l.Items {
		if n := len(out); n > 0 && out[n-1].Span == d.Span && out[n-1].Message == d.Message {
			continue
		}
		out = append(out, d)
	}
	l.Items = out
}
