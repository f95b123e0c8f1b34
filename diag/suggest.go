package diag

import (
	"iter"
	"slices"
	"strings"
)

// Closest finds the candidate that name may be a misspelling of, "" if none is
// near. The measure is that of nft: the Damerau-Levenshtein distance must not
// exceed a third of the longer word; a word that differs in case only is the
// nearest.
func Closest(name string, candidates []string) string {
	var s Speller
	return s.closest(name, slices.Values(candidates), false)
}

// A Speller finds misspelled names among those that a ruleset declares. There
// may be many of both, so it gives up when it has compared a lot. The zero
// Speller is ready for use.
type Speller struct {
	work int
	rows [3][maxSpelling + 1]int // of distance
}

// Bounds of what a Speller does: the length of names in bytes, and the number
// of steps of comparisons in all.
const (
	maxSpelling = 256
	maxWork     = 1 << 26
)

// Stop ends the work: no name is found from now on.
func (s *Speller) Stop() { s.work = maxWork }

// Closest is Closest of any number of names in any order: of several that are
// equally near it gives the first of the alphabet.
func (s *Speller) Closest(name string, names iter.Seq[string]) string {
	return s.closest(name, names, true)
}

func (s *Speller) closest(name string, names iter.Seq[string], sorted bool) string {
	if len(name) > maxSpelling {
		return ""
	}
	best, bestDist := "", int(^uint(0)>>1)
	for c := range names {
		if s.work++; s.work > maxWork {
			return ""
		}
		long, short := max(len(name), len(c)), min(len(name), len(c))
		if long <= 1 || long > maxSpelling || c == name {
			continue
		}
		if long == short && bestDist > 0 && strings.EqualFold(c, name) {
			best, bestDist = c, 0 // nothing is nearer
			continue
		}
		limit := (long + 2) / 3
		if long-short <= 1 {
			limit = max(long/3, 1)
		}
		if long-short > limit {
			continue
		}
		s.work += long * short
		d := s.distance(name, c)
		if d <= limit && (d < bestDist || sorted && d == bestDist && c < best) {
			best, bestDist = c, d
		}
	}
	return best
}

// distance counts insertions, deletions, substitutions and swaps of neighbours.
func (s *Speller) distance(a, b string) int {
	prev2, prev, cur := &s.rows[0], &s.rows[1], &s.rows[2]
	for j := range len(b) + 1 {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
