package bytecode

import (
	"encoding/binary"
	"fmt"
	"strings"

	"nfvm/nf"
)

// words formats data as the listing does: 32-bit words as a little-endian
// machine reads them, the last one filled with zeros.
func words(format string, data []byte) string {
	var b strings.Builder
	for len(data) > 0 {
		var w [4]byte
		n := copy(w[:], data)
		fmt.Fprintf(&b, format, binary.LittleEndian.Uint32(w[:]))
		data = data[n:]
	}
	return b.String()
}

func dataWords(data []byte) string { return words("0x%08x ", data) }

// line puts parts in brackets, one blank between them, empty parts left out.
func line(parts ...string) string {
	var b strings.Builder
	b.WriteString("[ ")
	for _, p := range parts {
		if p == "" {
			continue
		}
		b.WriteString(p)
		if !strings.HasSuffix(p, " ") {
			b.WriteByte(' ')
		}
	}
	b.WriteByte(']')
	return b.String()
}

// when gives the formatted text if the condition holds.
func when(ok bool, format string, a ...any) string {
	if !ok {
		return ""
	}
	return fmt.Sprintf(format, a...)
}

// listedName is a set's name as nft knows it before the kernel numbers it:
// anonymous sets are all "__set%d".
func listedName(name string) string {
	stem := strings.TrimRight(name, "0123456789")
	if stem != name && len(stem) > 2 && strings.HasPrefix(stem, "__") {
		return stem + "%d"
	}
	return name
}

// verdictWord is a verdict as data: the code, and the target of a jump unless
// that is an anonymous chain, "__chain7", which nft only knows by number.
func verdictWord(v nf.Verdict, chain string) string {
	if v != nf.Jump && v != nf.Goto || listedName(chain) == "__chain%d" {
		return v.String()
	}
	return v.String() + " -> " + chain
}

func natFamily(f nf.Family) string {
	switch f {
	case nf.FamilyIPv6, nf.FamilyInet:
		return f.String()
	}
	return "ip"
}
