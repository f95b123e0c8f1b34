package datatype

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

var (
	errHostname = errors.New("Could not resolve hostname: Name or service not known")
	errFamily   = errors.New("Could not resolve hostname: Address family for hostname not supported")
	errLLAddr   = errors.New("Invalid LL address")
)

// parseAddress reads an IP or link-layer address. Host names are never
// resolved: a compilation must not depend on the network.
func parseAddress(t *Type, bits int, s string) ([]byte, error) {
	switch t.ID {
	case IDEtherAddr, IDLLAddr:
		return parseLinkAddr(t, bits, s)
	case IDIPv4Addr:
		if n, ok := number(s); ok {
			return fixed(n, 32)
		}
		// Leading zeros are octal in nft's resolver and refused by netip.
		a, err := netip.ParseAddr(s)
		if err != nil {
			return parseOctets(s)
		}
		if !a.Is4() {
			return nil, errFamily
		}
		return a.AsSlice(), nil
	}
	if _, ok := number(s); ok {
		return nil, errFamily
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return nil, errHostname
	}
	if a.Is4() {
		return nil, errFamily
	}
	b := a.As16()
	return b[:], nil
}

// parseOctets reads a dotted quad whose parts may be octal or hexadecimal.
func parseOctets(s string) ([]byte, error) {
	parts := strings.Split(s, ".")
	if len(parts) != 4 {
		return nil, errHostname
	}
	out := make([]byte, 4)
	for i, p := range parts {
		n, ok := number(p)
		if !ok || n.BitLen() > 8 {
			return nil, errHostname
		}
		out[i] = byte(n.Uint64())
	}
	return out, nil
}

// parseLinkAddr reads hexadecimal bytes with colons between them; one byte alone
// is the last of the address.
func parseLinkAddr(t *Type, bits int, s string) ([]byte, error) {
	if n, ok := number(s); ok {
		s = n.String() // nft forgets that a number was written in hexadecimal
	}
	parts := strings.Split(s, ":")
	out := make([]byte, len(parts))
	for i, p := range parts {
		v, err := strconv.ParseUint(p, 16, 8)
		if err != nil {
			return nil, errLLAddr
		}
		out[i] = byte(v)
	}
	switch size := bits / 8; {
	case bits == 0 || len(out) == size:
		return out, nil
	case len(out) == 1:
		return append(make([]byte, size-1), out...), nil
	}
	return nil, fmt.Errorf("Could not parse %s", t.Desc)
}
