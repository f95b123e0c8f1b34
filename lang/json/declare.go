package json

import (
	"encoding/json"
	"slices"
	"strings"
)

func (w *writer) tableLines(o object) []string {
	return []string{with("flags", strings.Join(w.words(o["flags"]), ",")), w.comment(o)}
}

// words writes an array of strings, or a single one.
func (w *writer) words(v any) []string {
	var out []string
	for _, x := range list(v) {
		s, ok := x.(string)
		if !ok {
			w.failf("a string is needed, not %s", kindOf(x))
		}
		out = append(out, s)
	}
	return out
}

// lines writes the contents of a declaration.
func (w *writer) lines(kind string, o object) []string {
	switch kind {
	case "chain":
		return w.chainLines(o)
	case "set", "map":
		return w.setLines(kind, o)
	case "flowtable":
		prio := o.text("prio")
		if prio == "" {
			prio = "0"
		}
		return []string{joined("hook", w.need(o, "hook", kind), "priority", prio), w.devices(o["dev"]),
			with("flags", strings.Join(w.words(o["flags"]), ","))}
	}
	return append(w.objectLines(kind, o), w.comment(o))
}

// devices writes a line of several devices.
func (w *writer) devices(v any) string {
	var names []string
	for _, n := range w.words(v) {
		names = append(names, w.quote(n))
	}
	if len(names) == 0 {
		return ""
	}
	return "devices = { " + strings.Join(names, ", ") + " }"
}

func (w *writer) chainLines(o object) []string {
	lines := []string{w.comment(o)}
	if o.has("type") || o.has("hook") || o.has("prio") {
		device := ""
		if names := w.words(o["dev"]); len(names) == 1 {
			device = "device " + w.quote(names[0])
		} else {
			device = w.devices(o["dev"])
		}
		lines = append(lines, joined("type", w.need(o, "type", "chain"), "hook", w.need(o, "hook", "chain"), device,
			"priority", w.need(o, "prio", "chain")))
	}
	return append(lines, with("policy", o.text("policy")))
}

func (w *writer) setLines(kind string, o object) []string {
	typ := w.setType(o["type"])
	if kind == "map" {
		_, isTypeof := o["type"].(map[string]any)
		data := w.mapData(o["map"], isTypeof)
		if spans(o["elem"]) {
			data = "interval " + data
		}
		typ += " : " + data
	}
	lines := []string{typ, with("flags", strings.Join(w.words(o["flags"]), ",")), with("policy", o.text("policy")),
		with("timeout", seconds(o.text("timeout"))), with("gc-interval", seconds(o.text("gc-interval"))),
		with("size", o.text("size")), w.comment(o)}
	if o.truth("auto-merge") {
		lines = append(lines, "auto-merge")
	}
	var stmts []string
	for _, s := range list(o["stmt"]) {
		stmts = append(stmts, w.stmt(s))
	}
	lines = append(lines, joined(stmts...))
	if o.has("elem") {
		lines = append(lines, "elements = "+w.elements(o["elem"], list(o["stmt"])))
	}
	return lines
}

// spans reports whether the data of any element is a range or a prefix: JSON has
// no other sign of it.
func spans(elems any) bool {
	for e := range each(elems) {
		if pair, ok := e.([]any); ok && len(pair) == 2 && hasSpan(pair[1]) {
			return true
		}
	}
	return false
}

func hasSpan(v any) bool {
	key, body, _ := single(v)
	switch key {
	case "range", "prefix":
		return true
	case "concat":
		return slices.ContainsFunc(list(body), hasSpan)
	}
	return false
}

// setType writes the type of a key or of data, with its word.
func (w *writer) setType(v any) string {
	if key, e, ok := single(v); ok && key == "typeof" {
		return "typeof " + w.expr(e)
	}
	types := w.words(v)
	if len(types) == 0 {
		return w.failf("the type of a set or map is missing")
	}
	return "type " + strings.Join(types, " . ")
}

// objectLines writes the settings of a stateful object.
func (w *writer) objectLines(kind string, o object) []string {
	switch kind {
	case "counter":
		if !o.has("packets") && !o.has("bytes") {
			return nil
		}
		return []string{joined("packets", unsigned(o.text("packets")), "bytes", unsigned(o.text("bytes")))}
	case "quota":
		used := ""
		if n := o.text("used"); n != "" && n != "0" {
			used = "used " + n + " bytes"
		}
		return []string{joined(overWord(o), w.need(o, "bytes", kind), "bytes", used)}
	case "limit":
		return []string{w.rate(o)}
	case "secmark":
		return []string{w.quote(w.need(o, "context", kind))}
	case "synproxy":
		return []string{w.synproxy(o)}
	case "ct helper":
		return []string{joined("type", w.quote(w.need(o, "type", kind)), "protocol", w.need(o, "protocol", kind)),
			with("l3proto", o.text("l3proto"))}
	case "ct timeout":
		return []string{with("protocol", o.text("protocol")), with("l3proto", o.text("l3proto")), w.policy(o)}
	case "ct expectation":
		timeout := o.text("timeout")
		if timeout != "" {
			timeout += "ms"
		}
		return []string{with("protocol", o.text("protocol")), with("dport", o.text("dport")), with("timeout", timeout),
			with("size", o.text("size")), with("l3proto", o.text("l3proto"))}
	}
	return nil
}

// policy writes the times of a timeout object, in the order of the names.
func (w *writer) policy(o object) string {
	m := w.object(o["policy"], "policy")
	var states []string
	for name, v := range m {
		n, ok := v.(json.Number)
		if !ok {
			w.failf("policy: a number of seconds is needed, not %s", kindOf(v))
		}
		states = append(states, name+" : "+n.String())
	}
	slices.Sort(states)
	return "policy = { " + strings.Join(states, ", ") + " }"
}

func overWord(o object) string {
	if o.truth("inv") {
		return "over"
	}
	return ""
}
