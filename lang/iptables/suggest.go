package iptables

import (
	"iter"
	"slices"
	"strings"

	"nfvm/diag"
)

// nearChain is didYouMean for the name of a chain, of which there may be many.
func (p *parser) nearChain(name string, known ...iter.Seq[string]) string {
	all := func(yield func(string) bool) {
		for _, names := range known {
			for n := range names {
				if !yield(n) {
					return
				}
			}
		}
	}
	if n := p.speller.Closest(name, all); n != "" {
		return "; did you mean " + n + "?"
	}
	return ""
}

// didYouMean is the end of a message about an unknown name.
func didYouMean(name string, known []string) string {
	slices.Sort(known)
	if n := diag.Closest(name, known); n != "" {
		return "; did you mean " + n + "?"
	}
	return ""
}

// keys gives the keys of a map in order.
func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// list joins names as a sentence does.
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// orList joins alternatives as a sentence does.
func orList(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}
