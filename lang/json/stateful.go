package json

import "strings"

func (w *writer) counter(o object) string {
	if !o.has("packets") && !o.has("bytes") {
		return "counter"
	}
	return joined("counter packets", unsigned(o.text("packets")), "bytes", unsigned(o.text("bytes")))
}

func (w *writer) quota(o object) string {
	used := ""
	if n := o.text("used"); n != "" && n != "0" {
		used = joined("used", n, unit(o, "used_unit"))
	}
	return joined("quota", overWord(o), w.need(o, "val", "quota"), unit(o, "val_unit"), used)
}

// unit gives a unit of bytes.
func unit(o object, key string) string {
	if u := o.text(key); u != "" {
		return u
	}
	return "bytes"
}

func (w *writer) limit(o object) string { return joined("limit", w.rate(o)) }

// rate writes the rate and burst of a limit.
func (w *writer) rate(o object) string {
	per, burst := o.text("per"), o.text("burst")
	if per == "" {
		per = "second"
	}
	rate := w.need(o, "rate", "limit")
	size := o.text("rate_unit")
	if o.text("unit") == "bytes" { // of a named limit: of rate and burst
		size = "bytes"
	}
	if size == "" || size == "packets" {
		rate += "/" + per
		if burst != "" {
			burst = "burst " + burst + " packets"
		}
	} else {
		rate += " " + size + "/" + per
		if burst == "0" {
			burst = ""
		}
		if burst != "" {
			burst = "burst " + burst + " " + unit(o, "burst_unit")
		}
	}
	return joined("rate", overWord(o), rate, burst)
}

func (w *writer) last(o object) string {
	return joined("last", with("used", milliseconds(o.text("used"))))
}

func milliseconds(s string) string {
	if s == "" {
		return ""
	}
	return s + "ms"
}

func (w *writer) connCount(o object) string {
	return joined("ct count", overWord(o), w.need(o, "val", "ct count"))
}

// synproxy writes the options of a synproxy.
func (w *writer) synproxy(o object) string {
	return joined(with("mss", o.text("mss")), with("wscale", o.text("wscale")), strings.Join(w.words(o["flags"]), " "))
}

// update writes a statement that changes a set or a map.
func (w *writer) update(o object) string {
	name := o.text("set")
	if name == "" {
		name = w.need(o, "map", "set")
	}
	op := w.need(o, "op", "set")
	if op != "add" && op != "update" && op != "delete" || !isWord(name) {
		return w.failf("set: there is no way to %s %s", op, name)
	}
	text := joined(op, "@"+strings.TrimPrefix(name, "@"), "{", w.element(o["elem"]), w.all(o["stmt"]))
	if o.has("data") {
		text += " : " + w.expr(o["data"])
	}
	return text + " }"
}

// all writes statements one after another.
func (w *writer) all(v any) string {
	var out []string
	for _, s := range list(v) {
		out = append(out, w.stmt(s))
	}
	return joined(out...)
}

func (w *writer) meter(o object) string {
	return joined("meter", w.need(o, "name", "meter"), with("size", o.text("size")), "{", w.element(o["key"]), w.all(o["stmt"]), "}")
}
