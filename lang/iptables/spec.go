package iptables

import (
	"slices"
	"strings"

	"nfvm/diag"
	"nfvm/nf"
)

type span = diag.Span

// A spec is a rule's line, read but not yet expressed.
type spec struct {
	*parser
	line     span   // the whole line
	chain    string // that the rule goes into
	src, dst []addrArg
	srcNot   bool
	dstNot   bool
	proto    protoArg
	inIface  ifaceArg
	outIface ifaceArg
	// of ebtables
	macSrc, macDst      macArg
	inBridge, outBridge ifaceArg
	ether               etherArg
	frag                *word // the option -f
	fragNot             bool
	matches             []*use
	target              *use // an extension
	dest                word // ACCEPT, RETURN, a chain …
	jump                bool // -j or -g was given
	goTo                bool
	packets             uint64
	octets              uint64
	only                nf.Family // -4 or -6
	known               int       // messages in front of it
	failed              bool      // something was reported
	blind               bool      // an extension is unknown, so its options are too
	garbled             bool      // a mistake was reported that hides what the rest means
	lost                bool      // the option before is not understood: its arguments are skipped
	badProto            bool      // the protocol is unknown, so its options are too
	badTarget           bool      // so is the target
	basics              []*basic  // that were given
}

// errorf reports a mistake of the line.
func (s *spec) errorf(at span, format string, args ...any) *diag.Diagnostic {
	s.failed = true
	return s.diags.Errorf(at, format, args...)
}

// incomplete reports that something is missing, unless an earlier mistake of the
// line may have hidden it.
func (s *spec) incomplete(at span, format string, args ...any) {
	s.failed = true
	if !s.garbled {
		s.errorf(at, format, args...)
	}
}

// A basic is an option that every rule may have.
type basic struct {
	short  string
	long   []string
	args   int
	negate bool
	set    func(s *spec, not bool, args []word)
}

// ipBasics are the options that every rule of iptables may have.
func ipBasics() []basic {
	return []basic{
		{"-s", []string{"--source", "--src"}, 1, true, func(s *spec, not bool, a []word) { s.src, s.srcNot = s.addresses(a[0], not), not }},
		{"-d", []string{"--destination", "--dst"}, 1, true, func(s *spec, not bool, a []word) { s.dst, s.dstNot = s.addresses(a[0], not), not }},
		{"-p", []string{"--protocol", "--proto"}, 1, true, (*spec).setProtocol},
		{"-i", []string{"--in-interface"}, 1, true, func(s *spec, not bool, a []word) { s.inIface = s.iface(a[0], not) }},
		{"-o", []string{"--out-interface"}, 1, true, func(s *spec, not bool, a []word) { s.outIface = s.iface(a[0], not) }},
		{"-f", []string{"--fragments", "--fragment"}, 0, true, (*spec).setFragment},
		{"-m", []string{"--match"}, 1, false, func(s *spec, _ bool, a []word) { s.loadMatch(a[0]) }},
		{"-j", []string{"--jump"}, 1, false, func(s *spec, _ bool, a []word) { s.setTarget(a[0], false) }},
		{"-g", []string{"--goto"}, 1, false, func(s *spec, _ bool, a []word) { s.setTarget(a[0], true) }},
		{"-c", []string{"--set-counters"}, 2, false, (*spec).setCounters},
		{"-v", []string{"--verbose"}, 0, false, func(*spec, bool, []word) {}},
		{"-4", []string{"--ipv4"}, 0, false, func(s *spec, _ bool, _ []word) { s.setOnly(nf.FamilyIPv4) }},
		{"-6", []string{"--ipv6"}, 0, false, func(s *spec, _ bool, _ []word) { s.setOnly(nf.FamilyIPv6) }},
	}
}

// findBasic finds an option that every rule may have; value is what follows the
// letter or `=` in the same word.
func (s *spec) findBasic(w word) (b *basic, value string, joined bool) {
	text := w.text
	name, after, eq := strings.Cut(text, "=")
	for i := range s.dialect.basics {
		b := &s.dialect.basics[i]
		switch {
		case strings.HasPrefix(text, "--"):
			if slices.Contains(b.long, name) {
				if s.hasOption(name[2:]) {
					return nil, "", false
				}
				return b, after, eq
			}
		case text == b.short:
			return b, "", false
		case strings.HasPrefix(text, b.short) && b.args > 0 && !s.isOption(word{text: "-" + text}):
			return b, text[2:], true
		}
	}
	if len(name) > 2 && strings.HasPrefix(name, "--") {
		return s.abbreviated(name), after, eq
	}
	return nil, "", false
}

// setOnly reads -4 or -6: of a line for the other family what stands behind is
// not looked at.
func (s *spec) setOnly(f nf.Family) { s.only, s.known = f, len(s.diags.Items) }

// hasOption reports whether an extension of the rule has an option of this
// name, which it then is, as --proto behind -m policy.
func (s *spec) hasOption(name string) bool {
	return slices.ContainsFunc(s.uses(), func(u *use) bool {
		return slices.ContainsFunc(u.ext.opts, func(o option) bool { return o.name == name })
	})
}

// otherOptions are the long options of iptables that no rule has: an
// abbreviation must not be one of theirs too.
var otherOptions = []string{"--check", "--list", "--list-rules", "--table", "--numeric", "--verbose", "--wait", "--wait-interval", "--exact",
	"--version", "--help", "--line-numbers", "--modprobe", "--append", "--insert", "--replace", "--delete", "--new-chain", "--delete-chain",
	"--flush", "--policy", "--rename-chain", "--zero"}

// abbreviated finds the option whose name begins like this, if there is just
// one among all that iptables knows at this place of the rule.
func (s *spec) abbreviated(name string) *basic {
	var found *basic
	for i := range s.dialect.basics {
		b := &s.dialect.basics[i]
		if !slices.ContainsFunc(b.long, func(l string) bool { return strings.HasPrefix(l, name) }) {
			continue
		}
		if found != nil {
			return nil
		}
		found = b
	}
	if found == nil || beginsCommand(name) {
		return nil
	}
	for _, u := range s.uses() {
		if len(u.ext.starting(name[2:])) > 0 {
			return nil
		}
	}
	for i := range s.dialect.implicit {
		if len(s.dialect.implicit[i].starting(name[2:])) > 0 {
			return nil
		}
	}
	return found
}

// beginsCommand tells the beginning of an option that no rule has.
func beginsCommand(name string) bool {
	return slices.ContainsFunc(otherOptions, func(l string) bool { return strings.HasPrefix(l, name) })
}
