package compiler

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"nfvm/diag"
)

// didYouMean is the tail of an error about an unknown name, "" without a
// likely candidate. Kind is a word such as "chain".
func didYouMean(kind, word string, names []string) string {
	n := diag.Closest(word, slices.Sorted(slices.Values(names)))
	if n == "" {
		return ""
	}
	if kind != "" {
		kind += " "
	}
	return fmt.Sprintf("; did you mean %s‘%s’?", kind, n)
}

// orKnown is the tail of an error about an unknown word: the one that is likely
// meant, else all that are known unless these are too many to read.
func orKnown(word string, names []string) string {
	if n := didYouMean("", word, names); n != "" || len(names) == 0 || len(names) > maxKnown {
		return n
	}
	return ", known are " + strings.Join(names, ", ")
}

const maxKnown = 45

// keys lists the names of a map, sorted.
func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
