package ct

import (
	"slices"
	"strconv"
)

// ProtoNumber finds a protocol by the name that conntrack(8) gives it, or by its
// number.
func ProtoNumber(name string) (uint8, bool) {
	for number, known := range protoNames {
		if known == name {
			return number, true
		}
	}
	n, err := strconv.ParseUint(name, 10, 8)
	return uint8(n), err == nil
}

// ProtoName is the name that conntrack(8) gives a protocol, or its number.
func ProtoName(number uint8) string {
	if name := protoNames[number]; name != "" {
		return name
	}
	return strconv.Itoa(int(number))
}

// KnownState reports whether some protocol has a state of this name.
func KnownState(name string) bool {
	return name != "" && (slices.Contains(tcpNames[:], name) || slices.Contains(sctpNames[:], name))
}
