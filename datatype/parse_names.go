package datatype

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// parseNamed reads values whose names belong to a machine.
func (e *Env) parseNamed(t *Type, bits int, s string) ([]byte, error) {
	var env Env
	if e != nil {
		env = *e
	}
	find, missing := env.Iface, errors.New("Interface does not exist")
	switch t.ID {
	case IDUID:
		find, missing = env.User, errors.New("User does not exist")
	case IDGID:
		find, missing = env.Group, errors.New("Group does not exist")
	case IDCTLabel:
		return parseLabel(env.Label, bits, s)
	}
	if v, ok := lookup(find, s); ok {
		return uintBytes(uint64(v), bits)
	}
	n, ok := number(s)
	switch {
	case !ok || t.ID == IDIfaceIndex && n.BitLen() > 31:
		return nil, missing
	case n.BitLen() > bits:
		return nil, errors.New("Value too large")
	}
	return fixed(n, bits)
}

// parseLabel reads a connection label: a name or a bit number gives the bit.
func parseLabel(find func(string) (uint32, bool), bits int, s string) ([]byte, error) {
	bit, ok := lookup(find, s)
	if !ok {
		n, isNum := number(s)
		if !isNum {
			return nil, fmt.Errorf("/etc/connlabel.conf: could not parse conntrack label %q", s)
		}
		if !n.IsUint64() || n.Uint64() >= uint64(bits) {
			return nil, fmt.Errorf("%s: bit %s out of range (%d max)", s, n, bits)
		}
		bit = uint32(n.Uint64())
	}
	if int(bit) >= bits {
		return nil, fmt.Errorf("%s: bit %d out of range (%d max)", s, bit, bits)
	}
	return fixed(new(big.Int).Lsh(big.NewInt(1), uint(bit)), bits)
}

// parseClassID reads a traffic control handle: none, root, or MAJOR:MINOR in
// hexadecimal. A plain number is hexadecimal, too.
func parseClassID(s string) ([]byte, error) {
	switch s {
	case "none":
		return make([]byte, 4), nil
	case "root":
		return []byte{0xff, 0xff, 0xff, 0xff}, nil
	}
	bad := errors.New("Could not parse TC classid")
	major, minor, pair := strings.Cut(s, ":")
	if !pair {
		return uintBytes(leadingNumber(s)&0xffffffff, 32)
	}
	hi, err := parseHandle(major)
	if err != nil {
		return nil, bad
	}
	lo, err := parseHandle(minor)
	if err != nil {
		return nil, bad
	}
	return uintBytes(hi<<16|lo, 32)
}

// leadingNumber is the number at the start of a text, as strtoull(3) reads it,
// 0 where there is none.
func leadingNumber(s string) uint64 {
	base, digits := 10, "0123456789"
	switch {
	case len(s) > 2 && (strings.HasPrefix(s, "0x") || strings.HasPrefix(s, "0X")):
		base, digits, s = 16, "0123456789abcdefABCDEF", s[2:]
	case strings.HasPrefix(s, "0"):
		base, digits = 8, "01234567"
	}
	end := strings.IndexFunc(s, func(r rune) bool { return !strings.ContainsRune(digits, r) })
	if end >= 0 {
		s = s[:end]
	}
	n, _ := strconv.ParseUint(s, base, 64) // out of range it is the largest number
	return n
}

func parseHandle(s string) (uint64, error) {
	if s == "" {
		return 0, nil
	}
	return strconv.ParseUint(s, 16, 16)
}

// ProtocolNumber finds an Internet protocol by name or alias.
func ProtocolNumber(name string) (uint8, bool) {
	switch name {
	case "icmpv6":
		return 58, true
	case "comp":
		return 108, true
	}
	n, ok := protocolByName[name]
	return n, ok
}

// ProtocolName gives the name that nft prints for an Internet protocol.
func ProtocolName(n uint8) (string, bool) {
	s := protocolNames[n]
	return s, s != ""
}

// ServicePort finds the port of a service by name.
func ServicePort(name string) (uint16, bool) {
	p, ok := serviceByName[name]
	return p, ok
}

// ServiceName gives the name that `nft -S` prints for a port.
func ServiceName(port uint16) (string, bool) {
	s, ok := serviceByPort[port]
	return s, ok
}

var protocolByName, protocolNames = indexProtocols()

func indexProtocols() (map[string]uint8, [256]string) {
	byName, names := map[string]uint8{}, [256]string{}
	for _, p := range protocols {
		for _, n := range append([]string{p.name}, p.aliases...) {
			if _, ok := byName[n]; !ok {
				byName[n] = p.number
			}
		}
		if names[p.number] == "" {
			names[p.number] = p.name
		}
	}
	return byName, names
}

var serviceByName, serviceByPort = indexServices()

func indexServices() (map[string]uint16, map[uint16]string) {
	byName, byPort := map[string]uint16{}, map[uint16]string{}
	for _, s := range services {
		byName[s.name] = s.port
		if _, ok := byPort[s.port]; !ok {
			byPort[s.port] = s.name
		}
	}
	return byName, byPort
}

// parseCgroup reads the path of a cgroup below the root of their file system.
func (e *Env) parseCgroup(bits int, s string) ([]byte, error) {
	if e != nil && e.Cgroup != nil {
		if id, ok := e.Cgroup(s); ok {
			return uintBytes(id, bits)
		}
	}
	return nil, errors.New("cgroupv2 path fails: No such file or directory")
}
