package xt

// AH6 is struct ip6t_ah. Length is in bytes, 0 for any.
type AH6 struct {
	SPIMin, SPIMax   uint32
	Length           uint32
	Reserved, Invert uint8
	_                [2]byte
}

// Bits of AH6.Invert.
const (
	AHInvertSPI = 1 << iota
	AHInvertLength
)

// Headers6 is struct ip6t_ipv6header_info.
type Headers6 struct{ Match, Invert, Soft uint8 }

// Bits of Headers6.
const (
	HeaderProto = 1 << iota // something that is no extension header
	HeaderNone
	HeaderESP
	HeaderAH
	HeaderFragment
	HeaderRouting
	HeaderDst
	HeaderHop
)
