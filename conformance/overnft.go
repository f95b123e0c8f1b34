package conformance

import (
	"slices"
	"strings"

	"golang.org/x/tools/txtar"
)

// overNft is the section about what iptables-nft does otherwise than
// iptables-legacy.
const overNft = "iptables-nft"

// Divergence gives what a case says of iptables-nft: why it differs from the
// golden, which iptables-legacy gave, and the lines of Compare that it differs
// in, or one line "refused: " and the message. Both are empty where the two agree.
func (c *Case) Divergence() (reasons, diffs []string) {
	for _, f := range c.archive.Files {
		if f.Name != overNft {
			continue
		}
		for _, l := range lines(string(f.Data)) {
			if strings.HasPrefix(l, "#") {
				reasons = append(reasons, l)
			} else {
				diffs = append(diffs, l)
			}
		}
	}
	return reasons, diffs
}

// RecordDivergence gives the file's text with other differences of iptables-nft;
// the reasons stay. Without any the section goes.
func (c *Case) RecordDivergence(diffs []string) []byte {
	reasons, _ := c.Divergence()
	a := &txtar.Archive{Comment: c.archive.Comment}
	for _, f := range c.archive.Files {
		if f.Name != overNft {
			a.Files = append(a.Files, f)
		}
	}
	if len(diffs) > 0 {
		text := joined(slices.Concat(reasons, diffs))
		place := slices.IndexFunc(a.Files, func(f txtar.File) bool { return strings.HasPrefix(f.Name, "want/") })
		if place < 0 {
			place = len(a.Files)
		}
		a.Files = slices.Insert(a.Files, place, txtar.File{Name: overNft, Data: []byte(text)})
	}
	return txtar.Format(a)
}
