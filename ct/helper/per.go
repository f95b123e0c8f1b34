package helper

import (
	_ "embed"
	"errors"
	"strconv"
	"strings"
	"sync"
)

//go:embed h323.tbl
var perTable string

// A perKind is a kind of ASN.1 type.
type perKind uint8

// Kinds of types; several string types are read alike.
const (
	perNull perKind = iota
	perBool
	perOID
	perInt
	perEnum
	perBits
	perDigits
	perOctets
	perBMP
	perSeq
	perSeqOf
	perChoice
)

var perKinds = map[string]perKind{
	"null": perNull, "bool": perBool, "oid": perOID, "int": perInt, "enum": perEnum, "bits": perBits,
	"digits": perDigits, "octets": perOctets, "bmp": perBMP, "seq": perSeq, "seqof": perSeqOf, "choice": perChoice,
}

// Sizes beyond a number of bits, by the range that a constraint allows: 256
// values, up to 65,536, up to 2^32, no upper limit and no limit at all.
const (
	perByte = 100 + iota
	perWord
	perCons
	perSemi
	perUnco
)

var perSizes = map[string]int{"byte": perByte, "word": perWord, "cons": perCons, "semi": perSemi, "unco": perUnco}

// A perField is a row of the table.
type perField struct {
	name                       string
	kind                       perKind
	size, low, high            int
	ext, opt, open, keep, stop bool
	parts                      []perField
}

// perBlocks reads the table.
var perBlocks = sync.OnceValue(func() map[string][]perField {
	blocks := map[string][]perField{}
	within := map[string][]string{} // which block each row of a block refers to
	at := ""
	for line := range strings.Lines(perTable) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#" || strings.HasPrefix(line, "#"):
		case line[0] != '\t':
			at = words[0]
		default:
			f, block := perRow(words)
			blocks[at] = append(blocks[at], f)
			within[at] = append(within[at], block)
		}
	}
	for name, rows := range blocks {
		for i := range rows {
			rows[i].parts = blocks[within[name][i]]
		}
	}
	return blocks
})

// perRow reads a row and gives the block that it refers to, "" for none.
func perRow(words []string) (f perField, block string) {
	f.name, f.kind = words[0], perKinds[words[1]]
	var known bool
	if f.size, known = perSizes[words[2]]; !known {
		f.size, _ = strconv.Atoi(words[2])
	}
	f.low, _ = strconv.Atoi(words[3])
	f.high, _ = strconv.Atoi(words[4])
	flags := map[string]*bool{"ext": &f.ext, "opt": &f.opt, "open": &f.open, "keep": &f.keep, "stop": &f.stop}
	for _, w := range words[5:] {
		if flag := flags[w]; flag != nil {
			*flag = true
		} else {
			block = w
		}
	}
	return f, block
}

// A perNode is a value that is kept: of a sequence and a list its parts, of a
// choice the name of the alternative and its value, of octets their place in the
// message, of an integer its value.
type perNode struct {
	name   string
	choice string
	at     int
	value  uint32
	parts  []*perNode
}

// get follows names down to a part, nil if there is none. It may be called on nil.
func (n *perNode) get(names ...string) *perNode {
	for _, name := range names {
		if n == nil {
			return nil
		}
		var next *perNode
		for _, p := range n.parts {
			if p.name == name {
				next = p
			}
		}
		n = next
	}
	return n
}

// chosen reports whether n is a choice of this alternative.
func (n *perNode) chosen(name string) bool { return n != nil && n.choice == name }

// items are the parts of a list.
func (n *perNode) items() []*perNode {
	if n == nil {
		return nil
	}
	return n.parts
}

// Errors of decoding.
var (
	errPERBound = errors.New("the message is too short")
	errPERRange = errors.New("no such alternative")
	errPERStop  = errors.New("the rest does not matter")
)
