package nflog

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// A Target says where logged packets are to go.
type Target struct {
	Kind string // syslog, journal, stderr, file, pcapng, nflog or none
	// Path is the file of file, pcapng and nflog, "-" for standard output.
	Path     string
	Facility int     // of syslog
	Group    *uint16 // of nflog
}

// Targets are what ParseTarget reads.
const Targets = "syslog[:FACILITY], journal, stderr, file:PATH, pcapng:PATH, nflog:GROUP:PATH or none"

// ParseTarget reads one of Targets.
func ParseTarget(s string) (Target, error) {
	kind, value, given := strings.Cut(s, ":")
	t := Target{Kind: kind}
	switch kind {
	case "syslog":
		if given {
			if t.Facility = slices.Index(Facilities, value); t.Facility < 0 || value == "" {
				return Target{}, fmt.Errorf("syslog has no facility %q", value)
			}
		}
	case "journal", "stderr", "none":
		if given {
			return t, errors.New(kind + " takes no value")
		}
	case "nflog":
		group, path, _ := strings.Cut(value, ":")
		n, err := strconv.ParseUint(group, 10, 16)
		if g := uint16(n); err == nil {
			t.Group, t.Path = &g, path
		}
		if t.Path == "" {
			return t, errors.New("want nflog:GROUP:PATH")
		}
	case "file", "pcapng":
		if t.Path = value; value == "" {
			return t, fmt.Errorf("want %s:PATH", kind)
		}
	default:
		return t, fmt.Errorf("want %s, not %q", Targets, s)
	}
	return t, nil
}

// String is the target as ParseTarget reads it.
func (t Target) String() string {
	switch {
	case t.Group != nil:
		return fmt.Sprintf("%s:%d:%s", t.Kind, *t.Group, t.Path)
	case t.Path != "":
		return t.Kind + ":" + t.Path
	case t.Facility != 0:
		return t.Kind + ":" + Facilities[t.Facility]
	}
	return t.Kind
}

// Open opens the place; there is no Sink for none. Lines to standard error are
// objects of JSON if asked for.
func (t Target) Open(asJSON bool) (s Sink, err error) {
	switch t.Kind {
	case "syslog":
		s, err = OpenSyslog(DefaultSyslog, t.Facility)
	case "journal":
		s, err = OpenJournal(DefaultJournal)
	case "stderr":
		if s = NewText(os.Stderr); asJSON {
			s = NewJSON(os.Stderr)
		}
	case "file", "pcapng", "nflog":
		s, err = t.openFile()
	}
	if err != nil {
		return nil, fmt.Errorf("--log-to %s: %w", t, err)
	}
	return s, nil
}

func (t Target) openFile() (Sink, error) {
	switch {
	case t.Path == "-":
		return t.NewSink(os.Stdout), nil
	case t.Kind == "file":
		return OpenText(t.Path)
	}
	return OpenPcapng(t.Path, t.Group)
}

// NewSink writes to w what the Target's file would have.
func (t Target) NewSink(w io.Writer) Sink {
	if t.Kind == "file" {
		return NewText(w)
	}
	return NewPcapng(w, t.Group)
}
