package iptables

import (
	"slices"
	"strings"

	"nfvm/datatype"
	"nfvm/lang"
)

var setMatches = []extension{
	{name: "set", opts: []option{
		{name: "match-set", args: 2, negate: true, needed: true, lower: lowerSetMatch},
		{name: "return-nomatch", refuse: noSetCounters},
		{name: "update-counters", negate: true, refuse: noSetCounters}, {name: "update-subcounters", negate: true, refuse: noSetCounters},
		{name: "packets-eq", args: 1, negate: true, refuse: noSetCounters}, {name: "packets-lt", args: 1, refuse: noSetCounters},
		{name: "packets-gt", args: 1, refuse: noSetCounters}, {name: "bytes-eq", args: 1, negate: true, refuse: noSetCounters},
		{name: "bytes-lt", args: 1, refuse: noSetCounters}, {name: "bytes-gt", args: 1, refuse: noSetCounters},
	}},
}

const noSetCounters = "only whether an element is in a set is matched"

// lowerSetMatch looks what the flags name up in the set. A packet without the
// header that is asked for is not in the set.
func lowerSetMatch(r *lowering, g *given) {
	name, flags := g.args[0], g.args[1].split(",")
	set := r.sets.find(name.text)
	switch {
	case set == nil && r.sets == nil:
		r.errorf(name.span, "the set %s is not in the file: give what ipset save prints as a file before this one", name.text)
		return
	case set == nil:
		r.errorf(name.span, "no file holds a set %s%s", name.text, didYouMean(name.text, keys(r.sets.byName)))
		return
	case len(flags) < len(set.kinds):
		r.errorf(g.args[1].span, "the set %s has %d dimensions, each needs src or dst", name.text, len(set.kinds))
		return
	case set.family != r.family && (slices.Contains(set.kinds, "ip") || slices.Contains(set.kinds, "net")):
		r.errorf(name.span, "the set %s holds addresses of another family", name.text)
		return
	}
	var parts []lang.Expr
	for i, kind := range set.kinds {
		if flags[i].text != "src" && flags[i].text != "dst" {
			r.errorf(flags[i].span, "src or dst is needed")
			return
		}
		part := r.setPart(kind, flags[i].text == "src")
		parts = append(parts, part[len(part)-set.width(kind):]...)
	}
	r.declareIPSet(set)
	key := parts[0]
	if len(parts) > 1 {
		key = r.concat(parts...)
	}
	r.emit(r.equal(key, &lang.SetRef{Pos: r.pos(), Name: set.name.text}, g.negated()))
}

// setPart is what of the packet a dimension is compared with.
func (l *lowering) setPart(kind string, src bool) []lang.Expr {
	side := map[bool]string{true: "s", false: "d"}[src]
	switch kind {
	case "port":
		return []lang.Expr{l.meta("l4proto"), l.field("th", side+"port")}
	case "mac":
		return []lang.Expr{l.field("ether", side+"addr")}
	case "mark":
		return []lang.Expr{l.meta("mark")}
	}
	return []lang.Expr{l.field(l.ip(), side+"addr")}
}

// declareIPSet copies a set into the table that uses it.
func (l *lowering) declareIPSet(set *ipset) {
	if slices.ContainsFunc(l.cur.sets, func(s *lang.Set) bool { return s.Name.Text == set.name.text }) {
		return
	}
	own := l.build
	l.build = build{set.name.span}
	var types, flags []string
	for _, k := range set.kinds {
		if k == "ip" || k == "net" {
			types = append(types, l.addrType())
		} else {
			types = append(types, setKinds[k][len(setKinds[k])-set.width(k):]...)
		}
	}
	if set.interval {
		flags = append(flags, "interval")
	}
	timed := set.timeout > 0 || slices.ContainsFunc(set.elems, func(e setElem) bool { return e.has })
	if timed {
		flags = append(flags, "timeout")
	}
	l.declare(set.name.text, types, flags...)
	decl := l.cur.sets[len(l.cur.sets)-1]
	decl.AutoMerge = set.interval && len(types) == 1
	if set.timeout > 0 {
		decl.Timeout = lang.Duration{Pos: l.pos(), Millis: set.timeout}
	}
	if elems := l.setElements(set); len(elems.Elems) > 0 {
		decl.Elements, decl.ElementsPos = elems, l.at
	}
	l.build = own
}

func (l *lowering) setElements(set *ipset) *lang.SetLit {
	lit := &lang.SetLit{Pos: l.pos()}
	for _, e := range set.elems {
		l.build = build{e.key.span}
		var parts []lang.Expr
		for i, w := range e.key.split(",") {
			if part := l.elementPart(set.kinds[i], w); part != nil {
				parts = append(parts, part[len(part)-set.width(set.kinds[i]):]...)
			}
		}
		if len(parts) == 0 {
			continue // reported
		}
		elem := lang.Elem{Pos: l.pos(), Key: parts[0]}
		if len(parts) > 1 {
			elem.Key = l.concat(parts...)
		}
		if e.has && e.timeout > 0 {
			elem.Opts = &lang.ElemOpts{Timeout: lang.Duration{Pos: l.pos(), Millis: e.timeout}}
		}
		lit.Elems = append(lit.Elems, elem)
	}
	return lit
}

// elementPart reads one dimension of an element.
func (l *lowering) elementPart(kind string, w word) []lang.Expr {
	switch kind {
	case "port":
		return l.elementPort(w)
	case "mac":
		if a, ok := parseMAC(w.text); ok {
			return []lang.Expr{l.mac(a)}
		}
		l.errorf(w.span, "%q is no MAC address", w.text)
		return nil
	case "mark":
		if n, ok := l.number(w, 0, 0xffffffff); ok {
			return []lang.Expr{l.value(n)}
		}
		return nil
	}
	if from, _, isRange := w.cut("-"); isRange && from.text != "" {
		if x := l.natAddress(w); x != nil {
			return []lang.Expr{x}
		}
		return nil
	}
	a, ok := l.address(w)
	n, isPrefix := a.prefix()
	switch {
	case !ok || !isPrefix:
		return nil
	case n == 8*len(a.addr):
		return []lang.Expr{l.addr(a.addr)}
	}
	return []lang.Expr{&lang.Prefix{Pos: l.pos(), Addr: l.addr(a.addr), Len: l.num(uint64(n))}}
}

// elementPort reads PROTO:PORT[-PORT]; without a protocol it is TCP.
func (l *lowering) elementPort(w word) []lang.Expr {
	proto, ports, has := w.cut(":")
	number := uint8(protoTCP)
	if !has {
		ports = w
	} else if n, ok := datatype.ProtocolNumber(strings.ToLower(proto.text)); ok {
		number = n
	} else {
		l.errorf(proto.span, "unknown protocol %s", proto.text)
		return nil
	}
	if number == protoICMP || number == protoICMPv6 {
		l.errorf(w.span, "types of ICMP in a set are not supported")
		return nil
	}
	b, ok := l.portsTo(ports, "-")
	if !ok {
		return nil
	}
	return []lang.Expr{l.value(uint64(number)), l.between(b)}
}
