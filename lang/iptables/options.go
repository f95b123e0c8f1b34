package iptables

import (
	"slices"
	"strings"
)

// read reads all options of a line.
func (s *spec) read(words []word) {
	for i := 0; i < len(words); {
		i += s.readOne(words[i:])
	}
	for _, u := range s.uses() {
		s.checkUse(u)
	}
}

// uses are the extensions of the rule, matches first.
func (s *spec) uses() []*use {
	if s.target == nil {
		return s.matches
	}
	return append(s.matches[:len(s.matches):len(s.matches)], s.target)
}

// readOne reads one option with its arguments and tells how many words they are.
func (s *spec) readOne(words []word) int {
	var not word
	n := 0
	if words[0].text == "!" && !words[0].quoted {
		if len(words) == 1 {
			s.errorf(words[0].span, "an option is missing behind !")
			return 1
		}
		not, n = words[0], 1
	}
	name := words[n]
	rest := words[n+1:]
	if name.quoted || !strings.HasPrefix(name.text, "-") || len(name.text) < 2 {
		if !s.blind {
			s.errorf(name.span, "%q is no option", name.text)
		}
		return n + 1
	}
	if b, value, joined := s.dialect.findBasic(name.text); b != nil {
		inner, rest := s.innerNot(&not, rest)
		args, used, ok := s.arguments(name, value, joined, b.args, rest)
		used += inner
		if ok && s.mayNegate(not, name, b.negate) {
			b.set(s, not.text != "", args)
		}
		return n + 1 + used
	}
	return n + 1 + s.readExtension(not, name, rest)
}

// innerNot takes a `!` from between an option and its argument, where arptables
// and ebtables put it, and tells how many words it took.
func (s *spec) innerNot(not *word, rest []word) (int, []word) {
	if !s.dialect.innerNot || len(rest) == 0 || rest[0].text != "!" || rest[0].quoted {
		return 0, rest
	}
	*not = rest[0]
	return 1, rest[1:]
}

// mayNegate refuses a `!` where it has no meaning.
func (s *spec) mayNegate(not, name word, may bool) bool {
	if not.text == "" || may {
		return true
	}
	s.errorf(not.span.To(name.span), "%s can't be negated", name.text)
	return false
}

// readExtension reads an option of an extension.
func (s *spec) readExtension(not, name word, rest []word) int {
	text, value, joined := strings.Cut(name.text, "=")
	u, o := s.findOption(text, name)
	if o == nil {
		if s.blind {
			return unknownArguments(rest)
		}
		s.errorf(name.span, "unknown option %s%s", text, didYouMean(text, s.optionNames()))
		return unknownArguments(rest)
	}
	inner, rest := s.innerNot(&not, rest)
	args, used, ok := s.arguments(name, value, joined, o.args, rest)
	used += inner
	if !ok || !s.mayNegate(not, name, o.negate) {
		return used
	}
	g := &given{opt: o, not: not, name: name, args: args, span: name.span}
	if not.text != "" {
		g.span = not.span.To(g.span)
	}
	if len(args) > 0 {
		g.span = g.span.To(args[len(args)-1].span)
	}
	if u.has(o.name) {
		s.errorf(g.span, "option --%s can only be used once for each %s", o.name, u.ext.name)
		return used
	}
	if o.refuse != "" {
		s.errorf(g.span, "option --%s of %s is not supported: %s", o.name, u.ext.name, o.refuse)
	}
	u.given = append(u.given, g)
	return used
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

// arguments takes an option's arguments from its own word and those behind it.
func (s *spec) arguments(name word, value string, joined bool, want int, rest []word) (args []word, used int, ok bool) {
	if joined && want > 0 {
		args = append(args, word{text: value, span: span{Start: name.span.End - uint32(len(value)), End: name.span.End}})
	}
	used = want - len(args)
	if used > len(rest) {
		s.errorf(name.span, "option %s needs %d argument%s", name.text, want, plural(want))
		return nil, len(rest), false
	}
	return append(args, rest[:used]...), used, true
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// findOption finds an option among the extensions loaded, the latest first: by
// its name, else as the beginning of just one; else the protocol's own match
// is loaded for it.
func (s *spec) findOption(text string, at word) (*use, *option) {
	name, long := strings.CutPrefix(text, "--")
	if !long {
		return nil, nil
	}
	if u, o := s.loadedOption(name); o != nil {
		return u, o
	}
	if u := s.loadProtocolMatch(name, at); u != nil {
		return s.loadedOption(name)
	}
	return s.implicitOption(name, at)
}

// implicitOption finds an option of the matches that need no -m.
func (s *spec) implicitOption(name string, at word) (*use, *option) {
	for i := range s.dialect.implicit {
		x := &s.dialect.implicit[i]
		if o := x.exact(name); o != nil {
			u := &use{ext: x, at: at}
			s.matches = append(s.matches, u)
			return u, o
		}
	}
	return nil, nil
}

func (s *spec) loadedOption(name string) (*use, *option) {
	loaded := slices.Clone(s.uses())
	slices.Reverse(loaded)
	for _, u := range loaded {
		if o := u.ext.exact(name); o != nil {
			return u, o
		}
	}
	var found *option
	var by *use
	for _, u := range loaded {
		for _, o := range u.ext.starting(name) {
			if found != nil && o != found {
				return nil, nil
			}
			if found == nil {
				found, by = o, u
			}
		}
	}
	return by, found
}

// exact finds an option by its name.
func (x *extension) exact(name string) *option {
	for i := range x.opts {
		if o := &x.opts[i]; o.name == name || slices.Contains(o.aliases, name) {
			return o
		}
	}
	return nil
}

// starting finds the options whose name starts like this.
func (x *extension) starting(name string) []*option {
	var out []*option
	for i := range x.opts {
		o := &x.opts[i]
		if strings.HasPrefix(o.name, name) || slices.ContainsFunc(o.aliases, func(a string) bool { return strings.HasPrefix(a, name) }) {
			out = append(out, o)
		}
	}
	return out
}

// optionNames are the options that could stand here, for suggestions.
func (s *spec) optionNames() []string {
	var out []string
	for _, b := range s.dialect.basics {
		out = append(out, b.long...)
	}
	exts := make([]*extension, 0, 8)
	for _, u := range s.uses() {
		exts = append(exts, u.ext)
	}
	if x := s.protocolMatch(); x != nil {
		exts = append(exts, x)
	}
	for i := range s.dialect.implicit {
		exts = append(exts, &s.dialect.implicit[i])
	}
	for _, x := range exts {
		for _, o := range x.opts {
			out = append(out, "--"+o.name)
			for _, a := range o.aliases {
				out = append(out, "--"+a)
			}
		}
	}
	return out
}
