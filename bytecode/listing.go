package bytecode

import (
	"fmt"
	"strings"

	"nfvm/nf"
)

// RuleListing is a rule as nft --debug=netlink prints it: a line "family table
// chain", then the expressions, one a line, the comment as user data, and a
// blank line.
func RuleListing(family nf.Family, table, chain string, r *Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s\n", family, table, chain)
	for _, e := range r.Exprs {
		fmt.Fprintf(&b, "  %s\n", e)
	}
	if r.Comment != "" {
		fmt.Fprintf(&b, "  userdata = { %s }\n", userdata(commentTLV(r.Comment)))
	}
	b.WriteByte('\n')
	return b.String()
}

// SetListing is a set as nft --debug=netlink prints it: a line with its name,
// table, flags and limits, and, when it has elements, a second one before the
// line of elements.
func SetListing(table string, s *Set) string {
	var b strings.Builder
	name := listedName(s.Name)
	fmt.Fprintf(&b, "%s %s %x", name, table, s.Flags)
	b.WriteString(when(s.Timeout != 0, " timeout %dms", s.Timeout))
	b.WriteString(when(s.GCInterval != 0, " gc_interval %dms", s.GCInterval))
	b.WriteString(when(s.PolicySet, " policy %d", s.Policy))
	b.WriteString(when(s.Size != 0, " size %d", s.Size))
	b.WriteByte('\n')
	if len(s.Elements) > 0 {
		b.WriteString(ElementsListing(table, s, s.Elements))
	}
	return b.String()
}

// ElementsListing is what nft --debug=netlink prints for elements added to a
// set: a line with the set's name and table, and the line of elements.
func ElementsListing(table string, s *Set, elements []Element) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s 0\n", listedName(s.Name), table)
	for i := range elements {
		writeElement(&b, s, &elements[i], opensInterval(s, elements, i))
	}
	b.WriteByte('\n')
	return b.String()
}

// opensInterval reports whether an element starts an interval that goes on to
// the highest key: no end follows it.
func opensInterval(s *Set, elements []Element, i int) bool {
	if s.Flags&SetInterval == 0 || s.Flags&SetConcat != 0 {
		return false
	}
	e := &elements[i]
	if e.IntervalEnd || e.CatchAll {
		return false
	}
	return i+1 == len(elements) || elements[i+1].CatchAll
}

func writeElement(b *strings.Builder, s *Set, e *Element, open bool) {
	b.WriteString("\telement ")
	b.WriteString(words("%08x ", e.Key))
	if e.KeyEnd != nil {
		b.WriteString(" - ")
		b.WriteString(words("%08x ", e.KeyEnd))
	}
	b.WriteString(" : ")
	flags := 0
	switch {
	case e.IntervalEnd:
		flags = 1
	case e.CatchAll:
		flags = 2
	}
	if !e.IntervalEnd && s.Flags&SetMap != 0 {
		if len(e.Data) > 0 {
			b.WriteString(words("%08x ", e.Data))
		} else {
			b.WriteString(verdictWord(e.Verdict, e.Chain) + " ")
		}
	}
	fmt.Fprintf(b, "%d [end]", flags)
	var ud []byte
	if e.Comment != "" {
		ud = commentTLV(e.Comment)
	}
	if open {
		ud = append(ud, 1, 4, 1, 0, 0, 0)
	}
	if ud != nil {
		fmt.Fprintf(b, "  userdata = { %s }", userdata(ud))
	}
}

// commentTLV is a comment as nft stores it in user data: type 0, length, text
// with its closing zero.
func commentTLV(c string) []byte {
	return append(append([]byte{0, byte(len(c) + 1)}, c...), 0)
}

// userdata prints bytes that are not printable as \xNN.
func userdata(data []byte) string {
	var b strings.Builder
	for _, c := range data {
		if c >= ' ' && c < 0x7f {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "\\x%02x", c)
		}
	}
	return b.String()
}
