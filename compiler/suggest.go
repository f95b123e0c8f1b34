package compiler

import (
	"fmt"
	"sort"
)

// closest finds the name nearest to word by edit distance; "" when none is
// near enough to be a typing mistake.
func closest(word string, names []string) string {
	best, bestDist := "", 1+(len(word)+1)/3
	sort.Strings(names)
	for _, n := range names {
		if d := editDistance(word, n, bestDist); d < bestDist || d == bestDist && best == "" && d <= (len(word)+1)/3 {
			best, bestDist = n, d
		}
	}
	return best
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

// editDistance is the Levenshtein distance of a and b, or any larger number
// once it exceeds limit.
func editDistance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diag := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diag
			if a[i-1] != b[j-1] {
				cost++
			}
			diag = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}

// keys lists the names of a map.
func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}
