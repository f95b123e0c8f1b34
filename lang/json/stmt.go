package json

import (
	"maps"
	"slices"
	"strings"
)

// stmts are the statements with an object or null as their value.
var stmts map[string]func(w *writer, o object) string

func init() {
	stmts = map[string]func(w *writer, o object) string{
		"match": (*writer).match, "mangle": (*writer).mangle, "log": (*writer).log, "reject": (*writer).reject,
		"snat": nat("snat"), "dnat": nat("dnat"), "masquerade": nat("masquerade"), "redirect": nat("redirect"),
		"set": (*writer).update, "map": (*writer).update, "queue": (*writer).queue, "dup": (*writer).dup, "fwd": (*writer).fwd,
		"flow": (*writer).flow, "tproxy": (*writer).tproxy, "meter": (*writer).meter, "vmap": (*writer).vmap,
		"jump": target("jump"), "goto": target("goto"), "counter": (*writer).counter, "quota": (*writer).quota,
		"limit": (*writer).limit, "last": (*writer).last, "ct count": (*writer).connCount, "reset": (*writer).reset,
		"synproxy": func(w *writer, o object) string { return joined("synproxy", w.synproxy(o)) },
	}
}

// plain are the statements without a value.
var plain = map[string]bool{"accept": true, "drop": true, "continue": true, "return": true, "notrack": true}

// named are the statements that name an object, with what stands before it.
var named = map[string]string{
	"counter": "counter name", "quota": "quota name", "limit": "limit name", "synproxy": "synproxy name",
	"ct helper": "ct helper set", "ct timeout": "ct timeout set", "ct expectation": "ct expectation set",
	"secmark": "meta secmark set",
}

// stmt writes a statement.
func (w *writer) stmt(v any) string {
	if s, ok := v.(string); ok && plain[s] {
		return s
	}
	key, body, ok := single(v)
	if !ok {
		return w.failf("a statement is an object with one member, not %s", kindOf(v))
	}
	switch {
	case plain[key]:
		return key
	case key == "xt":
		return w.failf("statement xt: extensions of iptables are not supported in JSON")
	case named[key] != "":
		switch name := body.(type) {
		case string:
			return named[key] + " " + w.quote(name)
		case map[string]any, nil:
			if inner, _, _ := single(body); stmts[key] == nil || inner == "map" {
				return named[key] + " " + w.expr(body)
			}
		}
	}
	f := stmts[key]
	if f == nil {
		words := slices.Sorted(maps.Keys(plain))
		words = append(words, slices.Sorted(maps.Keys(stmts))...)
		return w.failf("unknown statement %s%s", key, meant(key, words))
	}
	if body == nil {
		return f(w, nil)
	}
	return f(w, w.object(body, key))
}

func (w *writer) match(o object) string {
	op := w.need(o, "op", "match")
	switch op {
	case "in":
		op = ""
	case "==", "!=", "<", ">", "<=", ">=", "!":
	default:
		return w.failf("match: unknown operator %s", op)
	}
	text := joined(w.left(o["left"], o["right"]), op, w.expr(o["right"]))
	if text != "" && slices.ContainsFunc(tellsFamily, func(s string) bool { return strings.HasPrefix(text, s) }) {
		w.family = ""
	}
	return text
}

// tellsFamily are the beginnings of matches that tell a packet's family, or need
// it to be known.
var tellsFamily = []string{"meta nfproto ", "meta protocol ", "ether type ", "ip ", "ip6 "}

// left writes the left side of a match. nft prints the address of a connection
// without its family, and leaves out the match before it that told it: in tables
// of several families that match comes back.
func (w *writer) left(v, right any) string {
	key, body, _ := single(v)
	o, isObject := body.(map[string]any)
	if !isObject || key != "ct" || o["family"] != nil || o["key"] != "saddr" && o["key"] != "daddr" {
		return w.expr(v)
	}
	if tests, several := familyTests[w.family]; several {
		switch text := w.expr(right); {
		case strings.Count(text, ":") > 1:
			return joined(tests.ip6, w.expr(v))
		case strings.Count(text, ".") > 2:
			return joined(tests.ip, w.expr(v))
		}
	}
	return w.expr(v)
}

// familyTests are the matches that tell a packet's family, by that of the table.
var familyTests = map[string]struct{ ip, ip6 string }{
	"inet":   {"meta nfproto ipv4", "meta nfproto ipv6"},
	"bridge": {"meta protocol ip", "meta protocol ip6"},
	"netdev": {"meta protocol ip", "meta protocol ip6"},
}

