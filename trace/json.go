package trace

import (
	"encoding/json"
	"fmt"
	"io"

	"nfvm/listing"
)

// A JSONWriter prints each event as an object on a line of its own, with the
// keys of libnftables' JSON where it has such.
type JSONWriter struct {
	enc *json.Encoder
	texts
	visit
}

// NewJSONWriter makes a JSONWriter; opt may be nil.
func NewJSONWriter(w io.Writer, opt *listing.Options) *JSONWriter {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &JSONWriter{enc: enc, texts: newTexts(opt)}
}

type jsonEvent struct {
	ID      string      `json:"id"`
	Type    string      `json:"type"`
	Family  string      `json:"family"`
	Table   string      `json:"table"`
	Chain   string      `json:"chain"`
	Handle  uint64      `json:"handle,omitempty"`
	Rule    string      `json:"rule,omitempty"`
	Verdict string      `json:"verdict"`
	Target  string      `json:"target,omitempty"`
	Queue   *uint16     `json:"queue,omitempty"`
	Mark    uint32      `json:"mark,omitempty"`
	Packet  *jsonPacket `json:"packet,omitempty"`
}

type jsonPacket struct {
	In     string      `json:"iif,omitempty"`
	Out    string      `json:"oif,omitempty"`
	Fields []jsonField `json:"fields"`
}

type jsonField struct {
	Protocol string `json:"protocol"`
	Field    string `json:"field"`
	Value    string `json:"value"`
}

// Event prints one event.
func (w *JSONWriter) Event(e *Event) error {
	j := jsonEvent{
		ID: fmt.Sprintf("%08x", e.ID), Type: "policy", Family: e.Table.Family.String(), Table: e.Table.Name,
		Chain: e.Chain.Name, Verdict: e.Verdict.String(), Target: e.Target, Mark: e.Mark,
	}
	if e.Kind == Rule {
		j.Type, j.Handle, j.Rule = "rule", e.Rule.Handle, w.text(e)
	}
	if e.Kind == Rule && e.verdict() != j.Verdict && e.Target == "" {
		j.Queue = &e.Queue
	}
	if w.first(e) && e.Packet != nil {
		j.Packet = &jsonPacket{In: e.Packet.In, Out: e.Packet.Out, Fields: []jsonField{}}
		for _, f := range e.Packet.Fields(e.Table.Family, &w.opt.Options) {
			j.Packet.Fields = append(j.Packet.Fields, jsonField{f.Header, f.Name, f.Value})
		}
	}
	return w.enc.Encode(&j)
}
