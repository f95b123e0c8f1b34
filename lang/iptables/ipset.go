package iptables

import (
	"bytes"
	"strings"

	"nfvm/diag"
	"nfvm/nf"
)

// Sets are the sets that `ipset save` printed, by name, for -m set.
type Sets struct{ byName map[string]*ipset }

// An ipset is one set: the kinds of its dimensions, and its elements.
type ipset struct {
	name   word
	kinds  []string // ip, net, port, mac, mark, iface
	family nf.Family
	// interval: elements may be ranges.
	interval bool
	timeout  uint64 // milliseconds, 0: none
	bare     bool   // a port is one of any protocol
	elems    []setElem
}

// A setElem is an element; what it says is read where a rule wants it.
type setElem struct {
	key     word
	timeout uint64
	has     bool // a timeout of its own
}

// ParseSets reads the text of `ipset save`.
func ParseSets(name string, src []byte, sources *diag.Sources) (*Sets, diag.List) {
	p := &parser{diags: diag.List{Sources: sources}}
	sets := &Sets{byName: map[string]*ipset{}}
	source := sources.Add(name, src, diag.Span{})
	if source == nil {
		p.diags.Errorf(diag.Span{}, "%s: the input exceeds %d bytes", name, uint64(diag.MaxSize))
		return sets, p.diags
	}
	base := source.Base()
	for len(src) > 0 {
		line, rest, _ := bytes.Cut(src, []byte("\n"))
		words, _ := splitWords(p.words, line, base)
		p.words = words
		base += uint32(len(src) - len(rest))
		src = rest
		if len(words) == 0 || strings.HasPrefix(words[0].text, "#") {
			continue
		}
		s := &spec{parser: p}
		switch {
		case words[0].text == "create" && len(words) > 2:
			s.createSet(sets, words)
		case words[0].text == "add" && len(words) > 2:
			s.addElement(sets, words)
		default:
			s.errorf(words[0].span, "a line of ipset save is `create NAME TYPE …` or `add NAME ELEMENT …`")
		}
	}
	return sets, p.diags
}

// setKinds are the kinds of dimensions, with what nft calls their types.
var setKinds = map[string][]string{
	"ip": {""}, "net": {""}, "port": {"inet_proto", "inet_service"}, "mac": {"ether_addr"}, "mark": {"mark"},
}

// createSet reads `create NAME TYPE …`.
func (s *spec) createSet(sets *Sets, words []word) {
	name, typ := words[1], words[2]
	method, kinds, _ := strings.Cut(typ.text, ":")
	set := &ipset{name: name, family: nf.FamilyIPv4, kinds: strings.Split(kinds, ","), bare: method == "bitmap"}
	for _, k := range set.kinds {
		if setKinds[k] == nil || method != "hash" && method != "bitmap" {
			s.errorf(typ.span, "sets of the type %s are not supported", typ.text)
			return
		}
	}
	for i := 3; i < len(words); i++ {
		w, next := words[i], word{}
		if i+1 < len(words) {
			next = words[i+1]
		}
		switch w.text {
		case "family":
			if next.text == "inet6" {
				set.family = nf.FamilyIPv6
			}
			i++
		case "timeout":
			n, _ := s.number(next, 0, 1<<31)
			set.timeout = n * 1000
			i++
		case "hashsize", "maxelem", "bucketsize", "initval", "range", "markmask", "netmask":
			if w.text == "netmask" || w.text == "markmask" {
				s.errorf(w.span, "sets with a %s are not supported", w.text)
			}
			i++
		}
	}
	sets.byName[name.text] = set
}

// addElement reads `add NAME ELEMENT …`.
func (s *spec) addElement(sets *Sets, words []word) {
	set := sets.byName[words[1].text]
	if set == nil {
		s.errorf(words[1].span, "there is no set %s%s", words[1].text, didYouMean(words[1].text, keys(sets.byName)))
		return
	}
	e := setElem{key: words[2]}
	for i, w := range words[3:] {
		switch {
		case w.text == "nomatch":
			s.errorf(w.span, "exceptions in a set (nomatch) are not supported")
		case w.text == "timeout" && i+4 < len(words):
			n, _ := s.number(words[i+4], 0, 1<<31)
			e.timeout, e.has = n*1000, true
		}
	}
	parts := words[2].split(",")
	if len(parts) != len(set.kinds) {
		s.errorf(words[2].span, "an element of %s has %d parts", set.name.text, len(set.kinds))
		return
	}
	for i, p := range parts {
		_, port, _ := strings.Cut(p.text, ":")
		if kind := set.kinds[i]; kind == "net" || kind == "ip" && strings.ContainsAny(p.text, "/-") || kind == "port" && strings.Contains(port, "-") {
			set.interval = true
		}
	}
	set.elems = append(set.elems, e)
}

// width is how many parts of a key a dimension makes.
func (s *ipset) width(kind string) int {
	if s.bare {
		return 1
	}
	return len(setKinds[kind])
}

func (s *Sets) find(name string) *ipset {
	if s == nil {
		return nil
	}
	return s.byName[name]
}
