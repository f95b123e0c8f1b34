package proto

import "nfvm/datatype"

// A Base is what a header's offset counts from; the numbers are the kernel's
// (enum nft_payload_bases).
type Base uint8

const (
	Link Base = iota
	Network
	Transport
	Inner
)

// A Field is a part of a header.
type Field struct {
	Name   string
	Type   *datatype.Type
	Offset int // bits from the start of the header
	Len    int // bits
	// Needs are the values of the header's type field for which the field
	// exists (icmp id: echo request and reply); nil: always.
	Needs []uint8
}

// A Desc is a header.
type Desc struct {
	Name   string
	Base   Base
	Size   int // bits of the fixed part
	Fields []Field
	// Key is the field that tells which header follows, "" for none.
	Key   string
	Upper []Upper
	// Checksum is the offset in bits of the checksum that covers the header, -1
	// for none.
	Checksum int
}

// An Upper is a header that may follow another, and the key value for it.
type Upper struct {
	Value uint32
	Desc  *Desc
}

// Field finds a field by its name, or nil.
func (d *Desc) Field(name string) *Field {
	for i := range d.Fields {
		if d.Fields[i].Name == name {
			return &d.Fields[i]
		}
	}
	return nil
}

// At finds the first field at a place, or nil.
func (d *Desc) At(offset, length int) *Field {
	for i := range d.Fields {
		if f := &d.Fields[i]; f.Offset == offset && f.Len == length {
			return f
		}
	}
	return nil
}

// KeyField is the field that selects the next header, or nil.
func (d *Desc) KeyField() *Field { return d.Field(d.Key) }

// Next finds the header that a key value selects, or nil.
func (d *Desc) Next(value uint32) *Desc {
	for _, u := range d.Upper {
		if u.Value == value {
			return u.Desc
		}
	}
	return nil
}

// ValueOf finds the key value that selects a header.
func (d *Desc) ValueOf(next *Desc) (uint32, bool) {
	for _, u := range d.Upper {
		if u.Desc == next {
			return u.Value, true
		}
	}
	return 0, false
}

// Find finds a header by its name in the nft language, or nil.
func Find(name string) *Desc {
	for _, d := range Headers {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// TransportValue gives the Internet protocol number of a transport header.
func TransportValue(d *Desc) (uint8, bool) {
	v, ok := Inet.ValueOf(d)
	return uint8(v), ok
}

// field is one line of a header's table.
func field(name string, t *datatype.Type, offset, length int) Field {
	return Field{Name: name, Type: t, Offset: offset, Len: length}
}

// number is a field that holds a plain number.
func number(name string, offset, length int) Field {
	return field(name, datatype.Integer, offset, length)
}
