package datatype

import (
	"encoding/binary"
	"fmt"
	"math/big"
	"strings"
)

// number reads a decimal, octal (leading 0) or hexadecimal (0x) number.
func number(s string) (*big.Int, bool) {
	if s == "" || s[0] < '0' || s[0] > '9' || len(s) > 128 || strings.IndexByte(s, '.') > 0 || strings.IndexByte(s, ':') > 0 {
		return nil, false
	}
	base := 10
	switch {
	case len(s) > 2 && (s[1] == 'x' || s[1] == 'X'):
		s, base = s[2:], 16
	case len(s) > 1 && s[0] == '0':
		s, base = s[1:], 8
	}
	if s[0] == '+' || s[0] == '-' || s[0] == '_' {
		return nil, false
	}
	return new(big.Int).SetString(s, base)
}

// rangeError is nft's answer to a value that does not fit.
func rangeError(n *big.Int, bits int) error {
	maxVal := new(big.Int).Lsh(big.NewInt(1), uint(bits))
	return fmt.Errorf("Value %s exceeds valid range 0-%s", n, maxVal.Sub(maxVal, big.NewInt(1)))
}

// fixed gives n as a big-endian number of bits bits.
func fixed(n *big.Int, bits int) ([]byte, error) {
	if n.BitLen() > bits {
		return nil, rangeError(n, bits)
	}
	return n.FillBytes(make([]byte, (bits+7)/8)), nil
}

// uintBytes gives v as a big-endian number of bits bits.
func uintBytes(v uint64, bits int) ([]byte, error) {
	return fixed(new(big.Int).SetUint64(v), bits)
}

// Uint reads a big-endian number; of more than 8 bytes the last 8 count.
func Uint(be []byte) uint64 {
	if len(be) > 8 {
		be = be[len(be)-8:]
	}
	var b [8]byte
	copy(b[8-len(be):], be)
	return binary.BigEndian.Uint64(b[:])
}

// Reorder turns a value of order o into a big-endian number, or back. Values
// of no fixed order are taken to be big endian.
func Reorder(o Byteorder, data []byte) []byte {
	out := make([]byte, len(data))
	copy(out, data)
	if o == HostEnd {
		for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
	}
	return out
}
