package iptables

import (
	"slices"

	"nfvm/nf"
)

// An extension is a match (-m NAME) or a target (-j NAME).
type extension struct {
	name   string
	family nf.Family // that has it; Unspec: both
	protos []uint8   // of which the rule must match one (-p); nil: any
	tables []string  // that it may be used in; nil: all
	hooks  hookMask  // that it may be used in; 0: all
	opts   []option
	some   bool // the extension is refused without any option
	// lower adds what the extension means to the rule; nil runs the lower of
	// each option given.
	lower func(r *lowering, x *use)
	// refuse says why there is no equivalent; such an extension is refused by name.
	refuse string
}

// An option is one option of an extension.
type option struct {
	name    string   // without the dashes
	aliases []string // other spellings
	args    int      // words that it takes
	negate  bool     // may follow a `!`
	needed  bool     // the extension is refused without it
	// restarts: those behind it may be given again
	restarts bool
	excludes []string // other options, which can't be given with it
	lower    func(r *lowering, g *given)
	refuse   string // reason, as in extension
}

// A use is an extension in a rule.
type use struct {
	ext    *extension
	at     word // its name, or the protocol that loaded it
	given  []*given
	target bool
	broken bool // an option is missing
}

// A given is an option of a use, with its arguments.
type given struct {
	opt  *option
	not  word // the `!` before it
	name word
	args []word
	span span
}

// negated reports whether a `!` stands before the option.
func (g *given) negated() bool { return g.not.text != "" }

// bit is the bit of an option that is negated, else 0.
func (g *given) bit(b uint32) uint32 {
	if g.negated() {
		return b
	}
	return 0
}

// again reports whether an option was given since those may be given again.
func (u *use) again(o *option) bool {
	for i := len(u.given) - 1; i >= 0 && !u.given[i].opt.restarts; i-- {
		if u.given[i].opt.name == o.name {
			return true
		}
	}
	return false
}

// excluded finds an option that was given and excludes another, or is excluded.
func (u *use) excluded(o *option) *option {
	for _, g := range u.given {
		if slices.Contains(o.excludes, g.opt.name) || slices.Contains(g.opt.excludes, o.name) {
			return g.opt
		}
	}
	return nil
}

// option finds an option that was given, by its name; nil without it.
func (u *use) option(name string) *given {
	for _, g := range u.given {
		if g.opt.name == name {
			return g
		}
	}
	return nil
}

// has reports whether an option was given.
func (u *use) has(name string) bool { return u.option(name) != nil }

// matches finds the extensions for -m, by name and family.
func findExtension(list []extension, name string, family nf.Family) *extension {
	for i := range list {
		x := &list[i]
		if x.name == name && (x.family == nf.FamilyUnspec || x.family == family) {
			return x
		}
	}
	return nil
}

// names are the names of extensions that a family has.
func names(list []extension, family nf.Family) []string {
	var out []string
	for i := range list {
		if x := &list[i]; x.family == nf.FamilyUnspec || x.family == family {
			out = append(out, x.name)
		}
	}
	return out
}
