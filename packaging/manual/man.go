package main

import (
	"fmt"
	"strings"
)

// abouts are what programs are whose help does not say it.
var abouts = map[string]string{"nftc": "compile, check, list and explain nft rulesets"}

// manual writes a page for man(1), in the macros of man(7).
func manual(p *page, section, date string) string {
	var b strings.Builder
	about := p.about
	if about == "" {
		about = abouts[p.name]
	}
	fmt.Fprintf(&b, ".TH %s %s %q nfvm\n.SH NAME\n%s \\- %s\n.SH SYNOPSIS\n.nf\n", strings.ToUpper(p.name), section, date, p.name, roff(about))
	for _, u := range p.usage {
		fmt.Fprintf(&b, "%s\n", roff(u))
	}
	b.WriteString(".fi\n.SH DESCRIPTION\n")
	untitled := true
	for _, s := range p.sections {
		if s.title != "" {
			fmt.Fprintf(&b, ".SH %s\n", roff(strings.ToUpper(s.title)))
			untitled = false
		} else if !untitled {
			b.WriteString(".SH OTHER FLAGS\n")
			untitled = true
		} else {
			b.WriteString(".PP\n")
		}
		writeParts(&b, s.parts)
	}
	fmt.Fprintf(&b, ".SH SEE ALSO\n%s,\n/usr/share/doc/nfvm\n", other(p.name))
	return b.String()
}

// other refers to the other program and to what both are like.
func other(name string) string {
	if name == "nftc" {
		return ".BR nfvm (8),\n.BR nft (8)"
	}
	return ".BR nftc (8),\n.BR nft (8),\n.BR conntrack (8)"
}

func writeParts(b *strings.Builder, parts []part) {
	verbatim := false
	for _, x := range parts {
		if x.verbatim != verbatim {
			b.WriteString(map[bool]string{true: ".nf\n", false: ".fi\n"}[x.verbatim])
			verbatim = x.verbatim
		}
		switch {
		case x.term != "":
			fmt.Fprintf(b, ".TP\n.B %s\n", roff(x.term))
			if x.text != "" {
				fmt.Fprintf(b, "%s\n", roff(x.text))
			}
		default:
			fmt.Fprintf(b, "%s\n", roff(x.text))
		}
	}
	if verbatim {
		b.WriteString(".fi\n")
	}
}

var escapes = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`)

// roff escapes a line of text.
func roff(s string) string {
	s = escapes.Replace(s)
	if strings.HasPrefix(s, ".") {
		s = `\&` + s
	}
	return s
}
