package listing

import (
	"math/big"
	"strconv"

	"nfvm/bytecode"
	"nfvm/datatype"
	"nfvm/proto"
)

// acrossMidnight marks a range of hours that begins before midnight and ends
// after it: the kernel tests that the hour is not in the rest of the day.
const acrossMidnight = "across"

// newerMatch writes a match in the form of nft 1.1: flags and masks as the
// operations that they are, raw bits by their place, hours across midnight as
// they were given.
func newerMatch(s *stmt) *stmt {
	s = rawMatch(s)
	out := *s
	switch r := s.right; {
	case r.kind == kindFlags:
		out.op, out.right = r.op, r.left
		out.left = &node{kind: kindBinop, op: "&", left: s.left, right: r.right, typ: s.left.typ, order: s.left.order, bits: s.left.bits}
	case r.kind == kindPrefix && newerRange(r) != nil:
		v := r.left
		m := number(new(big.Int).Xor(mask(v.bits), mask(v.bits-r.off)), v.bits, v.typ, v.order)
		out.left = &node{kind: kindBinop, op: "&", left: s.left, right: m, typ: v.typ, order: v.order, bits: v.bits}
		out.right = v
		if s.op == "" {
			out.op = "=="
		}
	case r.kind == kindRange && r.left.typ == datatype.Hour && s.op == "!=":
		out.op, out.right = "", &node{kind: kindRange, op: acrossMidnight, left: r.right, right: r.left}
	}
	return &out
}

// newerRange is the range of a prefix that nft 1.1 does not write as a prefix,
// since its type is no address; nil for others, and for one longer than its value.
func newerRange(n *node) *node {
	if n.left.typ != datatype.Mark || n.left.kind != kindValue || n.off > n.left.bits {
		return nil
	}
	lo := n.left
	hi := number(new(big.Int).Or(lo.big(), mask(lo.bits-n.off)), lo.bits, lo.typ, lo.order)
	return &node{kind: kindRange, left: lo, right: hi}
}

// newerPerLine is how many elements nft 1.1 puts on a line: one where the
// elements are more than keys.
func newerPerLine(s *bytecode.Set, t *datatype.Type, elements []element) int {
	const more = bytecode.SetMap | bytecode.SetObject | bytecode.SetTimeout
	if s.Timeout != 0 || s.Flags&more != 0 || len(s.Exprs) > 0 {
		return 1
	}
	for _, e := range elements {
		if e.el.Comment != "" {
			return 1
		}
	}
	switch t.ID {
	case datatype.IDNFProto, datatype.IDInteger, datatype.IDARPOp, datatype.IDInetProto, datatype.IDInetService,
		datatype.IDTCPFlag, datatype.IDDCCPPktType, datatype.IDMark, datatype.IDIfaceIndex, datatype.IDClassID,
		datatype.IDUID, datatype.IDGID, datatype.IDCTDir:
		return 5
	case datatype.IDIPv4Addr, datatype.IDCTState, datatype.IDCTStatus, datatype.IDPktType:
		return 2
	}
	return 1
}

// named tells whether a set is listed by itself. That of a meter is anonymous
// in nft 1.0 only.
func (p *printer) named(s *bytecode.Set) bool {
	return s.Flags&bytecode.SetAnonymous == 0 || p.opt.Newer && isMeter(s)
}

// typeOf is a field's type: nft 1.1 prints the fragment offset in hexadecimal.
func (c *context) typeOf(f *proto.Field) *datatype.Type {
	if c.newer && f == proto.IP.Field("frag-off") {
		return xinteger
	}
	return f.Type
}

// policyTime prints a timeout in seconds, by nft 1.1 with units.
func (p *printer) policyTime(seconds uint32) string {
	if p.opt.Newer {
		return p.duration(uint64(seconds) * 1000)
	}
	return strconv.FormatUint(uint64(seconds), 10)
}
