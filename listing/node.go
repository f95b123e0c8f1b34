package listing

import (
	"math/big"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/proto"
)

// kind tells what a node is.
type kind uint8

const (
	kindValue kind = iota
	kindString
	kindPayload
	kindExthdr
	kindLoad // meta, ct, rt, fib, socket, numgen, hash, osf, ipsec: see src
	kindBinop
	kindConcat
	kindSet
	kindMap
	kindRange
	kindPrefix
	kindList
	kindFlags // right / mask
)

// A node is an expression of the nft language. Values are kept as the bytes of
// the register until typ and order tell how to read them.
type node struct {
	kind  kind
	typ   *datatype.Type
	order datatype.Byteorder
	bits  int

	raw []byte // value

	base   proto.Base // payload
	off    int        // payload, exthdr: bits
	desc   *proto.Desc
	field  *proto.Field
	tunnel *proto.Tunnel // payload, load: of the packet inside it

	exthdr *proto.Exthdr
	src    bytecode.Expr // exthdr, load

	op          string // binop, flags
	left, right *node
	parts       []*node // concat, list

	set   *bytecode.Set // set, map
	shift int           // set: keys stand this many bits too high
}

// xinteger is the type of raw payload: a number printed in hexadecimal.
var xinteger = &datatype.Type{ID: datatype.IDInteger, Name: "integer", Desc: "integer", Base: datatype.Integer, Hex: true}

// num is the value as a big-endian number.
func (n *node) num() []byte { return datatype.Reorder(n.order, n.raw) }

// big is the value as a number.
func (n *node) big() *big.Int { return new(big.Int).SetBytes(n.num()) }

// setNum stores a number of the node's width.
func (n *node) setNum(v *big.Int) {
	b := make([]byte, (n.bits+7)/8)
	if v.BitLen() > 8*len(b) {
		v = new(big.Int).And(v, mask(8*len(b)))
	}
	n.raw = datatype.Reorder(n.order, v.FillBytes(b))
}

// mask is a number of n one bits.
func mask(n int) *big.Int {
	m := new(big.Int).Lsh(big.NewInt(1), uint(n))
	return m.Sub(m, big.NewInt(1))
}

// setType gives an expression the type of what it is compared with.
func setType(n *node, t *datatype.Type, order datatype.Byteorder) {
	if n == nil {
		return
	}
	switch n.kind {
	case kindValue:
		n.typ, n.order = t, order
		if t != nil && t.IsString() {
			n.kind = kindString
		}
	case kindRange, kindPrefix, kindBinop:
		setType(n.left, t, order)
		setType(n.right, t, order)
	case kindList:
		for _, p := range n.parts {
			setType(p, t, order)
		}
	case kindConcat:
		if t == nil || len(t.Fields) != len(n.parts) {
			return
		}
		for i, p := range n.parts {
			setType(p, t.Fields[i], t.Fields[i].Byteorder)
		}
	}
	if n.typ == nil {
		n.typ, n.order = t, order
	}
}

// value makes a value from register bytes.
func value(raw []byte) *node {
	return &node{kind: kindValue, raw: raw, bits: 8 * len(raw), typ: datatype.Integer, order: datatype.BigEndian}
}

// number makes a value of a type from a number.
func number(v *big.Int, bits int, t *datatype.Type, order datatype.Byteorder) *node {
	n := &node{kind: kindValue, bits: bits, typ: t, order: order}
	n.setNum(v)
	return n
}
