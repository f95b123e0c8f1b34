package json

import (
	"encoding/json"
	"strconv"
	"strings"

	"nfvm/diag"
)

// verbs are the commands; reset, list and the like keep their objects.
var verbs = []string{"add", "create", "insert", "replace", "delete", "destroy", "list", "reset", "flush", "rename"}

// objectKinds are the stateful objects.
var objectKinds = map[string]bool{
	"counter": true, "quota": true, "limit": true, "secmark": true, "synproxy": true,
	"ct helper": true, "ct timeout": true, "ct expectation": true,
}

// commandText writes a member of the array as text, "" for metainfo.
func commandText(v any) (string, error) {
	w := &writer{}
	key, value, ok := single(v)
	if !ok {
		w.failf("a command is an object with one member, not %s", kindOf(v))
		return "", w.err
	}
	var text string
	switch {
	case key == "metainfo":
		w.metainfo(w.object(value, key))
	case contains(verbs, key):
		kind, body, ok := single(value)
		if !ok {
			w.failf("%s: an object with one member is needed, not %s", key, kindOf(value))
			break
		}
		text = w.command(key, kind, body)
	default:
		text = w.listed(key, value)
	}
	return text, w.err
}

// listed is a member of a listing: an object to add.
func (w *writer) listed(kind string, body any) string {
	if !contains(known, kind) {
		return w.failf("unknown command %s%s", kind, meant(kind, append(known, verbs...)))
	}
	if o, ok := body.(map[string]any); ok {
		delete(o, "handle") // of the listing; it means no place
	}
	return w.command("add", kind, body)
}

var known = []string{"table", "chain", "rule", "set", "map", "element", "flowtable", "counter", "quota", "limit",
	"secmark", "synproxy", "ct helper", "ct timeout", "ct expectation"}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// meant names the word that another may be a misspelling of.
func meant(word string, words []string) string {
	if best := diag.Closest(word, words); best != "" {
		return "; did you mean ‘" + best + "’?"
	}
	return ""
}

func (w *writer) metainfo(o object) {
	n, _ := o["json_schema_version"].(json.Number)
	if v, err := n.Int64(); err == nil && v > schemaVersion {
		w.failf("the schema has version %d, known is %d", v, schemaVersion)
	}
}

// command writes a verb with its object.
func (w *writer) command(verb, kind string, body any) string {
	if verb == "list" || verb == "reset" && kind != "rule" && kind != "element" || verb == "flush" {
		return w.asking(verb, kind, body)
	}
	o := w.object(body, kind)
	switch {
	case w.err != nil:
		return ""
	case verb == "rename":
		return joined("rename chain", w.path(o, "name"), w.need(o, "newname", kind))
	case kind == "rule":
		return w.rule(verb, o)
	case kind == "element":
		return joined(verb, "element", w.path(o, "name"), w.set(o["elem"]))
	case kind == "table":
		if verb == "delete" || verb == "destroy" {
			return joined(verb, "table", w.path(o, ""))
		}
		return joined(verb, "table", w.path(o, ""), w.block(w.tableLines(o)))
	case !contains(known, kind) && kind != "meter":
		return w.failf("%s: unknown object %s%s", verb, kind, meant(kind, known))
	case verb == "delete" || verb == "destroy":
		if kind == "flowtable" && o.has("dev") {
			break
		}
		return joined(verb, kind, w.path(o, "name"))
	case verb != "add" && verb != "create":
		return w.failf("%s %s is no command", verb, kind)
	}
	block := w.block(w.lines(kind, o))
	if kind == "synproxy" && block == "" {
		block = "{ }" // the language wants its braces
	}
	return joined(verb, kind, w.path(o, "name"), block)
}

// asking writes list, reset and flush commands.
func (w *writer) asking(verb, kind string, body any) string {
	if body == nil {
		return joined(verb, kind)
	}
	o := w.object(body, kind)
	name := "name"
	if !o.has("name") {
		name = ""
	}
	switch {
	case kind == "ruleset" || !o.has("table") && name == "":
		return joined(verb, kind, o.text("family"))
	case kind == "table":
		return joined(verb, kind, w.path(o, ""))
	case strings.HasSuffix(kind, "s"):
		return joined(verb, kind, "table", w.path(object{"family": o["family"], "name": o["table"]}, ""))
	}
	return joined(verb, kind, w.path(o, name))
}

// path writes family, table and, unless key is empty, the name of an object, or
// its handle. The table itself has its name in "name".
func (w *writer) path(o object, key string) string {
	family := w.need(o, "family", "")
	if key == "" {
		if !o.has("name") && o.has("handle") {
			return joined(family, "handle", o.text("handle"))
		}
		return joined(family, w.need(o, "name", "table"))
	}
	table := w.need(o, "table", "")
	if !o.has(key) && o.has("handle") {
		return joined(family, table, "handle", o.text("handle"))
	}
	return joined(family, table, w.need(o, key, ""))
}

// rule writes a rule command.
func (w *writer) rule(verb string, o object) string {
	place := with("handle", o.text("handle"))
	if o.has("index") {
		place = with("index", o.text("index"))
	}
	path := w.path(o, "chain")
	if verb == "delete" || verb == "destroy" || verb == "reset" {
		return joined(verb, "rule", path, place)
	}
	w.family = o.text("family")
	var stmts []string
	for _, s := range list(o["expr"]) {
		stmts = append(stmts, w.stmt(s))
	}
	if len(stmts) == 0 {
		return w.failf("rule: the array \"expr\" is missing")
	}
	return joined(verb, "rule", path, place, joined(stmts...), w.comment(o))
}

func (w *writer) comment(o object) string {
	if !o.has("comment") {
		return ""
	}
	return "comment " + w.quote(o.text("comment"))
}

// block writes lines between braces, "" without lines.
func (w *writer) block(lines []string) string {
	var out []string
	for _, l := range lines {
		if l != "" {
			out = append(out, l)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "{ " + strings.Join(out, "; ") + "; }"
}

// seconds writes a number of seconds as a time.
func seconds(s string) string {
	if s == "" {
		return ""
	}
	if _, err := strconv.ParseUint(s, 10, 64); err != nil {
		return s
	}
	return s + "s"
}
