package iptables

import (
	"slices"
	"strings"

	"nfvm/datatype"
)

// garble reports a mistake after which the rest of the line may mean something
// else: what seems to be missing or too much there is not reported.
func (s *spec) garble(at span, format string, args ...any) {
	if !s.garbled {
		s.errorf(at, format, args...)
	}
	s.failed, s.garbled, s.lost = true, true, true
}

// lacks reports that an extension is given something less than it needs, or
// too much. One mistake of each extension is enough.
func (s *spec) lacks(u *use, at span, format string, args ...any) {
	if !u.broken {
		s.incomplete(at, format, args...)
	}
	u.broken = true
}

// strayWords reads words that are no options, from place n on, and tells how
// many. The first may be the name of something whose option is missing; it is
// taken in as if the option were there.
func (s *spec) strayWords(words []word, n int) int {
	end := n + 1
	for end < len(words) && words[end].positional() && words[end].text != "!" {
		end++
	}
	count := end - n
	if s.blind || s.badTarget || s.lost {
		return count
	}
	w := words[n]
	at := w.span.To(words[end-1].span)
	switch dash := typographic(w.text); {
	case n > 0 && strings.HasPrefix(w.text, ","):
		s.garble(at, "a list is written without blanks: %s", words[n-1].text+w.text)
	case dash != "":
		s.garble(at, "%q is no option: it starts with a dash of typography, write %s", w.text, dash)
	case !s.missingOption(w, at):
		s.garble(at, "%q is no option", w.text)
	}
	return count
}

// typographic gives an option as it is to be written if it was copied from a
// text with typeset dashes.
func typographic(text string) string {
	for _, dash := range []string{"–", "—", "−", "‐", "‑"} {
		if rest, ok := strings.CutPrefix(text, dash); ok {
			return "--" + strings.TrimLeft(strings.TrimPrefix(rest, dash), "-")
		}
	}
	return ""
}

// missingOption takes in a word that names a protocol, a match or a target.
func (s *spec) missingOption(w word, at span) bool {
	if w.quoted {
		return false
	}
	_, isProto := protocolNumber(strings.ToLower(w.text))
	_, digits := parseNumber(w.text)
	x := findExtension(s.dialect.matches, matchName(w.text, s.family), s.family)
	t := findExtension(s.dialect.targets, w.text, s.family)
	here := t == nil || t.tables == nil || slices.Contains(t.tables, s.cur.name)
	switch target := s.isTarget(w.text) && here; {
	case isProto && digits != nil && s.proto.name.text == "":
		s.garble(at, "%q is no option; did you mean -p %s?", w.text, w.text)
		s.setProtocol(false, []word{w})
	case x != nil:
		s.garble(at, "%q is no option; did you mean -m %s?", w.text, w.text)
		s.loadMatch(w)
	case target && !s.jump:
		s.garble(at, "%q is no option; did you mean -j %s?", w.text, w.text)
		s.setTarget(w, false)
	default:
		return false
	}
	return true
}

// isTarget tells the name of a target or of a chain.
func (s *spec) isTarget(name string) bool {
	return s.dialect.hasTarget(name) || s.cur.chains[name] != nil
}

// unknownOption reports an option that the rule's extensions don't have, and
// tells how many of the words behind it go with it.
func (s *spec) unknownOption(text string, name word, joined bool, rest []word) int {
	long, isLong := strings.CutPrefix(text, "--")
	owners := s.owners(long)
	if isLong && len(owners) > 0 {
		s.foreignOption(name, text, owners)
		want := owners[0].exact(long).args
		if joined && want > 0 {
			want--
		}
		if i := s.optionAmong(name, rest, min(want, len(rest))); i >= 0 {
			want = i
		}
		return min(want, len(rest))
	}
	if !s.blind && !s.badTarget {
		s.errorf(name.span, "unknown option %s%s", text, s.nearOption(text))
	}
	s.garbled, s.lost = true, true
	return unknownArguments(rest)
}

// foreignOption reports an option of extensions that the rule does not have.
func (s *spec) foreignOption(name word, text string, owners []*extension) {
	var from []string
	for _, x := range owners {
		if l := s.loads(x); !slices.Contains(from, l) {
			from = append(from, l)
		}
	}
	switch {
	case s.blind || s.badTarget || s.badProto && slices.ContainsFunc(owners, ofProtocol):
		s.garbled = true
	case s.proto.name.text != "" && !s.proto.any && ofProtocol(owners[0]) && !slices.ContainsFunc(s.matches, func(u *use) bool { return u.ext == owners[0] }):
		s.garble(name.span, "option %s needs %s before it, not -p %s", text, orList(from), s.proto.name.text)
	default:
		s.garble(name.span, "option %s needs %s before it", text, orList(from))
	}
	s.lost = true
}

// loads is what a line must say for an extension's options to be known.
func (s *spec) loads(x *extension) string {
	switch {
	case slices.ContainsFunc(s.dialect.targets, func(t extension) bool { return t.name == x.name }):
		return "-j " + x.name
	case ofProtocol(x):
		return "-p " + x.name
	}
	return "-m " + x.name
}

// ofProtocol tells a match that -p loads.
func ofProtocol(x *extension) bool {
	n, ok := datatype.ProtocolNumber(x.name)
	if x.name == "icmp6" {
		return true
	}
	return ok && (x.protos == nil || slices.Contains(x.protos, n))
}

// owners are the extensions that have an option.
func (s *spec) owners(name string) []*extension {
	var out []*extension
	for _, list := range [][]extension{s.dialect.matches, s.dialect.targets, s.dialect.implicit} {
		for i := range list {
			x := &list[i]
			if (x.family == 0 || x.family == s.family) && x.exact(name) != nil {
				out = append(out, x)
			}
		}
	}
	return out
}

// nearOption is didYouMean for an option: of those that could stand here, else of
// all.
func (s *spec) nearOption(text string) string {
	if name := strings.TrimLeft(text, "-"); !strings.HasPrefix(text, "--") && len(name) > 1 && s.isOption(word{text: "--" + name}) {
		return "; did you mean --" + name + "?"
	}
	if n := didYouMean(text, s.optionNames()); n != "" {
		return n
	}
	var all []string
	for _, list := range [][]extension{s.dialect.matches, s.dialect.targets} {
		for i := range list {
			if x := &list[i]; x.family == 0 || x.family == s.family {
				all = x.optionNames(all)
			}
		}
	}
	return didYouMean(text, all)
}

// unknownArguments guesses how many words belong to an option that is not known.
func unknownArguments(rest []word) int {
	for i, w := range rest {
		if !w.quoted && (strings.HasPrefix(w.text, "-") && len(w.text) > 1 || w.text == "!") {
			return i
		}
	}
	return len(rest)
}

// optionNames are the options that could stand here, for suggestions.
func (s *spec) optionNames() []string {
	var out []string
	for _, b := range s.dialect.basics {
		out = append(out, b.long...)
	}
	for _, u := range s.uses() {
		out = u.ext.optionNames(out)
	}
	if x := s.protocolMatch(); x != nil {
		out = x.optionNames(out)
	}
	for i := range s.dialect.implicit {
		out = s.dialect.implicit[i].optionNames(out)
	}
	return out
}

// optionNames adds the names of an extension's options.
func (x *extension) optionNames(to []string) []string {
	for _, o := range x.opts {
		to = append(to, "--"+o.name)
		for _, a := range o.aliases {
			to = append(to, "--"+a)
		}
	}
	return to
}
