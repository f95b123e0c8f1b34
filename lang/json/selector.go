package json

import "strings"

func (w *writer) payload(o object) string {
	if o.has("base") {
		return "@" + strings.Join([]string{w.need(o, "base", "payload"), w.need(o, "offset", "payload"), w.need(o, "len", "payload")}, ",")
	}
	tunnel, desc := o.text("tunnel"), w.need(o, "protocol", "payload")
	if tunnel == desc {
		tunnel = "" // a field of the tunnel's own header
	}
	return joined(tunnel, desc, w.need(o, "field", "payload"))
}

func (w *writer) exthdr(o object) string {
	name := w.need(o, "name", "exthdr")
	field := o.text("field")
	if field == "" {
		return "exthdr " + name
	}
	if o.has("offset") && name == "rt0" {
		field += "[" + o.text("offset") + "]"
	}
	return joined(name, field)
}

// option writes an option of a header or a chunk.
func option(word string) func(*writer, object) string {
	return func(w *writer, o object) string {
		if o.has("base") {
			if o.text("offset") == "0" && o.text("len") == "8" {
				return word + " " + o.text("base") // whether it is there
			}
			return word + " @" + strings.Join([]string{w.need(o, "base", word), w.need(o, "offset", word), w.need(o, "len", word)}, ",")
		}
		return joined(word, w.need(o, "name", word), o.text("field"))
	}
}

func (w *writer) dccpOption(o object) string {
	return "dccp option " + w.need(o, "type", "dccp option")
}

func (w *writer) meta(o object) string { return "meta " + w.need(o, "key", "meta") }

func (w *writer) rt(o object) string {
	return joined("rt", o.text("family"), w.need(o, "key", "rt"))
}

func (w *writer) ct(o object) string {
	return joined("ct", o.text("dir"), o.text("family"), w.need(o, "key", "ct"))
}

func (w *writer) numgen(o object) string {
	return joined("numgen", w.need(o, "mode", "numgen"), "mod", w.need(o, "mod", "numgen"), offset(o))
}

func offset(o object) string {
	if n := o.text("offset"); n != "" && n != "0" {
		return "offset " + n
	}
	return ""
}

func (w *writer) jhash(o object) string {
	return joined("jhash", w.expr(o["expr"]), "mod", w.need(o, "mod", "jhash"), with("seed", o.text("seed")), offset(o))
}

func (w *writer) symhash(o object) string {
	return joined("symhash mod", w.need(o, "mod", "symhash"), offset(o))
}

func (w *writer) fib(o object) string {
	flags := w.words(o["flags"])
	if len(flags) == 0 {
		return w.failf("fib: the flags are missing")
	}
	return joined("fib", strings.Join(flags, " . "), w.need(o, "result", "fib"))
}

func (w *writer) socket(o object) string {
	return joined("socket", w.need(o, "key", "socket"), with("level", o.text("level")))
}

func (w *writer) osf(o object) string {
	return joined("osf", with("ttl", o.text("ttl")), w.need(o, "key", "osf"))
}

func (w *writer) ipsec(o object) string {
	spnum := o.text("spnum")
	if spnum == "0" {
		spnum = "" // the default, which nft does not print
	}
	return joined("ipsec", w.need(o, "dir", "ipsec"), with("spnum", spnum), o.text("family"), w.need(o, "key", "ipsec"))
}
