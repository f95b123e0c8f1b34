package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"nfvm/bytecode"
	"nfvm/ct"
	"nfvm/datatype"
	"nfvm/host"
	"nfvm/listing"
	"nfvm/nflog"
	"nfvm/replay"
	"nfvm/trace"
)

// A session is one replay with what the flags ask of it.
type session struct {
	*options
	*outputs
	program *bytecode.Program
	listing listing.Options
	run     replay.Options

	packets *replay.PacketWriter
	logger  nflog.Logger
	logErr  error
	summary *replay.Summary
	atEnd   []func(*replay.Result) error
}

// watch opens the outputs and attaches those that follow the replay.
func (s *session) watch() error {
	namer := &replay.Namer{Files: s.program.Files, Rule: replay.RuleText(s.listing)}
	s.summary = replay.NewSummary(namer)
	s.run.Observers = append(s.run.Observers, s.summary)
	for _, out := range []struct {
		flag, name string
		attach     func(io.Writer, *replay.Namer) error
	}{
		{"--write", s.write, s.writePackets},
		{"--verdicts", s.verdicts, s.writeVerdicts},
		{"--trace", s.options.trace, s.writeTrace},
		{"--events", s.events, s.writeEvents},
		{"--log", s.log, s.writeLog},
		{"--conntrack", s.conntrack, s.writeConntrack},
		{"--expect", s.expect, s.writeExpect},
		{"--ruleset", s.ruleset, s.writeRuleset},
		{"--conntrack-save", s.saveTo, s.saveConntrack},
	} {
		if out.name == "" {
			continue
		}
		w, err := s.open(out.flag, out.name)
		if err == nil {
			err = out.attach(w, namer)
		}
		if err != nil {
			return err
		}
	}
	if err := s.openLogs(); err != nil {
		return err
	}
	s.startLogs()
	return nil
}

// listingOptions lets listings name the interfaces of the host.
func listingOptions(h *host.Host) (o listing.Options) {
	o.IfaceName = func(index uint32) (string, bool) {
		if l := h.LinkByIndex(int(index)); l != nil {
			return l.Name, true
		}
		return "", false
	}
	o.SetZone(datatype.LocalZone(os.Getenv("TZ")), time.Now())
	return o
}

func (s *session) writePackets(w io.Writer, n *replay.Namer) (err error) {
	s.packets, err = replay.NewPacketWriter(w, s.dropped, n.Line)
	s.run.Observers = append(s.run.Observers, s.packets)
	s.atEnd = append(s.atEnd, func(*replay.Result) error { return s.packets.Flush() })
	return err
}

func (s *session) writeVerdicts(w io.Writer, n *replay.Namer) error {
	s.run.Observers = append(s.run.Observers, replay.NewVerdictWriter(w, n))
	return nil
}

func (s *session) writeTrace(w io.Writer, _ *replay.Namer) error {
	t := replay.NewTracer(trace.NewWriter(w, &s.listing).Event)
	s.run.Tracer, s.run.TraceAll = t, s.traceAll
	s.atEnd = append(s.atEnd, func(*replay.Result) error { return t.Err() })
	return nil
}

// writeLog writes the lines of log statements as the kernel does, behind the
// time of the packet. What goes to a netlink group is no line.
func (s *session) writeLog(w io.Writer, _ *replay.Namer) error {
	s.addLog("--log", nflog.NewText(w))
	return nil
}

// addLog has logged packets written by sink as well.
func (s *session) addLog(name string, sink nflog.Sink) {
	s.logger.Add(name, sink, func(err error) { s.logErr = errors.Join(s.logErr, fmt.Errorf("%s: %w", name, err)) })
}

// openLogs opens what --log-to names. A replay writes files; the log of the
// machine is for what happens to the machine.
func (s *session) openLogs() error {
	for _, t := range s.logTo {
		switch t.Kind {
		case "none":
		case "stderr":
			s.addLog("--log-to stderr", nflog.NewText(s.std.err))
		case "file", "pcapng", "nflog":
			w, err := s.open("--log-to "+t.Kind, t.Path)
			if err != nil {
				return err
			}
			s.addLog("--log-to "+t.String(), t.NewSink(w))
		default:
			return fmt.Errorf("--log-to %s: a replay's packets don't go to the log of this machine; use stderr, file:PATH, pcapng:PATH or nflog:GROUP:PATH", t)
		}
	}
	return nil
}

// startLogs follows the log statements if anybody wants to know.
func (s *session) startLogs() {
	if !s.logger.Active() {
		return
	}
	s.logger.Rules(s.program)
	s.run.Log = s.logger.Log
	s.atEnd = append(s.atEnd, func(*replay.Result) error { return errors.Join(s.logErr, s.logger.Close()) })
}

func (s *session) writeEvents(w io.Writer, _ *replay.Namer) error {
	var line []byte
	var failed error
	s.run.Events = func(e *ct.Event) {
		line = append(e.AppendText(line[:0]), '\n')
		if _, err := w.Write(line); err != nil && failed == nil {
			failed = err
		}
	}
	s.atEnd = append(s.atEnd, func(*replay.Result) error { return failed })
	return nil
}

func (s *session) writeConntrack(w io.Writer, _ *replay.Namer) error {
	s.atEnd = append(s.atEnd, func(res *replay.Result) error {
		return res.Engine.Conntrack().WriteList(w, res.Engine.Now())
	})
	return nil
}

// saveConntrack keeps the table, for nfvm conntrack or another run.
func (s *session) saveConntrack(w io.Writer, _ *replay.Namer) error {
	s.atEnd = append(s.atEnd, func(res *replay.Result) error {
		saved := &ct.Saved{}
		res.Engine.SaveConntrack(saved, 0, math.MaxInt)
		return saved.Write(w)
	})
	return nil
}

func (s *session) writeExpect(w io.Writer, _ *replay.Namer) error {
	s.atEnd = append(s.atEnd, func(res *replay.Result) error {
		return res.Engine.Conntrack().WriteExpectations(w, res.Engine.Now())
	})
	return nil
}

func (s *session) writeRuleset(w io.Writer, _ *replay.Namer) error {
	s.atEnd = append(s.atEnd, func(res *replay.Result) error {
		p := res.Engine.Snapshot()
		if s.json {
			return listing.JSON(w, p, &s.listing)
		}
		return listing.Ruleset(w, p, &s.listing)
	})
	return nil
}

// finish writes what is told at the end, and makes the files appear.
func (s *session) finish(res *replay.Result) error {
	for _, f := range s.atEnd {
		if err := f(res); err != nil {
			return err
		}
	}
	if err := s.commit(); err != nil {
		return err
	}
	if !s.wantsOutput() {
		return s.summary.Write(s.std.out, res, styleOf(s.std.out))
	}
	for _, line := range s.summary.Remarks(res) {
		fmt.Fprintf(s.std.err, "nfvm: note: %s\n", line)
	}
	return nil
}

// styleOf lays a summary out for a terminal or a file.
func styleOf(f *os.File) replay.Style {
	if !isTerminal(f) {
		return replay.Style{}
	}
	return replay.Style{Width: columns(f), Colour: os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}
