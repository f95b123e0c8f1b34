package nftsuite

import (
	"regexp"
	"slices"
	"strings"

	"nfvm/internal/nft"
)

// ntoh is the change of byte order that nft 1.0 forgets between the mask of a
// field and its shift (docs/nft-versions.md).
var ntoh = regexp.MustCompile(`(?m)^\[ byteorder reg \d+ = ntoh\(reg \d+, 2, 2\) \]\n(\[ bitwise reg \d+ = \( reg \d+ >> )`)

// oneForm brings a listing of nft 1.0 or 1.1 to one form, and takes rules and
// elements apart: nft prints those of a set again where a command adds some, and
// twice the last of a message to the kernel.
func oneForm(listing string) (rules, elements string) {
	var heads, members []string
	for _, text := range strings.Split(ntoh.ReplaceAllString(nft.Normal(listing), "$1"), "\n") {
		switch {
		case strings.HasPrefix(text, "element "):
			members = append(members, element(text))
		case len(strings.Fields(text)) != 2: // rules that a command has deleted have no chain
			heads = append(heads, text)
		}
	}
	slices.Sort(members)
	return strings.Join(heads, "\n"), strings.Join(slices.Compact(members), "\n")
}

// element writes a value of a map that is a range from it to itself as the value,
// as nft 1.0 has it.
func element(text string) string {
	text = strings.TrimSuffix(strings.Replace(text, "flags 0", "0", 1), " [end]")
	key, rest, ok := strings.Cut(text, " : ")
	data := strings.Fields(rest)
	if n := len(data) - 1; ok && n > 0 && n%2 == 0 && slices.Equal(data[:n/2], data[n/2:n]) {
		return key + " : " + strings.Join(data[:n/2], " ") + " " + data[n]
	}
	return text
}
