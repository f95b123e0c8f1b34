package nft

import (
	"strconv"
	"strings"
)

// Normal keeps rule headers, expressions and elements, and writes the pair of
// comparisons by which nft 1.0 tests a range as the range of nft 1.1, and the
// name of the one key of ct that old listings lack.
func Normal(listing string) string {
	var out []string

	for _, line := range strings.Split(listing, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "\telement"):
			for _, e := range strings.Split(line, "\telement ")[1:] {
				if i := strings.Index(e, "userdata"); i >= 0 {
					e = e[:i]
				}
				out = append(out, "element "+strings.Join(strings.Fields(e), " "))
			}
		case strings.HasPrefix(trimmed, "["):
			trimmed = strings.Replace(trimmed, "[ ct load unknown =>", "[ ct load id =>", 1)
			out = joinRange(append(out, trimmed))

		case isHeader(trimmed):
			f := strings.Fields(trimmed)
			out = append(out, strings.Join(f[:min(len(f), 3)], " "))
		}
	}
	return strings.Join(out, "\n") + "\n"
}

func isHeader(line string) bool {
	f := strings.Fields(line)
	if len(f) < 2 || f[1] == "(null)" {
		return false
	}
	for _, place := range f[min(len(f), 3):] { // a rule put beside another shows numbers
		if _, err := strconv.Atoi(place); err != nil {
			return false
		}
	}
	switch f[0] {
	case "ip", "ip6", "inet", "arp", "bridge", "netdev":
		return true
	}
	return false
}

func joinRange(out []string) []string {
	n := len(out)
	if n < 2 {
		return out
	}
	lo, ok1 := strings.CutPrefix(out[n-2], "[ cmp gte ")
	hi, ok2 := strings.CutPrefix(out[n-1], "[ cmp lte ")
	if !ok1 || !ok2 {
		return out
	}
	a, b := strings.Fields(lo), strings.Fields(hi)
	if a[1] != b[1] {
		return out
	}
	text := "[ range eq " + strings.TrimSuffix(lo, " ]") + " " + strings.Join(b[2:], " ")
	return append(out[:n-2], text)
}
