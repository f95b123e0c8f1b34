package iptables

import (
	"slices"
	"strings"

	"nfvm/nf"
)

// read reads all options of a line.
func (s *spec) read(words []word) {
	for i := 0; i < len(words); {
		i += s.readOne(words, i)
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

// readOne reads one option with its arguments from place i on and tells how many
// words they are.
func (s *spec) readOne(words []word, i int) int {
	var not word
	n := i
	if words[n].text == "!" && !words[n].quoted {
		if len(words) == n+1 {
			s.garble(words[n].span, "an option is missing behind !")
			return 1
		}
		not, n = words[n], n+1
	}
	name := words[n]
	rest := words[n+1:]
	if name.positional() || len(name.text) < 2 {
		return n - i + s.strayWords(words, n)
	}
	s.lost = false
	if b, value, joined := s.findBasic(name); b != nil {
		inner, rest := s.innerNot(&not, rest)
		args, used, ok := s.arguments(name, value, joined, b.args, rest)
		used += inner
		if !ok {
			s.missing(b.short)
		}
		if ok && s.mayNegate(not, name, b.negate) && s.first(b, name) {
			b.set(s, not.text != "", args)
		}
		return n - i + 1 + used
	}
	return n - i + 1 + s.readExtension(not, name, rest)
}

// missing notes what is not known because an option lacks its argument.
func (s *spec) missing(short string) {
	switch short {
	case "-p":
		s.badProto = true
	case "-m":
		s.blind = true
	case "-j":
		s.badTarget = true
	}
}

// positional tells a word that is no option. Quotes have no part in it.
func (w word) positional() bool { return !strings.HasPrefix(w.text, "-") }

// first refuses an option of every rule that is given again, except those that
// load something.
func (s *spec) first(b *basic, name word) bool {
	if b.short == "-m" || b.short == "-g" || b.short == "-j" || b.short == "-4" || b.short == "-6" {
		return true
	}
	if slices.Contains(s.basics, b) {
		s.garble(name.span, "option %s is given twice in one rule", name.text)
		return false
	}
	s.basics = append(s.basics, b)
	return true
}

// innerNot takes a `!` from between an option and its argument, where arptables
// and ebtables put it, and tells how many words it took.
func (s *spec) innerNot(not *word, rest []word) (int, []word) {
	if !s.dialect.innerNot || len(rest) == 0 || rest[0].text != "!" || rest[0].quoted {
		return 0, rest
	}
	if not.text != "" {
		s.garble(rest[0].span, "the option is negated already")
	}
	*not = rest[0]
	return 1, rest[1:]
}

// mayNegate refuses a `!` where it has no meaning.
func (s *spec) mayNegate(not, name word, may bool) bool {
	if not.text == "" || may {
		return true
	}
	s.garble(not.span.To(name.span), "%s can't be negated", name.text)
	return false
}

// readExtension reads an option of an extension.
func (s *spec) readExtension(not, name word, rest []word) int {
	text, value, joined := strings.Cut(name.text, "=")
	u, o := s.findOption(text, name)
	if o == nil {
		return s.unknownOption(text, name, joined, rest)
	}
	inner, rest := s.innerNot(&not, rest)
	args, used, ok := s.arguments(name, value, joined, o.args, rest)
	used += inner
	if joined && o.args == 0 {
		s.garble(name.span, "option %s takes no value", text)
		return used
	}
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
	if s.family == nf.FamilyBridge && !u.target && u.has(o.name) { // the last counts, and any negation
		last := u.option(o.name)
		if g.not.text == "" {
			g.not = last.not
		}
		*last = *g
		return used
	}
	if !o.restarts && u.again(o) {
		s.garble(g.span, "option --%s can only be used once for each %s", o.name, u.ext.name)
		return used
	}
	if other := u.excluded(o); other != nil {
		s.garble(g.span, "option --%s cannot be used together with --%s", o.name, other.name)
		return used
	}
	if o.refuse != "" {
		s.errorf(g.span, "option --%s of %s is not supported: %s", o.name, u.ext.name, o.refuse)
	}
	u.given = append(u.given, g)
	return used
}

// arguments takes an option's arguments from its own word and those behind it.
func (s *spec) arguments(name word, value string, joined bool, want int, rest []word) (args []word, used int, ok bool) {
	if joined && want > 0 {
		args = append(args, word{text: value, span: span{Start: name.span.End - uint32(len(value)), End: name.span.End}})
	}
	used = want - len(args)
	if used > len(rest) {
		s.garble(name.span, "option %s needs %d argument%s", name.text, want, plural(want))
		return nil, len(rest), false
	}
	if i := s.optionAmong(name, rest, used); i >= 0 {
		if not := rest[i].text == "!" && i+1 < len(rest) && rest[i+1].positional(); not && i == 0 {
			s.garble(rest[i].span, "! stands before the option: ! %s", name.text)
			return nil, used + 1, false
		}
		s.garble(name.span, "option %s needs %d argument%s, but %s follows", name.text, want, plural(want), rest[i].text)
		return nil, i, false
	}
	if n := s.brokenList(rest, used); n > 0 {
		return nil, used + n, false
	}
	return append(args, rest[:used]...), used, true
}

// brokenList refuses a list with blanks behind its commas as the last argument
// and tells how many more words belong to it.
func (s *spec) brokenList(rest []word, used int) int {
	n, text := 0, ""
	for used > 0 && used+n < len(rest) && rest[used+n].positional() && !rest[used+n-1].quoted && strings.HasSuffix(rest[used+n-1].text, ",") {
		text += rest[used+n-1].text
		n++
	}
	if n > 0 {
		last := rest[used+n-1]
		s.garble(rest[used-1].span.To(last.span), "a list is written without blanks: %s", text+last.text)
	}
	return n
}

// optionAmong finds, among the words that are to be an option's arguments, one
// that is an option of its own: what it is no value for, or what takes the word
// behind the arguments that would be left over.
func (s *spec) optionAmong(name word, rest []word, used int) int {
	for i, w := range rest[:used] {
		if w.quoted || i+1 >= len(rest) {
			continue
		}
		over := used < len(rest) && rest[used].positional() && rest[used].text != "!"
		if w.text == "!" && (over || !rest[i+1].positional()) || (over || !freeText[strings.TrimLeft(name.text, "-")]) && s.isOption(w) {
			return i
		}
	}
	return -1
}

// freeText are the options whose arguments may look like an option.
var freeText = map[string]bool{
	"i": true, "in-interface": true, "o": true, "out-interface": true, "comment": true, "log-prefix": true, "nflog-prefix": true,
	"ulog-prefix": true, "string": true, "hex-string": true, "name": true, "hashlimit-name": true, "nfacct-name": true, "helper": true,
	"path": true, "physdev-in": true, "physdev-out": true, "match-set": true, "timeout": true,
}

// isOption tells the name of some option, of whatever extension.
func (s *spec) isOption(w word) bool {
	name, long := strings.CutPrefix(w.text, "--")
	for i := range s.dialect.basics {
		b := &s.dialect.basics[i]
		if w.text == b.short || slices.Contains(b.long, w.text) {
			return true
		}
	}
	return long && len(s.owners(name)) > 0
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
	if text == "-l" && s.family == nf.FamilyARP {
		text = "--h-length"
	}
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
	return s.abbreviatedImplicit(name, at)
}

// abbreviatedImplicit finds the only such option whose name begins like this.
func (s *spec) abbreviatedImplicit(name string, at word) (*use, *option) {
	var by *extension
	var found *option
	for i := range s.dialect.implicit {
		x := &s.dialect.implicit[i]
		for _, o := range x.starting(name) {
			if found != nil {
				return nil, nil
			}
			by, found = x, o
		}
	}
	if found == nil || s.beginsBasic("--"+name) {
		return nil, nil
	}
	for _, u := range s.matches {
		if u.ext == by {
			return u, found
		}
	}
	u := &use{ext: by, at: at}
	s.matches = append(s.matches, u)
	return u, found
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
	if found != nil && s.dialect.commits && (beginsCommand("--"+name) || s.beginsBasic("--"+name)) {
		return nil, nil
	}
	return by, found
}

// beginsBasic tells the beginning of an option of every rule.
func (s *spec) beginsBasic(name string) bool {
	return slices.ContainsFunc(s.dialect.basics, func(b basic) bool {
		return slices.ContainsFunc(b.long, func(l string) bool { return strings.HasPrefix(l, name) })
	})
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
