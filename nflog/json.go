package nflog

import (
	"context"
	"io"
	"log/slog"
	"time"
)

// An objects writes lines as objects of JSON with the fields of the journal's, as
// log/slog does.
type objects struct {
	lines
	to slog.Handler
}

// NewJSON writes objects of JSON to w, one a line: time, level, msg, which is the
// line, and what is known of the packet.
func NewJSON(w io.Writer) Sink {
	return &objects{to: slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug})}
}

func (o *objects) write(r *Record) error {
	line := slog.NewRecord(time.Unix(0, r.Packet.Time), severity(r.Level()), r.Text(), 0)
	for name, value := range r.fields {
		line.AddAttrs(slog.String(name, value))
	}
	return o.to.Handle(context.Background(), line)
}

func (o *objects) close() error { return nil }

// severity is the level of slog for one of syslog(3).
func severity(level int) slog.Level {
	switch {
	case level < levelWarning:
		return slog.LevelError
	case level == levelWarning:
		return slog.LevelWarn
	case level < levelDebug:
		return slog.LevelInfo
	}
	return slog.LevelDebug
}
