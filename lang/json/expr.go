package json

import (
	"encoding/json"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// exprs are the expressions that have an object as their value.
var exprs map[string]func(w *writer, o object) string

func init() {
	exprs = map[string]func(w *writer, o object) string{
		"prefix": (*writer).prefix, "map": (*writer).mapping, "payload": (*writer).payload,
		"exthdr": (*writer).exthdr, "tcp option": option("tcp option"), "ip option": option("ip option"),
		"sctp chunk": option("sctp chunk"), "dccp option": (*writer).dccpOption, "meta": (*writer).meta, "rt": (*writer).rt,
		"ct": (*writer).ct, "numgen": (*writer).numgen, "jhash": (*writer).jhash, "symhash": (*writer).symhash,
		"fib": (*writer).fib, "socket": (*writer).socket, "osf": (*writer).osf, "ipsec": (*writer).ipsec,
		"jump": target("jump"), "goto": target("goto"),
	}
}

var bare = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// expr writes an expression.
func (w *writer) expr(v any) string {
	switch v := v.(type) {
	case string:
		return w.immediate(v)
	case json.Number:
		return unsigned(v.String())
	case written:
		return string(v)
	case bool:
		if v {
			return "exists"
		}
		return "missing"
	case []any, long: // bits
		return strings.Join(w.operands(v), ",")
	}
	key, body, ok := single(v)
	if !ok {
		return w.failf("an expression is needed, not %s", kindOf(v))
	}
	switch key {
	case "concat":
		return strings.Join(w.operands(body), " . ")
	case "set":
		return w.set(body)
	case "elem":
		return w.element(v)
	case "range":
		if ends := w.operands(body); len(ends) == 2 {
			return ends[0] + "-" + ends[1]
		}
		return w.failf("range: an array of two is needed")
	case "|", "^", "&", "<<", ">>":
		return w.binop(key, body)
	}
	if plain[key] {
		return key
	}
	f := exprs[key]
	if f == nil {
		return w.failf("unknown expression %s%s", key, meant(key, slices.Sorted(maps.Keys(exprs))))
	}
	return f(w, w.object(body, key))
}

// immediate writes a constant or the name of a set.
func (w *writer) immediate(s string) string {
	if strings.HasPrefix(s, "@") && isWord(s) || s == "*" || bare.MatchString(s) && plain[s] {
		return s
	}
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return s
	}
	return w.quote(s)
}

func (w *writer) operands(v any) []string {
	var out []string
	for _, x := range list(v) {
		out = append(out, w.expr(x))
	}
	return out
}

// binop writes an operation; what it is applied to may be one, too.
func (w *writer) binop(op string, v any) string {
	parts := w.operands(v)
	if len(parts) < 2 {
		return w.failf("%s: an array of two or more is needed", op)
	}
	for i, x := range list(v) {
		if bits, ok := array(x); ok {
			parts[i] = "(" + strings.Join(w.operands(bits), " | ") + ")"
		} else if key, _, ok := single(x); ok && strings.Contains("| ^ & << >>", key) && (i > 0 || key != op) {
			parts[i] = "(" + parts[i] + ")"
		}
	}
	return strings.Join(parts, " "+op+" ")
}

// set writes a set literal, or the name of a set.
func (w *writer) set(v any) string {
	if s, ok := v.(string); ok {
		return w.immediate(s)
	}
	return w.elements(v, nil)
}

// elements writes a set literal with the statements that elements lack, see
// completed.
func (w *writer) elements(v any, stmts []any) string {
	var b strings.Builder
	b.WriteString("{ ")
	first := true
	for e := range elementsOf(v) {
		if !first {
			b.WriteString(", ")
		}
		first = false
		pair, ok := e.([]any)
		if ok && len(pair) != 2 {
			return w.failf("an element of a map is an array of two, not of %d", len(pair))
		}
		if !ok {
			pair = []any{e}
		}
		b.WriteString(w.element(completed(pair[0], stmts)))
		if ok {
			b.WriteString(" : ")
			b.WriteString(w.expr(pair[1]))
		}
		if w.err != nil {
			return ""
		}
	}
	b.WriteString(" }")
	return b.String()
}

// element writes the key of a set with its options.
func (w *writer) element(v any) string {
	key, body, ok := single(v)
	if !ok || key != "elem" {
		return w.expr(v)
	}
	o := w.object(body, key)
	text := joined(w.expr(o["val"]), with("timeout", seconds(o.text("timeout"))), with("expires", seconds(o.text("expires"))))
	for _, state := range stateKeys {
		if o.has(state) {
			text += " " + w.stmt(map[string]any{state: o[state]})
		}
	}
	return joined(text, w.all(o["stmt"]), w.comment(o))
}

func (w *writer) prefix(o object) string {
	return w.expr(o["addr"]) + "/" + w.need(o, "len", "prefix")
}

func (w *writer) mapping(o object) string {
	return joined(w.expr(o["key"]), "map", w.expr(o["data"]))
}
