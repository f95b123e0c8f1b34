package listing

import (
	"bytes"
	"math/big"
	"slices"
	"sort"
	"strings"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/proto"
)

// An element is a set element as it is printed: one value, a prefix or range,
// or the catch-all (key nil), with its options.
type element struct {
	key  *node
	sort []byte // big-endian number
	data *node
	el   *bytecode.Element
}

// setShape is how a set's keys and data are read.
type setShape struct {
	set     *bytecode.Set
	keys    []*node // type, order and bits of each field
	data    *datatype.Type
	concat  bool
	dataOrd datatype.Byteorder
	shift   int // keys stand this many bits too high
}

// shapeOf reads a set's types; like, when not nil, is the expression that an
// anonymous set is looked up with and knows better.
func shapeOf(s *bytecode.Set, like *node) *setShape {
	sh := &setShape{set: s, data: typeByID(s.DataType)}
	sh.dataOrd = sh.data.Byteorder
	if sh.data.Size == 0 && s.DataByteorderHost {
		sh.dataOrd = datatype.HostEnd
	}
	t := typeByID(s.KeyType)
	if like != nil && like.kind == kindConcat {
		sh.concat = true
		for _, p := range like.parts {
			order := p.order
			if s.Flags&bytecode.SetInterval != 0 && !p.typ.IsString() {
				order = datatype.BigEndian // ranges are compared as numbers
			}
			sh.keys = append(sh.keys, &node{typ: p.typ, order: order, bits: p.bits})
		}
		return sh
	}
	if like != nil && like.typ != nil {
		sh.keys = []*node{{typ: like.typ, order: like.order, bits: int(s.KeyLen) * 8}}
		return sh
	}
	if t.Fields == nil {
		t = numberType(t, s.TypeofKey)
		k := &node{typ: t, order: t.Byteorder, bits: int(s.KeyLen) * 8}
		if t.Size == 0 && !t.IsString() || t == datatype.Integer {
			k.order = datatype.BigEndian
			if s.KeyByteorderHost {
				k.order = datatype.HostEnd
			}
		}
		sh.keys = []*node{k}
		return sh
	}
	sh.concat = true
	declared := strings.Split(s.TypeofKey, " . ")
	for i, f := range t.Fields {
		bits := f.Size
		if len(declared) == len(t.Fields) {
			f = numberType(f, declared[i])
		}
		if i < len(s.FieldLens) {
			bits = int(s.FieldLens[i]) * 8
		}
		if bits == 0 {
			bits = 32
		}
		order := f.Byteorder
		if f == datatype.Integer && len(declared) == len(t.Fields) && hostNumber(declared[i]) {
			order = datatype.HostEnd
		}
		if s.Flags&bytecode.SetInterval != 0 && !f.IsString() {
			order = datatype.BigEndian // ranges are compared as numbers
		}
		sh.keys = append(sh.keys, &node{typ: f, order: order, bits: bits})
	}
	return sh
}

// numberType is the type of the numbers that a selector gives, as a typeof names
// it; the set itself has only the number of the type.
func numberType(t *datatype.Type, selector string) *datatype.Type {
	switch {
	case strings.HasPrefix(selector, "@"):
		return xinteger
	case selector == "tcp option mptcp subtype":
		return datatype.MPTCPSubtype
	}
	return t
}

// hostNumber reports whether the number that a selector gives, as a typeof
// names it, stands in host byte order.
func hostNumber(selector string) bool {
	words := strings.Fields(selector)
	if len(words) == 0 {
		return false
	}
	key := words[len(words)-1]
	table := map[string][]proto.Key{"meta": proto.MetaKeys, "ct": proto.CTKeys, "rt": proto.RtKeys}[words[0]]
	if i, ok := proto.FindKey(table, key); ok {
		return table[i].Order == datatype.HostEnd
	}
	return words[0] == "numgen" || words[0] == "jhash" || words[0] == "symhash" || words[0] == "ipsec" && key == "reqid"
}

// shape is how a set within an expression is read.
func (n *node) shape() *setShape {
	like := n.left
	if like != nil && like.kind == kindBinop && (like.op == "<<" || like.op == ">>") {
		like = clone(like) // what is shifted is a plain number
		if like.typ = xinteger; n.set.Flags&bytecode.SetMap != 0 {
			like.typ = datatype.Integer
		}
	}
	if like != nil && like.typ == xinteger && shifted(like) && n.set.Flags&bytecode.SetMap != 0 {
		like = clone(like)
		like.typ = datatype.Integer
	}
	if like != nil && like.kind == kindPayload && like.tunnel == nil && n.set.Flags&bytecode.SetMap != 0 &&
		n.set.Flags&bytecode.SetAnonymous != 0 && typeByID(n.set.KeyType) == datatype.Integer {
		like = clone(like) // the keys of a map were read as raw bits, whatever field they turn out to be
		like.typ = datatype.Integer
	}
	sh := shapeOf(n.set, like)
	sh.shift = n.shift
	return sh
}

