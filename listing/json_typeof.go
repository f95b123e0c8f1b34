package listing

import (
	"strconv"
	"strings"

	"nfvm/bytecode"
	"nfvm/proto"
)

// keyTypeJSON is the type of a set's keys: the expression of a typeof, where the
// text has it, or names of types.
func keyTypeJSON(s *bytecode.Set) any {
	if parts, ok := typeofJSON(s.TypeofKey); ok && !manyParts(s) {
		if len(parts) == 1 {
			return one("typeof", parts[0])
		}
		return one("typeof", one("concat", parts))
	}
	return typeJSON(s)
}

// typeofJSON reads the text of a typeof, `ip saddr . meta mark`. It fails on an
// empty one and on what has no JSON.
func typeofJSON(text string) (array, bool) {
	var out array
	w := strings.Fields(text)
	for len(w) > 0 {
		n := typeofEnd(w)
		part := typeofPartJSON(w[:n])
		if part == nil {
			return nil, false
		}
		out = append(out, part)
		w = w[min(n+1, len(w)):]
	}
	return out, len(out) > 0
}

// typeofEnd is where the first part of a concatenation ends. The flags of a fib
// are joined by dots too; its result stands alone.
func typeofEnd(w []string) int {
	i := 0
	if w[0] == "fib" {
		for i = 1; i+1 < len(w) && w[i+1] == "."; i += 2 {
		}
	}
	for i < len(w) && w[i] != "." {
		i++
	}
	return i
}

// typeofPartJSON is one selector from its words, nil if it is unknown.
func typeofPartJSON(w []string) any {
	if strings.HasPrefix(w[0], "@") {
		return rawJSON(w[0])
	}
	if len(w) == 1 {
		return one("meta", obj{{"key", w[0]}})
	}
	rest := w[1:]
	switch last := rest[len(rest)-1]; w[0] {
	case "meta":
		return one("meta", obj{{"key", last}})
	case "ct":
		return ctWordsJSON(rest)
	case "osf": // the version is in the match, not in the key
		o := obj{{"key", "name"}}
		if rest[0] == "ttl" && len(rest) > 2 {
			o.add("ttl", rest[1])
		}
		return one("osf", o)
	case "socket":
		return one("socket", obj{{"key", rest[0]}})
	case "fib":
		flags := strings.ReplaceAll(strings.Join(rest[:len(rest)-1], " "), " . ", " ")
		return one("fib", obj{{"result", last}, {"flags", single(wordList(strings.Fields(flags)))}})
	case "ipsec":
		return ipsecWordsJSON(rest)
	case "numgen":
		return one("numgen", append(obj{{"mode", rest[0]}}, generatorJSON(rest[1:], true)...))
	case "symhash":
		return one("symhash", generatorJSON(rest, false))
	case "rt":
		if key := strings.Join(rest, " "); last == "nexthop" && len(rest) == 2 {
			return one("rt", obj{{"key", last}, {"family", rest[0]}})
		} else if _, ok := proto.FindKey(proto.RtKeys, key); ok || last == "nexthop" {
			return one("rt", obj{{"key", key}})
		}
	case "exthdr":
		return one("exthdr", obj{{"name", rest[0]}, {"field", "nexthdr"}})
	}
	return headerWordsJSON(w)
}

// headerWordsJSON is a field of a header, an option or a tunnel.
func headerWordsJSON(w []string) any {
	field := w[len(w)-1]
	if len(w) == 4 && (w[1] == "option" || w[1] == "chunk") {
		return one(w[0]+" "+w[1], obj{{"name", proto.PrintedOption(w[0], w[2], field)}, {"field", field}})
	}
	if t := proto.FindTunnel(w[0]); t != nil && (len(w) == 3 || t.Header != nil) {
		desc := w[len(w)-2]
		return one("payload", obj{{"tunnel", t.Name}, {"protocol", desc}, {"field", field}})
	}
	name, _, _ := strings.Cut(field, "[")
	if x := proto.FindExthdr(proto.OpIPv6, w[0]); x != nil && len(w) == 2 && proto.Find(w[0]) == nil {
		if x.Field(name) != nil || x.Field(field) != nil {
			return one("exthdr", obj{{"name", w[0]}, {"field", field}})
		}
	}
	if d := proto.Find(w[0]); d != nil && d.Field(strings.Join(w[1:], " ")) != nil {
		return one("payload", obj{{"protocol", w[0]}, {"field", strings.Join(w[1:], " ")}})
	}
	return nil
}

// rawJSON is `@base,offset,length`.
func rawJSON(text string) any {
	f := strings.Split(text[1:], ",")
	if len(f) != 3 {
		return nil
	}
	off, err1 := strconv.Atoi(f[1])
	length, err2 := strconv.Atoi(f[2])
	if err1 != nil || err2 != nil {
		return nil
	}
	return one("payload", obj{{"base", f[0]}, {"offset", off}, {"len", length}})
}

func ctWordsJSON(w []string) any {
	dir := ""
	if len(w) > 1 && (w[0] == "original" || w[0] == "reply") {
		dir, w = w[0], w[1:]
	}
	o := obj{{"key", strings.Join(w, " ")}}
	if dir != "" {
		o.add("dir", dir)
	}
	return one("ct", o)
}

// ipsecWordsJSON is `in|out [spnum N] [ip|ip6] key`.
func ipsecWordsJSON(w []string) any {
	spnum := 0
	o := obj{{"key", w[len(w)-1]}}
	for i, x := range w[:len(w)-1] {
		switch x {
		case "spnum":
			spnum, _ = strconv.Atoi(w[i+1])
		case "ip", "ip6":
			o.add("family", x)
		}
	}
	o.add("dir", w[0])
	o.add("spnum", spnum)
	return one("ipsec", o)
}

// generatorJSON is `mod N [seed S] [offset M]`.
func generatorJSON(w []string, always bool) obj {
	o := obj{{"mod", 0}}
	offset := 0
	for i := 0; i+1 < len(w); i += 2 {
		n, _ := strconv.Atoi(w[i+1])
		switch w[i] {
		case "mod":
			o[0].value = n
		case "offset":
			offset = n
		}
	}
	if always || offset != 0 {
		o.add("offset", offset)
	}
	return o
}
