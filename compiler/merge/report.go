package merge

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"nfvm/diag"
)

// Report tells of merged rules in the words of nft -o. The new rules alone go to
// rules; nft prints them on standard output and the rest beside errors.
func Report(w, rules io.Writer, all []Merging, sources *diag.Sources) error {
	for _, m := range all {
		var b strings.Builder
		b.WriteString("Merging:\n")
		for _, r := range m.Rules {
			at := r.Stmts[0].At().To(r.Stmts[len(r.Stmts)-1].At())
			p := sources.Position(at)
			fmt.Fprintf(&b, "%s:%d:%d-%d: %s\n", p.File, p.Line, p.Col, p.EndCol, lineAt(sources, at))
		}
		b.WriteString("into:\n\t")
		if _, err := io.WriteString(w, b.String()); err != nil {
			return err
		}
		if _, err := io.WriteString(rules, m.Into); err != nil {
			return err
		}
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
	}
	return nil
}

// lineAt is the line that a span begins in.
func lineAt(sources *diag.Sources, at diag.Span) string {
	src := sources.Find(at.Start)
	if src == nil {
		return ""
	}
	n := int(at.Start - src.Base())
	from := bytes.LastIndexByte(src.Text[:n], '\n') + 1
	line, _, _ := bytes.Cut(src.Text[from:], []byte("\n"))
	return string(line)
}
