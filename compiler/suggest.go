package compiler

import (
	"fmt"
	"slices"

	"nfvm/diag"
)

// closest finds the name that word may be a misspelling of, the first of
// several in the order of the alphabet; "" when none is near.
func closest(word string, names []string) string {
	return diag.Closest(word, slices.Sorted(slices.Values(names)))
}

// didYouMean is the tail of an error about an unknown name, "" without a
// likely candidate. Kind is a word such as "chain".
func didYouMean(kind, word string, names []string) string {
	n := closest(word, names)
	if n == "" {
		return ""
	}
	if kind != "" {
		kind += " "
	}
	return fmt.Sprintf("; did you mean %s‘%s’?", kind, n)
}

// keys lists the names of a map.
func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}