// elements are a set's elements in the order of the listing.
func (sh *setShape) elements(newer bool) []element {
	var out []element
	if sh.set.Flags&bytecode.SetInterval != 0 && !sh.concat {
		out = sh.intervals()
		for i := range out {
			out[i].data = sh.dataNode(out[i].el)
		}
	} else {
		out = sh.unsorted()
		if !sh.concat || sh.set.Flags&bytecode.SetInterval == 0 {
			sh.arrange(out, newer)
		}
	}
	return out
}

// unsorted are the elements of a set in which each is one element of the kernel.
func (sh *setShape) unsorted() (out []element) {
	for i := range sh.set.Elements {
		e := &sh.set.Elements[i]
		if !e.IntervalEnd {
			out = append(out, element{el: e, key: sh.key(e), sort: sh.order(e.Key), data: sh.dataNode(e)})
		}
	}
	return out
}

// order is the number by which elements of a set are sorted.
func (sh *setShape) order(key []byte) []byte {
	if sh.concat {
		return sh.concatOrder(key)
	}
	return datatype.Reorder(sh.keys[0].order, key)
}

// concatOrder sorts concatenations as nft does, which reads the whole key as
// one number with the last byte first.
func (sh *setShape) concatOrder(key []byte) []byte { return datatype.Reorder(datatype.HostEnd, key) }

// arrange sorts elements; the catch-all comes last. Values of several flags
// stand by their lowest flag, no flags first; nft 1.0 puts the latest added first among those.
func (sh *setShape) arrange(out []element, newer bool) {
	flags := !sh.concat && sh.keys[0].typ.Base == datatype.Bitmask
	if flags && !newer {
		slices.Reverse(out)
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if a.key == nil || b.key == nil {
			return b.key == nil && a.key != nil
		}
		if flags {
			x, y := new(big.Int).SetBytes(a.sort), new(big.Int).SetBytes(b.sort)
			if x.Sign() == 0 || y.Sign() == 0 {
				return x.Sign() < y.Sign()
			}
			return x.TrailingZeroBits() < y.TrailingZeroBits()
		}
		return bytes.Compare(a.sort, b.sort) < 0
	})
}

// key is an element's key as an expression, nil for the catch-all.
func (sh *setShape) key(e *bytecode.Element) *node {
	if e.CatchAll {
		return nil
	}
	if !sh.concat {
		return sh.field(0, e.Key)
	}
	c := &node{kind: kindConcat}
	lo, hi := e.Key, e.KeyEnd
	for i, k := range sh.keys {
		size, step := (k.bits+7)/8, 4*words(k.bits)
		part := sh.field(i, lo[:min(size, len(lo))])
		if len(hi) > 0 {
			end := sh.field(i, hi[:min(size, len(hi))])
			part = interval(part, end)
			hi = hi[min(step, len(hi)):]
		}
		c.parts = append(c.parts, part)
		lo = lo[min(step, len(lo)):]
	}
	return c
}

// field is the value of one field of a key.
func (sh *setShape) field(i int, raw []byte) *node {
	k := sh.keys[i]
	n := value(raw)
	setType(n, k.typ, k.order)
	if sh.shift > 0 {
		return number(new(big.Int).Rsh(n.big(), uint(sh.shift)), n.bits, n.typ, n.order)
	}
	return n
}

// dataNode is what a map gives for an element, nil in a set.
func (sh *setShape) dataNode(e *bytecode.Element) *node {
	if sh.set.Flags&bytecode.SetMap == 0 || len(e.Data) == 0 {
		return nil
	}
	t := sh.data
	if t.Fields == nil {
		data := e.Data
		if sh.set.DataInterval && len(data)%2 == 0 {
			lo, hi := sh.dataValue(t, data[:len(data)/2]), sh.dataValue(t, data[len(data)/2:])
			n := interval(lo, hi)
			if n.kind == kindValue && hasPrefixes(t) {
				return &node{kind: kindPrefix, left: n, off: n.bits}
			}
			return n
		}
		return sh.dataValue(t, data)
	}
	lo, hi := e.Data, []byte(nil)
	if sh.set.DataInterval && len(lo)%2 == 0 {
		lo, hi = lo[:len(lo)/2], lo[len(lo)/2:]
	}
	c := &node{kind: kindConcat}
	for _, f := range t.Fields {
		size, step := max(1, f.Bytes()), 4*words(f.Size)
		part := value(lo[:min(size, len(lo))])
		setType(part, f, f.Byteorder)
		lo = lo[min(step, len(lo)):]
		if hi != nil {
			end := value(hi[:min(size, len(hi))])
			setType(end, f, f.Byteorder)
			part = interval(part, end)
			hi = hi[min(step, len(hi)):]
		}
		c.parts = append(c.parts, part)
	}
	return c
}

func (sh *setShape) dataValue(t *datatype.Type, raw []byte) *node {
	n := value(raw)
	setType(n, t, sh.dataOrd)
	return n
}
