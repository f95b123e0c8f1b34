package datatype

import (
	"fmt"
	"math/big"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Options choose between names and numbers, as nft's flags do. The zero
// Options are nft's default.
type Options struct {
	Numeric        bool // -n: values of symbolic types as numbers
	NumericProto   bool // -p: Internet protocols as numbers
	NumericTime    bool // -T: relative times in seconds
	Service        bool // -S: ports by name
	IfaceName      func(index uint32) (string, bool)
	UserName       func(uid uint32) (string, bool) // -u
	GroupName      func(gid uint32) (string, bool) // -u
	AddrName       func(netip.Addr) (string, bool) // -N
	Location       *time.Location                  // nil: UTC
	LocationOffset int64                           // seconds east of UTC, for hours
}

// Format prints a value from a register, in the type's byte order (big endian
// where it has none), as nft lists it, with quotes where nft puts them.
func Format(t *Type, data []byte, o *Options) string {
	if t.IsString() {
		return formatString(data)
	}
	return FormatValue(t, Reorder(t.Byteorder, data), o)
}

// FormatValue prints a value given as a big-endian number.
func FormatValue(t *Type, v []byte, o *Options) string {
	if o == nil {
		o = &Options{}
	}
	switch t.ID {
	case IDString, IDIfName:
		return formatString(v)
	case IDIPv4Addr, IDIPv6Addr:
		return formatIP(t, v, o)
	case IDEtherAddr, IDLLAddr:
		return formatLinkAddr(t, v)
	case IDInetProto:
		if name, ok := ProtocolName(uint8(Uint(v))); ok && !o.NumericProto && !o.Numeric {
			return name
		}
	case IDInetService:
		if name, ok := ServiceName(uint16(Uint(v))); ok && o.Service {
			return strconv.Quote(name)
		}
	case IDIfaceIndex, IDUID, IDGID:
		if name, ok := machineName(t, uint32(Uint(v)), o); ok {
			return `"` + name + `"`
		}
	case IDTime, IDDate, IDHour, IDDay:
		return formatTime(t, v, o)
	case IDClassID:
		return formatClassID(uint32(Uint(v)))
	case IDCTLabel:
		return strconv.Itoa(new(big.Int).SetBytes(v).BitLen() - 1)
	}
	return formatSymbolic(t, v, o)
}

func formatSymbolic(t *Type, v []byte, o *Options) string {
	if t.Symbols != nil && !o.Numeric && len(v) <= 8 {
		if name, ok := symbol(t.Symbols, Uint(v)); ok {
			if t == Realm || t == DevGroup {
				return `"` + name + `"`
			}
			return name
		}
	}
	return FormatInteger(t, v)
}

// FormatInteger prints a value as the number that a type without symbols
// shows.
func FormatInteger(t *Type, v []byte) string {
	hexa, digits := false, 0
	for b := t; b != nil; b = b.Base {
		if b.Hex {
			hexa, digits = true, b.HexDigits
			break
		}
	}
	if len(v) <= 8 {
		if hexa {
			return fmt.Sprintf("0x%0*x", digits, Uint(v))
		}
		return strconv.FormatUint(Uint(v), 10)
	}
	n := new(big.Int).SetBytes(v)
	if hexa {
		return fmt.Sprintf("0x%0*x", digits, n)
	}
	return n.String()
}

// Bits prints a bitmask value as the list of its bits, lowest first.
func Bits(t *Type, v []byte, o *Options) string {
	n := new(big.Int).SetBytes(v)
	var parts []string
	for i := 0; i < n.BitLen(); i++ {
		if n.Bit(i) == 1 {
			one := new(big.Int).Lsh(big.NewInt(1), uint(i))
			parts = append(parts, FormatValue(t, one.FillBytes(make([]byte, len(v))), o))
		}
	}
	if len(parts) == 0 {
		return FormatInteger(t, v)
	}
	return strings.Join(parts, ",")
}

// formatString prints text up to its first zero byte; a final asterisk is
// escaped, since it would mean a wildcard.
func formatString(data []byte) string {
	s, _, _ := strings.Cut(string(data), "\x00")
	if strings.HasSuffix(s, "*") {
		s = s[:len(s)-1] + `\*`
	}
	return `"` + s + `"`
}

func formatIP(t *Type, v []byte, o *Options) string {
	size := t.Bytes()
	b := make([]byte, size)
	copy(b[max(0, size-len(v)):], v[max(0, len(v)-size):])
	a, _ := netip.AddrFromSlice(b)
	if o.AddrName != nil {
		if name, ok := o.AddrName(a); ok {
			return name
		}
	}
	if a.Is6() && Uint(b[:8]) == 0 && Uint(b[8:12]) == 0 && (b[12] != 0 || b[13] != 0) {
		// An IPv4-compatible address, as inet_ntop writes it.
		return fmt.Sprintf("::%d.%d.%d.%d", b[12], b[13], b[14], b[15])
	}
	return a.String()
}

func formatLinkAddr(t *Type, v []byte) string {
	if size := t.Bytes(); size > len(v) {
		v = append(make([]byte, size-len(v)), v...)
	}
	parts := make([]string, len(v))
	for i, b := range v {
		parts[i] = fmt.Sprintf("%02x", b)
	}
	return strings.Join(parts, ":")
}

func machineName(t *Type, v uint32, o *Options) (string, bool) {
	var find func(uint32) (string, bool)
	switch t.ID {
	case IDIfaceIndex:
		find = o.IfaceName
		if find == nil && v == 1 {
			return "lo", true
		}
	case IDUID:
		find = o.UserName
	case IDGID:
		find = o.GroupName
	}
	if find == nil {
		return "", false
	}
	return find(v)
}

func formatClassID(v uint32) string {
	switch {
	case v == 0:
		return "none"
	case v == 0xffffffff:
		return "root"
	}
	return fmt.Sprintf("%x:%x", v>>16, v&0xffff)
}
