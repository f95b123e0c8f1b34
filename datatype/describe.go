package datatype

import (
	"fmt"
	"strings"
)

// Describe gives what `nft describe` says about a type: its names, the types it
// is built on, its size and its symbols.
func Describe(t *Type) string { return describe(t, t.Size, fmt.Sprintf("%d bits", t.Size)) }

// DescribeValue is Describe for an expression of a type, which may have a size
// in bits of its own.
func DescribeValue(t *Type, bits int) string {
	if t.IsString() {
		return describe(t, bits, fmt.Sprintf("%d characters", bits/8))
	}
	return describe(t, bits, fmt.Sprintf("%d bits", bits))
}

func describe(t *Type, bits int, size string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "datatype %s (%s)", t.Name, t.Desc)
	for base, word := t.Base, " (basetype "; base != nil; base, word = base.Base, ", " {
		b.WriteString(word + base.Desc)
		if base.Base == nil {
			b.WriteByte(')')
		}
	}
	b.WriteString(", " + size + "\n")
	describeSymbols(&b, t, bits)
	return b.String()
}

// describeSymbols lists the names of a type's values.
func describeSymbols(b *strings.Builder, t *Type, bits int) {
	switch {
	case t == InetProto:
		for n := range 256 {
			if name, ok := ProtocolName(uint8(n)); ok {
				fmt.Fprintf(b, "\t%-30s\t%d\n", name, n)
			}
		}
	case t == InetService:
		b.WriteString("\npre-defined symbolic constants (in decimal):\n")
		for _, s := range services {
			fmt.Fprintf(b, "\t%-30s\t%20d\n", s.name, s.port)
		}
	case len(t.Symbols) == 0 || t == Realm || t == DevGroup: // names of a machine
	case t.Hex || hexSymbols[t]:
		b.WriteString("\npre-defined symbolic constants (in hexadecimal):\n")
		for _, s := range t.Symbols {
			fmt.Fprintf(b, "\t%-30s\t0x%0*x\n", s.Name, 2*((bits+7)/8), s.Value)
		}
	default:
		b.WriteString("\npre-defined symbolic constants (in decimal):\n")
		for _, s := range t.Symbols {
			fmt.Fprintf(b, "\t%-30s\t%20d\n", s.Name, s.Value)
		}
	}
}

// hexSymbols are the types whose symbols are shown in hexadecimal though their
// values print as decimal numbers.
var hexSymbols = map[*Type]bool{ARPOp: true, DCCPPktType: true, IfaceType: true}

// SymbolNames lists the words that a value of a type may be written as.
func SymbolNames(t *Type) []string {
	var names []string
	switch t {
	case InetService:
		for _, s := range services {
			names = append(names, s.name)
		}
	case InetProto:
		for _, p := range protocols {
			names = append(names, p.name)
		}
	}
	for ; t != nil; t = t.Base {
		for _, s := range t.Symbols {
			names = append(names, s.Name)
		}
	}
	return names
}
