package diag

// Closest finds the candidate that name may be a misspelling of, "" if none is
// near. The measure is that of nft: the Damerau-Levenshtein distance must not
// exceed a third of the longer word.
func Closest(name string, candidates []string) string {
	best, bestDist := "", int(^uint(0)>>1)
	for _, c := range candidates {
		long, short := max(len(name), len(c)), min(len(name), len(c))
		if long <= 1 || c == name {
			continue
		}
		limit := (long + 2) / 3
		if long-short <= 1 {
			limit = max(long/3, 1)
		}
		if long-short > limit {
			continue
		}
		if d := distance(name, c); d <= limit && d < bestDist {
			best, bestDist = c, d
		}
	}
	return best
}

// distance counts insertions, deletions, substitutions and swaps of neighbours.
func distance(a, b string) int {
	prev2 := make([]int, len(b)+1)
	prev := make([]int, len(b)+1)
	cur := make([]int, len(b)+1)
	for j := range prev {
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
