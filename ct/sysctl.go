package ct

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Sysctls are the net.netfilter.nf_conntrack_ settings of a namespace, by the
// kernel's names (Documentation/networking/nf_conntrack-sysctl.rst).
type Sysctls struct {
	Max, Buckets, ExpectMax uint32
	Acct, Timestamp         bool
	Checksum                bool
	TCPLoose                bool
	TCPBeLiberal            bool
	TCPIgnoreInvalidRst     bool
	TCPMaxRetrans           uint8
	Events, LogInvalid      uint8

	// Timeouts by protocol.
	TCP, SCTP, UDP, GRE, ICMP, ICMPv6, Generic Timeouts
	// Frag6 is the lifetime of an IPv6 reassembly, in seconds, with the limits
	// of its memory in bytes.
	Frag6Timeout                          uint32
	Frag6LowThreshold, Frag6HighThreshold uint32
}

// DefaultSysctls are those of a fresh namespace on a machine with more than
// 4 GiB of memory.
func DefaultSysctls() Sysctls {
	s := Sysctls{
		Max: 262144, Buckets: 262144, ExpectMax: 4096,
		Checksum: true, TCPLoose: true, TCPMaxRetrans: 3, Events: 2,
		Frag6Timeout: 60, Frag6LowThreshold: 3 << 20, Frag6HighThreshold: 4 << 20,
	}
	for i := range sysctlTimeouts {
		row := &sysctlTimeouts[i]
		row.of(&s)[row.index] = row.seconds * int64(time.Second)
	}
	s.TCP[TCPSynSent2] = 120 * int64(time.Second)
	return s
}

const sysctlPrefix = "net.netfilter.nf_conntrack_"

// shortName is a setting's name without the prefix, false for a name that is
// none of conntrack's.
func shortName(name string) (short string, ok bool) {
	if name == "net.nf_conntrack_max" {
		return "max", true
	}
	return strings.CutPrefix(name, sysctlPrefix)
}

// Set changes one setting by its full name, such as
// "net.netfilter.nf_conntrack_udp_timeout". Timeouts are in seconds.
func (s *Sysctls) Set(name, value string) error {
	short, ok := shortName(name)
	if !ok {
		return fmt.Errorf("%s is no conntrack setting", name)
	}
	value = strings.TrimSpace(value)
	n, err := strconv.ParseUint(value, 10, 32)
	if err != nil {
		return fmt.Errorf("%s: %q is not a number from 0 to 4294967295", name, value)
	}
	for i := range sysctlTimeouts {
		if row := &sysctlTimeouts[i]; row.name == short {
			if n > maxTimeout {
				return fmt.Errorf("%s: %d is more than %d", name, n, maxTimeout)
			}
			row.of(s)[row.index] = int64(n) * int64(time.Second)
			return nil
		}
	}
	number, ok := sysctlNumbers[short]
	if !ok {
		return fmt.Errorf("%s is no setting of Linux 6.18", name)
	}
	if l, limited := sysctlLimits[short]; limited && (n < l.min || n > l.max) {
		return fmt.Errorf("%s: %d is not from %d to %d", name, n, l.min, l.max)
	}
	return setNumber(name, number(s), n)
}

// maxTimeout is the largest timeout in seconds: the kernel keeps them in ticks of
// 4 ms.
const maxTimeout = math.MaxInt32 / 250

// sysctlLimits are those of numbers that not only their type limits.
var sysctlLimits = map[string]struct{ min, max uint64 }{
	"max":           {0, math.MaxInt32},
	"buckets":       {1, math.MaxInt32},
	"expect_max":    {1, math.MaxInt32},
	"events":        {0, 2},
	"frag6_timeout": {0, maxTimeout},
}

func setNumber(name string, at any, n uint64) error {
	limit := uint64(math.MaxUint32)
	switch at := at.(type) {
	case *bool:
		limit = 1
		*at = n != 0 && n <= limit || *at && n > limit
	case *uint8:
		limit = math.MaxUint8
		if n <= limit {
			*at = uint8(n)
		}
	case *uint32:
		*at = uint32(n)
	}
	if n > limit {
		return fmt.Errorf("%s: %d is more than %d", name, n, limit)
	}
	return nil
}

// Get reads one setting by its full name.
func (s *Sysctls) Get(name string) (string, bool) {
	short, ok := shortName(name)
	if !ok {
		return "", false
	}
	for i := range sysctlTimeouts {
		if row := &sysctlTimeouts[i]; row.name == short {
			return strconv.FormatInt(row.of(s)[row.index]/int64(time.Second), 10), true
		}
	}
	number, ok := sysctlNumbers[short]
	if !ok {
		return "", false
	}
	switch at := number(s).(type) {
	case *bool:
		if *at {
			return "1", true
		}
		return "0", true
	case *uint8:
		return strconv.Itoa(int(*at)), true
	case *uint32:
		return strconv.FormatUint(uint64(*at), 10), true
	}
	return "", false
}

// SysctlNames lists the full names of all settings, sorted.
func SysctlNames() []string {
	var names []string
	for i := range sysctlTimeouts {
		names = append(names, sysctlPrefix+sysctlTimeouts[i].name)
	}
	for n := range sysctlNumbers {
		names = append(names, sysctlPrefix+n)
	}
	sort.Strings(names)
	return names
}
