package proto

import "nfvm/datatype"

// ExthdrOp is a kind of extension header; the numbers are the kernel's (enum
// nft_exthdr_op).
type ExthdrOp uint8

const (
	OpIPv6 ExthdrOp = iota
	OpTCPOption
	OpIPv4Option
	OpSCTPChunk
	OpDCCPOption
)

// An Exthdr is an IPv6 extension header, a TCP or IP option or an SCTP chunk.
type Exthdr struct {
	Op     ExthdrOp
	Name   string
	Type   uint8 // next header, option kind or chunk type
	Fields []Field
	// Alias tells that another entry with the same type is the one printed.
	Alias bool
}

// Field finds a field by name, or nil.
func (x *Exthdr) Field(name string) *Field {
	for i := range x.Fields {
		if x.Fields[i].Name == name {
			return &x.Fields[i]
		}
	}
	return nil
}

// FindExthdr finds an extension header by name, or nil.
func FindExthdr(op ExthdrOp, name string) *Exthdr {
	for _, x := range Exthdrs(op) {
		if x.Name == name {
			return x
		}
	}
	return nil
}

// ExthdrAt finds the header of a type and its field at a place. The field is
// nil when no header of that type has one there, the header nil when the type
// is unknown.
func ExthdrAt(op ExthdrOp, typ uint8, offset, length int) (*Exthdr, *Field) {
	var first *Exthdr
	for _, x := range Exthdrs(op) {
		if x.Type != typ || x.Alias {
			continue
		}
		if first == nil {
			first = x
		}
		for i := range x.Fields {
			if f := &x.Fields[i]; f.Offset == offset && f.Len == length {
				return x, f
			}
		}
	}
	return first, nil
}

// PrintedOption is the name under which nft prints an option of a header (tcp,
// ip) or chunk (sctp), where it has several.
func PrintedOption(of, name, field string) string {
	op := map[string]ExthdrOp{"tcp": OpTCPOption, "ip": OpIPv4Option, "sctp": OpSCTPChunk}[of]
	if x := FindExthdr(op, name); x != nil && x.Alias {
		if f := x.Field(field); f != nil {
			x, _ = ExthdrAt(op, x.Type, f.Offset, f.Len)
			return x.Name
		}
	}
	return name
}

// Exthdrs lists the headers of a kind.
func Exthdrs(op ExthdrOp) []*Exthdr {
	switch op {
	case OpIPv6:
		return ipv6Exthdrs
	case OpTCPOption:
		return tcpOptions
	case OpIPv4Option:
		return ipOptions
	case OpSCTPChunk:
		return sctpChunks
	}
	return nil
}

func ipv6(name string, typ uint8, fields ...Field) *Exthdr {
	return &Exthdr{Op: OpIPv6, Name: name, Type: typ, Fields: fields}
}

var nexthdr = field("nexthdr", datatype.InetProto, 0, 8)

// ipv6Exthdrs are the IPv6 extension headers; rt0, rt2 and srh are routing
// headers whose type byte has been matched. addr and sid stand for the first of
// several addresses.
var ipv6Exthdrs = []*Exthdr{
	ipv6("hbh", 0, nexthdr, number("hdrlength", 8, 8)),
	ipv6("rt", 43, nexthdr, number("hdrlength", 8, 8), number("type", 16, 8), number("seg-left", 24, 8)),
	ipv6("srh", 43, number("last-entry", 32, 8), number("flags", 40, 8), number("tag", 48, 16),
		field("sid", datatype.IPv6Addr, 64, 128)),
	ipv6("rt0", 43, field("addr", datatype.IPv6Addr, 64, 128)),
	ipv6("rt2", 43, field("addr", datatype.IPv6Addr, 64, 128)),
	ipv6("frag", 44, nexthdr, number("reserved", 8, 8), number("frag-off", 16, 13), number("reserved2", 29, 2),
		number("more-fragments", 31, 1), number("id", 32, 32)),
	ipv6("dst", 60, nexthdr, number("hdrlength", 8, 8)),
	ipv6("mh", 135, nexthdr, number("hdrlength", 8, 8), field("type", datatype.MHType, 16, 8),
		number("reserved", 24, 8), number("checksum", 32, 16)),
}
