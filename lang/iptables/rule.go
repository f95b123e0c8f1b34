package iptables

import (
	"slices"

	"nfvm/datatype"
	"nfvm/lang"
	"nfvm/nf"
)

// rules reads the options of a rule and gives the rules of the kernel that it
// makes: one for each pair of a source and a destination.
func (p *parser) rules(c *call, ch *chain) []*rule {
	s := &spec{parser: p, line: c.name.span, packets: c.packets, octets: c.octets}
	if ch != nil {
		s.chain = ch.name.text
	}
	if n := len(c.args); n > 0 {
		s.line = s.line.To(c.args[n-1].span)
	}
	s.read(c.rest)
	s.checkInterfaces(ch)
	if s.only != nf.FamilyUnspec && s.only != p.family {
		p.diags.Items = p.diags.Items[:s.known]
		return nil // -4 in ip6tables, -6 in iptables: the line is for the other
	}
	if s.blind {
		return nil // what the line means is not known
	}
	src, dst := s.src, s.dst
	if len(src) == 0 {
		src = []addrArg{{}}
	}
	if len(dst) == 0 {
		dst = []addrArg{{}}
	}
	if n := len(src) * len(dst); n > maxPairs {
		p.diags.Errorf(s.line, "%d sources and %d destinations make %d rules, more than %d", len(src), len(dst), n, maxPairs)
		return nil
	}
	var out []*rule
	written := joinWords(c.rest)
	for _, a := range src {
		for _, b := range dst {
			l := &lowering{spec: s, build: build{s.line}, stmts: make([]lang.Stmt, 0, 6)}
			r := l.rule(a, b)
			r.words = written
			out = append(out, r)
			if s.failed {
				return nil
			}
		}
	}
	return out
}

// maxPairs bounds the rules of one line, which has one for each pair of a source
// and a destination.
const maxPairs = 1 << 14

// checkInterfaces refuses an interface that packets of a built-in chain can't
// have.
func (s *spec) checkInterfaces(ch *chain) {
	if ch == nil || ch.base == nil {
		return
	}
	h := ch.base.hook
	if s.inIface.name.text != "" && (h == nf.HookOutput || h == nf.HookPostrouting) {
		s.errorf(s.inIface.name.span, "packets in %s have no input interface (-i)", ch.name.text)
	}
	if s.inBridge.name.text != "" && (h == nf.HookOutput || h == nf.HookPostrouting) {
		s.errorf(s.inBridge.name.span, "packets in %s have no input bridge (--logical-in)", ch.name.text)
	}
	if s.outBridge.name.text != "" && (h == nf.HookPrerouting || h == nf.HookInput) {
		s.errorf(s.outBridge.name.span, "packets in %s have no output bridge (--logical-out)", ch.name.text)
	}
	if s.outIface.name.text != "" && (h == nf.HookPrerouting || h == nf.HookInput) {
		s.errorf(s.outIface.name.span, "packets in %s have no output interface (-o)", ch.name.text)
	}
}

// loadMatch starts the use of a match.
func (s *spec) loadMatch(w word) *use {
	x := findExtension(s.dialect.matches, matchName(w.text, s.family), s.family)
	if x == nil {
		s.blind, s.garbled = true, true
		s.errorf(w.span, "unknown match %s%s", w.text, didYouMean(w.text, names(s.dialect.matches, s.family)))
		return nil
	}
	if x.refuse != "" {
		s.errorf(w.span, "match %s is not supported: %s", x.name, x.refuse)
		s.blind = s.blind || len(x.opts) == 0
	}
	u := &use{ext: x, at: w}
	s.matches = append(s.matches, u)
	return u
}

// matchName gives the name under which the table has a match.
func matchName(name string, f nf.Family) string {
	switch {
	case name == "icmpv6" || name == "ipv6-icmp":
		return "icmp6"
	case name == "ipv6-mh" || name == "mobility-header":
		return "mh"
	}
	return name
}

// setTarget takes in -j or -g.
func (s *spec) setTarget(w word, goTo bool) {
	if s.jump {
		s.garble(w.span, "a rule has one target, and this one has -j %s already", s.dest.text)
		return
	}
	s.jump, s.goTo, s.dest = true, goTo, w
	if goTo {
		return
	}
	x := findExtension(s.dialect.targets, w.text, s.family)
	if x == nil {
		s.badTarget = !s.isTarget(w.text) && s.dialect.builtinOf(s.cur.name, w.text) == nil
		return // a verdict or a chain
	}
	if x.refuse != "" {
		s.errorf(w.span, "target %s is not supported: %s", x.name, x.refuse)
		s.blind = s.blind || len(x.opts) == 0
	}
	s.target = &use{ext: x, at: w, target: true}
}

func (s *spec) setCounters(_ bool, a []word) {
	p, ok1 := s.number(a[0], 0, ^uint64(0))
	b, ok2 := s.number(a[1], 0, ^uint64(0))
	if ok1 && ok2 {
		s.packets, s.octets = p, b
	}
}

// protocolMatch is the match that a protocol brings along: -p tcp has the
// options of -m tcp.
func (s *spec) protocolMatch() *extension {
	if s.proto.name.text == "" || s.proto.any || s.family == nf.FamilyBridge {
		return nil
	}
	name, _ := datatype.ProtocolName(s.proto.number)
	if s.proto.number == protoMH && s.proto.name.text != "mh" {
		return nil // whose name is another
	}
	return findExtension(s.dialect.matches, matchName(name, s.family), s.family)
}

// loadProtocolMatch loads the protocol's match for an option of it.
func (s *spec) loadProtocolMatch(opt string, at word) *use {
	x := s.protocolMatch()
	if x == nil || slices.ContainsFunc(s.matches, func(u *use) bool { return u.ext == x }) {
		return nil
	}
	if x.exact(opt) == nil && len(x.starting(opt)) == 0 {
		return nil
	}
	u := &use{ext: x, at: at}
	s.matches = append(s.matches, u)
	return u
}

// checkUse checks an extension against the rule it stands in.
func (s *spec) checkUse(u *use) {
	x := u.ext
	if x.refuse != "" {
		return
	}
	if x.tables != nil && !slices.Contains(x.tables, s.cur.name) {
		u.broken = true
		s.errorf(u.at.span, "%s can only be used in table %s", x.name, orList(x.tables))
	}
	if x.protos != nil && (s.proto.name.text == "" || s.proto.not || !slices.Contains(x.protos, s.proto.number)) {
		var names []string
		for _, n := range x.protos {
			name, _ := datatype.ProtocolName(n)
			names = append(names, "-p "+name)
		}
		s.lacks(u, u.at.span, "%s needs %s", x.name, orList(names))
	}
	if x.some && len(u.given) == 0 {
		s.lacks(u, u.at.span, "%s needs one of its options: %s", x.name, orList(x.optionNames(nil)))
	}
	for i := range x.opts {
		if o := &x.opts[i]; o.needed && !u.has(o.name) {
			s.lacks(u, u.at.span, "%s needs the option --%s", x.name, o.name)
		}
	}
}