func (w *writer) mangle(o object) string {
	return joined(w.expr(o["key"]), "set", w.expr(o["value"]))
}

func target(verb string) func(*writer, object) string {
	return func(w *writer, o object) string {
		if !o.has("chain") {
			return verb + " " + w.need(o, "target", verb)
		}
		var rules []string
		for _, r := range list(o["chain"]) {
			var parts []string
			for _, s := range list(r) {
				parts = append(parts, w.stmt(s))
			}
			rules = append(rules, joined(parts...))
		}
		return joined(verb, w.block(rules))
	}
}

func (w *writer) log(o object) string {
	prefix := ""
	if o.has("prefix") {
		prefix = "prefix " + w.quote(o.text("prefix"))
	}
	text := joined("log", prefix, with("level", o.text("level")), with("group", o.text("group")),
		with("snaplen", o.text("snaplen")), with("queue-threshold", o.text("queue-threshold")))
	for _, f := range w.words(o["flags"]) {
		text += " flags " + f
	}
	return text
}

func (w *writer) reject(o object) string {
	switch typ := o.text("type"); {
	case typ == "":
		return "reject"
	case typ == "tcp reset":
		return "reject with tcp reset"
	case !o.has("expr"):
		return "reject with " + typ + " type port-unreachable"
	default:
		code := o.text("expr")
		if code == "" || !isWord(code) {
			code = w.expr(o["expr"])
		}
		return joined("reject with", typ, "type", code)
	}
}

// nat writes one of the translations.
func nat(word string) func(*writer, object) string {
	return func(w *writer, o object) string {
		family, prefix, to := o.text("family"), "", ""
		if contains(w.words(o["type_flags"]), "prefix") {
			prefix = "prefix"
		}
		var flags []string
		for _, f := range w.words(o["flags"]) {
			if f != "netmap" { // what prefix means
				flags = append(flags, f)
			}
		}
		if o.has("addr") {
			to = w.addr(o["addr"], o.has("port"))
		}
		if o.has("port") {
			to += ":" + w.expr(o["port"])
		}
		if to == "" {
			family = ""
		}
		return joined(word, family, prefix, with("to", to), strings.Join(flags, ","))
	}
}

// addr writes an address, in brackets where a port follows an IPv6 one that is
// no prefix.
func (w *writer) addr(v any, port bool) string {
	text := w.expr(v)
	if port && strings.Contains(text, ":") && !strings.ContainsAny(text, " {@/") {
		return "[" + strings.ReplaceAll(text, "-", "]-[") + "]"
	}
	return text
}

func (w *writer) tproxy(o object) string {
	to := ""
	if o.has("addr") {
		to = w.addr(o["addr"], o.has("port"))
	}
	if o.has("port") {
		to += ":" + w.expr(o["port"])
	}
	return joined("tproxy", o.text("family"), "to", to)
}

func (w *writer) queue(o object) string {
	text := "queue"
	if flags := w.words(o["flags"]); len(flags) > 0 {
		text += " flags " + strings.Join(flags, ",")
	}
	if o.has("num") {
		text += " to " + w.expr(o["num"])
	}
	return text
}

func (w *writer) dup(o object) string {
	to, device := "", ""
	if o.has("addr") {
		to = "to " + w.expr(o["addr"])
	}
	if o.has("dev") {
		if device = "device "; to == "" {
			device = "to "
		}
		device += w.expr(o["dev"])
	}
	return joined("dup", to, device)
}

func (w *writer) fwd(o object) string {
	if o.has("addr") {
		return joined("fwd", w.need(o, "family", "fwd"), "to", w.expr(o["addr"]), "device", w.expr(o["dev"]))
	}
	return joined("fwd to", w.expr(o["dev"]))
}

func (w *writer) flow(o object) string {
	name := w.need(o, "flowtable", "flow")
	return "flow add @" + strings.TrimPrefix(name, "@")
}

func (w *writer) vmap(o object) string {
	return joined(w.expr(o["key"]), "vmap", w.expr(o["data"]))
}

func (w *writer) reset(o object) string {
	_, body, _ := single(map[string]any(o))
	option := w.object(body, "reset")
	if option.has("base") {
		return joined("reset tcp option", option.text("base"))
	}
	return joined("reset tcp option", w.need(option, "name", "reset"))
}
