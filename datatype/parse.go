package datatype

import (
	"errors"
	"fmt"
	"math/big"
)

// Parse reads one value of a type with a size of its own, as the bytes that a
// register holds: in the type's byte order, text zero padded. Errors have nft's
// words.
func Parse(t *Type, s string) ([]byte, error) {
	var e *Env
	return e.Parse(t, t.Size, s)
}

// Parse is Parse for a value of bits bits (those of the type when bits is 0),
// with the names that e knows. A type without a byte order gives big endian.
func (e *Env) Parse(t *Type, bits int, s string) ([]byte, error) {
	if bits == 0 {
		bits = t.Size
	}
	v, err := e.Value(t, bits, s)
	if err != nil || t.IsString() {
		return v, err
	}
	return Reorder(t.Byteorder, v), nil
}

// Value reads one value as a big-endian number of bits bits; text (t.IsString)
// as its bytes, zero padded.
func (e *Env) Value(t *Type, bits int, s string) ([]byte, error) {
	if bits < 0 || bits > 8*1024 {
		return nil, fmt.Errorf("a value of %d bits is not supported", bits)
	}
	switch t.ID {
	case IDString, IDIfName:
		return parseString(bits, s)
	case IDIPv4Addr, IDIPv6Addr, IDEtherAddr, IDLLAddr:
		return parseAddress(t, bits, s)
	case IDInetProto:
		return parseProtocol(s)
	case IDInetService:
		return parseService(s)
	case IDTime, IDDate, IDHour:
		return e.parseTime(t, bits, s)
	case IDIfaceIndex, IDUID, IDGID, IDCTLabel:
		return e.parseNamed(t, bits, s)
	case IDCgroupV2:
		return e.parseCgroup(bits, s)
	case IDClassID:
		return parseClassID(s)
	case IDVerdict:
		return nil, errors.New("a verdict is not a value")
	}
	return parseSymbolic(t, bits, s)
}

// parseSymbolic tries the symbols of a type, then a number.
func parseSymbolic(t *Type, bits int, s string) ([]byte, error) {
	for _, names := range [][]Symbol{t.Symbols, t.Newer} {
		if v, ok := symbolValue(names, s); ok {
			return uintBytes(v, bits)
		}
	}
	n, ok := number(s)
	if !ok {
		return nil, fmt.Errorf("Could not parse %s", t.Desc)
	}
	if t == Day && n.Cmp(big.NewInt(6)) > 0 {
		return nil, fmt.Errorf("Value %s exceeds valid range 0-6", n)
	}
	return fixed(n, bits)
}

func parseString(bits int, s string) ([]byte, error) {
	if bits == 0 {
		return []byte(s), nil
	}
	// One byte is for the zero that ends the text.
	if len(s) >= bits/8 {
		return nil, fmt.Errorf("String exceeds maximum length of %d", bits/8)
	}
	out := make([]byte, bits/8)
	copy(out, s)
	return out, nil
}

func parseProtocol(s string) ([]byte, error) {
	if n, ok := number(s); ok {
		if n.BitLen() > 8 {
			return nil, errors.New("Protocol out of range")
		}
		return []byte{byte(n.Uint64())}, nil
	}
	if n, ok := ProtocolNumber(s); ok {
		return []byte{n}, nil
	}
	return nil, errors.New("Could not resolve protocol name")
}

func parseService(s string) ([]byte, error) {
	if n, ok := number(s); ok {
		if n.BitLen() > 16 {
			return nil, errors.New("Service out of range")
		}
		return uintBytes(n.Uint64(), 16)
	}
	if p, ok := ServicePort(s); ok {
		return []byte{byte(p >> 8), byte(p)}, nil
	}
	return nil, errors.New("Could not resolve service: Servname not supported for ai_socktype")
}
