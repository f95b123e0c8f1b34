package iptables

import (
	"strings"

	"nfvm/datatype"
	"nfvm/nf"
)

// A protoArg is the argument of -p.
type protoArg struct {
	name   word
	number uint8
	any    bool // all
	not    bool
}

// setProtocol takes in -p: a number or a name in any case; 0 is all.
func (s *spec) setProtocol(not bool, args []word) {
	w := args[0]
	p := protoArg{name: w, not: not}
	lower := strings.ToLower(w.text)
	n, ok := protocolNumber(lower)
	switch {
	case lower == "all":
		p.any = true
	case !ok:
		s.badProto = true
		s.garbled = true
		s.errorf(w.span, "unknown protocol %s%s", w.text, didYouMean(lower, []string{"tcp", "udp", "udplite", "icmp", "icmpv6", "esp", "ah", "sctp", "gre", "all"}))
		return
	default:
		p.number, p.any = n, n == 0
	}
	if p.any && not {
		s.errorf(w.span, "a rule for no protocol at all would never match")
		return
	}
	s.proto = p
}

// protocolNumber reads a protocol by number or name.
func protocolNumber(name string) (uint8, bool) {
	if n, err := parseNumber(name); err == nil && n <= 255 {
		return uint8(n), true
	}
	switch name {
	case "ipv6-mh", "mh":
		name = "mobility-header"
	case "icmp6":
		return 0, false
	}
	return datatype.ProtocolNumber(name)
}

// An ifaceArg is the argument of -i or -o.
type ifaceArg struct {
	name word
	not  bool
}

// iface takes in an interface: a name, or the beginning of one with a +.
func (s *spec) iface(w word, not bool) ifaceArg {
	switch {
	case len(w.text) >= nf.IfNameSize:
		s.errorf(w.span, "an interface's name has at most %d characters", nf.IfNameSize-1)
	case w.text == "" && s.dialect.innerNot:
		return ifaceArg{} // any
	case w.text == "":
		s.errorf(w.span, "the interface's name is empty")
	}
	if at := strings.IndexByte(w.text, '+'); at >= 0 && at < len(w.text)-1 && s.family == nf.FamilyBridge {
		s.errorf(w.span, "a + stands at the end of the beginning of a name")
	}
	return ifaceArg{w, not}
}

// setFragment takes in -f, which IPv6 does not have.
func (s *spec) setFragment(not bool, _ []word) {
	if s.family == nf.FamilyIPv6 {
		s.errorf(s.line, "-f is not an option of ip6tables: fragments are matched by -m frag")
		return
	}
	s.frag, s.fragNot = &word{text: "-f", span: s.line}, not
}
