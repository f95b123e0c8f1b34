package trace

import (
	"math/big"
	"strconv"
	"strings"

	"nfvm/datatype"
	"nfvm/proto"
)

// shown are the fields that the packet line has of a header, in its order.
// Headers that are not here show all their fields but checksums.
var shown = map[*proto.Desc][]string{
	proto.Ether: {"saddr", "daddr", "type"},
	proto.IP:    {"saddr", "daddr", "dscp", "ecn", "ttl", "id", "protocol", "length"},
	proto.IP6:   {"saddr", "daddr", "dscp", "ecn", "hoplimit", "flowlabel", "nexthdr", "length"},
	proto.ARP:   {"operation"},
	proto.TCP:   {"sport", "dport", "flags", "window"},
	proto.UDP:   {"sport", "dport", "length"},
	proto.ICMP:  {"type", "code", "id", "sequence"},
	// The four bytes after the checksum are read as one number.
	proto.ICMPv6:  {"type", "code", "parameter-problem"},
	proto.UDPLite: {"sport", "dport", "csumcov", "checksum"},
	proto.DCCP:    {"sport", "dport"},
	proto.IGMP:    {"type", "mrt"},
}

// namedBits are the bits of headers whose fields end before the header does: nft
// shows the rest as raw bits.
var namedBits = map[*proto.Desc]int{proto.DCCP: 32, proto.IGMP: 16}

// arpBits is the size of an ARP header about IPv4 on Ethernet.
const arpBits = 28 * 8

// A Field is one item of a packet line.
type Field struct {
	Header string // "ip", or "@th" and so on for bytes without a name
	Name   string // "saddr", or "OFFSET,LENGTH" in bits
	Value  string
	op     string
}

// fields reads a header: its named fields in their order, then the rest of
// data as raw bits. skip names a field that is left out.
func fields(d *proto.Desc, base proto.Base, data []byte, skip string, o *datatype.Options) []Field {
	var out []Field
	used := 0
	if d != nil {
		used = headerBits(d, 8*len(data))
		for _, name := range shownFields(d) {
			f := d.Field(name)
			if name == skip || f.Offset+f.Len > 8*len(data) {
				continue
			}
			out = append(out, named(d, f, bits(data, f.Offset, f.Len), o))
		}
	}
	if rest := 8*len(data) - used; rest > 0 {
		words := [...]string{"@ll", "@nh", "@th", "@ih"}
		out = append(out, Field{
			Header: words[base], Name: strconv.Itoa(used) + "," + strconv.Itoa(rest),
			Value: "0x" + bits(data, used, rest).Text(16),
		})
	}
	return out
}

// headerBits is how many bits of a header its named fields take.
func headerBits(d *proto.Desc, have int) int {
	size := d.Size
	if d == proto.ARP {
		return min(arpBits, have)
	}
	if n, ok := namedBits[d]; ok {
		return min(n, have)
	}
	for i := range d.Fields {
		f := &d.Fields[i]
		if f.Offset+f.Len > have && f.Offset < size {
			size = f.Offset
		}
	}
	return min(size, have)
}

func shownFields(d *proto.Desc) []string {
	if names, ok := shown[d]; ok {
		return names
	}
	var names []string
	end := 0
	for i := range d.Fields {
		f := &d.Fields[i]
		if f.Offset < end {
			continue
		}
		end = f.Offset + f.Len
		if f.Name != "checksum" && f.Name != "reserved" {
			names = append(names, f.Name)
		}
	}
	return names
}

func named(d *proto.Desc, f *proto.Field, v *big.Int, o *datatype.Options) Field {
	out := Field{Header: d.Name, Name: f.Name}
	b := v.FillBytes(make([]byte, (f.Len+7)/8))
	out.Value = datatype.FormatValue(f.Type, b, o)
	if f.Type.Base == datatype.Bitmask {
		out.op = "== "
	}
	return out
}

// bits reads length bits at offset, big endian.
func bits(data []byte, offset, length int) *big.Int {
	end := (offset + length + 7) / 8
	v := new(big.Int).SetBytes(data[offset/8 : end])
	v.Rsh(v, uint(8*end-offset-length))
	mask := new(big.Int).Lsh(big.NewInt(1), uint(length))
	return v.And(v, mask.Sub(mask, big.NewInt(1)))
}

func (f Field) String() string {
	sep := " "
	if strings.HasPrefix(f.Header, "@") {
		sep = ","
	}
	return f.Header + sep + f.Name + " " + f.op + f.Value
}
