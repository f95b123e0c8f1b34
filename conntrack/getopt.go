package conntrack

import "strings"

// An argument says whether an option takes one.
type argument uint8

const (
	without argument = iota
	required
	optional // only in the same word
)

// A longOption is an option with a name, and the letter it stands for.
type longOption struct {
	name string
	arg  argument
	id   int
}

// A scanner takes a command line apart as getopt_long of glibc does: options may
// stand behind other words, and a name may be cut short where no other begins so.
type scanner struct {
	args  []string
	short map[int]argument
	long  []longOption

	next    int    // index of the next word
	cluster string // what is left of a word of short options
	arg     string // of the last option
	hasArg  bool
}

// Results of scan beside the options' ids.
const (
	endOfOptions   = -1
	unknownOption  = '?'
	missedArgument = ':'
)

// scan gives the next option; arg and hasArg are its argument.
func (s *scanner) scan() int {
	s.arg, s.hasArg = "", false
	if s.cluster == "" {
		if !s.nextWord() {
			return endOfOptions
		}
		word := s.args[s.next]
		if name, ok := strings.CutPrefix(word, "--"); ok {
			s.next++
			return s.scanLong(name)
		}
		s.cluster = word[1:]
	}
	id := int(s.cluster[0])
	s.cluster = s.cluster[1:]
	if s.cluster == "" {
		s.next++
	}
	arg, known := s.short[id]
	switch {
	case !known:
		return unknownOption
	case arg == without:
	case s.cluster != "":
		s.take(s.cluster)
		s.cluster = ""
		s.next++
	case arg == required && s.next == len(s.args):
		return missedArgument
	case arg == required:
		s.take(s.args[s.next])
		s.next++
	}
	return id
}

func (s *scanner) take(arg string) { s.arg, s.hasArg = arg, true }

// nextWord goes on to the next word that is an option. Others are passed over.
func (s *scanner) nextWord() bool {
	for ; s.next < len(s.args); s.next++ {
		word := s.args[s.next]
		if word == "--" {
			return false
		}
		if len(word) > 1 && word[0] == '-' {
			return true
		}
	}
	return false
}

func (s *scanner) scanLong(word string) int {
	name, arg, hasArg := strings.Cut(word, "=")
	o := s.findLong(name)
	switch {
	case o == nil || hasArg && o.arg == without:
		return unknownOption
	case hasArg:
		s.take(arg)
	case o.arg == required && s.next == len(s.args):
		return missedArgument
	case o.arg == required:
		s.take(s.args[s.next])
		s.next++
	}
	return o.id
}

// findLong finds an option by its name or by the beginning of it, if all that
// begin so are the same.
func (s *scanner) findLong(name string) *longOption {
	var found *longOption
	for i := range s.long {
		o := &s.long[i]
		switch {
		case o.name == name:
			return o
		case !strings.HasPrefix(o.name, name):
		case found == nil:
			found = o
		case found.id != o.id || found.arg != o.arg:
			return nil
		}
	}
	return found
}

// last is the word that was read last.
func (s *scanner) last() string {
	if s.next == 0 {
		return "conntrack"
	}
	return s.args[s.next-1]
}

// word takes the next word as the argument of an option that may have one, unless
// it has one in its own word, or the next word looks like an option.
func (s *scanner) word() (string, bool) {
	if s.hasArg || s.next >= len(s.args) || strings.HasPrefix(s.args[s.next], "-") || strings.HasPrefix(s.args[s.next], "!") {
		return "", false
	}
	s.next++
	return s.args[s.next-1], true
}
