package datatype

// Byteorder is the order of a value's bytes in a register.
type Byteorder uint8

const (
	Invalid   Byteorder = iota // not fixed by the type (integer, string)
	HostEnd                    // little endian
	BigEndian                  // network order
)

// A Type is one of nft's data types.
type Type struct {
	ID        uint32 // nft's number (enum datatypes)
	Name      string // as in a set's `type`
	Desc      string // as in error messages
	Size      int    // bits; 0: the expression decides
	Byteorder Byteorder
	Base      *Type // nil for integer, string, verdict
	Symbols   []Symbol
	Newer     []Symbol // names of nft 1.1, read but not printed
	// Hex prints unknown values in hexadecimal, with at least HexDigits digits.
	Hex       bool
	HexDigits int
	// Fields are the types of a concatenation, in order.
	Fields []*Type
}

// A Symbol names one value of a type.
type Symbol struct {
	Name  string
	Value uint64
}

// Numbers of the types (nftables, enum datatypes).
const (
	IDInvalid     = 0
	IDVerdict     = 1
	IDNFProto     = 2
	IDBitmask     = 3
	IDInteger     = 4
	IDString      = 5
	IDLLAddr      = 6
	IDIPv4Addr    = 7
	IDIPv6Addr    = 8
	IDEtherAddr   = 9
	IDEtherType   = 10
	IDARPOp       = 11
	IDInetProto   = 12
	IDInetService = 13
	IDICMPType    = 14
	IDTCPFlag     = 15
	IDDCCPPktType = 16
	IDMHType      = 17
	IDTime        = 18
	IDMark        = 19
	IDIfaceIndex  = 20
	IDIfaceType   = 21
	IDRealm       = 22
	IDClassID     = 23
	IDUID         = 24
	IDGID         = 25
	IDCTState     = 26
	IDCTDir       = 27
	IDCTStatus    = 28
	IDICMPv6Type  = 29
	IDCTLabel     = 30
	IDPktType     = 31
	IDICMPCode    = 32
	IDICMPv6Code  = 33
	IDICMPXCode   = 34
	IDDevGroup    = 35
	IDDSCP        = 36
	IDECN         = 37
	IDFibAddr     = 38
	IDBoolean     = 39
	IDCTEvent     = 40
	IDIfName      = 41
	IDIGMPType    = 42
	IDDate        = 43
	IDHour        = 44
	IDDay         = 45
	IDCgroupV2    = 46
)

// Is reports whether t is base or built on it.
func (t *Type) Is(base *Type) bool {
	for ; t != nil; t = t.Base {
		if t == base {
			return true
		}
	}
	return false
}

// Root is the type that t is in the end built on: integer, string or verdict.
func (t *Type) Root() *Type {
	for t != nil && t.Base != nil {
		t = t.Base
	}
	return t
}

// Parent is the type that t is directly built on: itself if that is none.
func (t *Type) Parent() *Type {
	if t.Base == nil {
		return t
	}
	return t.Base
}

// IsBitmask reports whether lists of t's values mean their bitwise or.
func (t *Type) IsBitmask() bool { return t.Is(Bitmask) }

// IsString reports whether values of t are text.
func (t *Type) IsString() bool { return t.Is(String) }

// Bytes is the size of a value in bytes, 0 when the expression decides.
func (t *Type) Bytes() int { return (t.Size + 7) / 8 }
