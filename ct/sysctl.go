package ct

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"nfvm/nf"
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

// sysctlTimeouts are the settings in seconds.
var sysctlTimeouts = []struct {
	name    string
	of      func(*Sysctls) *Timeouts
	index   int
	seconds int64
}{
	{"generic_timeout", genericTimeouts, TimeoutOnly, 600},
	{"icmp_timeout", icmpTimeouts, TimeoutOnly, 30},
	{"icmpv6_timeout", icmpv6Timeouts, TimeoutOnly, 30},
	{"udp_timeout", udpTimeouts, TimeoutUnreplied, 30},
	{"udp_timeout_stream", udpTimeouts, TimeoutReplied, 120},
	{"gre_timeout", greTimeouts, TimeoutUnreplied, 30},
	{"gre_timeout_stream", greTimeouts, TimeoutReplied, 180},
	{"tcp_timeout_syn_sent", tcpTimeouts, TCPSynSent, 120},
	{"tcp_timeout_syn_recv", tcpTimeouts, TCPSynRecv, 60},
	{"tcp_timeout_established", tcpTimeouts, TCPEstablished, 432000},
	{"tcp_timeout_fin_wait", tcpTimeouts, TCPFinWait, 120},
	{"tcp_timeout_close_wait", tcpTimeouts, TCPCloseWait, 60},
	{"tcp_timeout_last_ack", tcpTimeouts, TCPLastAck, 30},
	{"tcp_timeout_time_wait", tcpTimeouts, TCPTimeWait, 120},
	{"tcp_timeout_close", tcpTimeouts, TCPClose, 10},
	{"tcp_timeout_max_retrans", tcpTimeouts, TimeoutTCPRetrans, 300},
	{"tcp_timeout_unacknowledged", tcpTimeouts, TimeoutTCPUnack, 300},
	{"sctp_timeout_closed", sctpTimeouts, SCTPClosed, 10},
	{"sctp_timeout_cookie_wait", sctpTimeouts, SCTPCookieWait, 3},
	{"sctp_timeout_cookie_echoed", sctpTimeouts, SCTPCookieEchoed, 3},
	{"sctp_timeout_established", sctpTimeouts, SCTPEstablished, 210},
	{"sctp_timeout_shutdown_sent", sctpTimeouts, SCTPShutdownSent, 3},
	{"sctp_timeout_shutdown_recd", sctpTimeouts, SCTPShutdownRecd, 3},
	{"sctp_timeout_shutdown_ack_sent", sctpTimeouts, SCTPShutdownAckSent, 3},
	{"sctp_timeout_heartbeat_sent", sctpTimeouts, SCTPHeartbeatSent, 30},
}

func genericTimeouts(s *Sysctls) *Timeouts { return &s.Generic }
func icmpTimeouts(s *Sysctls) *Timeouts    { return &s.ICMP }
func icmpv6Timeouts(s *Sysctls) *Timeouts  { return &s.ICMPv6 }
func udpTimeouts(s *Sysctls) *Timeouts     { return &s.UDP }
func greTimeouts(s *Sysctls) *Timeouts     { return &s.GRE }
func tcpTimeouts(s *Sysctls) *Timeouts     { return &s.TCP }
func sctpTimeouts(s *Sysctls) *Timeouts    { return &s.SCTP }

// sysctlNumbers are the settings that are no timeouts.
var sysctlNumbers = map[string]func(*Sysctls) any{
	"max":                    func(s *Sysctls) any { return &s.Max },
	"buckets":                func(s *Sysctls) any { return &s.Buckets },
	"expect_max":             func(s *Sysctls) any { return &s.ExpectMax },
	"acct":                   func(s *Sysctls) any { return &s.Acct },
	"timestamp":              func(s *Sysctls) any { return &s.Timestamp },
	"checksum":               func(s *Sysctls) any { return &s.Checksum },
	"events":                 func(s *Sysctls) any { return &s.Events },
	"log_invalid":            func(s *Sysctls) any { return &s.LogInvalid },
	"tcp_loose":              func(s *Sysctls) any { return &s.TCPLoose },
	"tcp_be_liberal":         func(s *Sysctls) any { return &s.TCPBeLiberal },
	"tcp_ignore_invalid_rst": func(s *Sysctls) any { return &s.TCPIgnoreInvalidRst },
	"tcp_max_retrans":        func(s *Sysctls) any { return &s.TCPMaxRetrans },
	"frag6_timeout":          func(s *Sysctls) any { return &s.Frag6Timeout },
	"frag6_low_thresh":       func(s *Sysctls) any { return &s.Frag6LowThreshold },
	"frag6_high_thresh":      func(s *Sysctls) any { return &s.Frag6HighThreshold },
}

const sysctlPrefix = "net.netfilter.nf_conntrack_"

// Set changes one setting by its full name, such as
// "net.netfilter.nf_conntrack_udp_timeout". Timeouts are in seconds.
func (s *Sysctls) Set(name, value string) error {
	short, ok := strings.CutPrefix(name, sysctlPrefix)
	if name == "net.nf_conntrack_max" {
		short, ok = "max", true
	}
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
			row.of(s)[row.index] = int64(n) * int64(time.Second)
			return nil
		}
	}
	number, ok := sysctlNumbers[short]
	if !ok {
		return fmt.Errorf("%s is no setting of Linux 6.18", name)
	}
	return setNumber(name, number(s), n)
}

func setNumber(name string, at any, n uint64) error {
	limit := uint64(1)<<32 - 1
	switch at := at.(type) {
	case *bool:
		limit = 1
		*at = n != 0 && n <= limit || *at && n > limit
	case *uint8:
		limit = 255
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
	short, _ := strings.CutPrefix(name, sysctlPrefix)
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

// timeouts gives the lifetimes that hold for an entry.
func (t *Table) timeouts(e *Entry) *Timeouts {
	if e.Policy != 0 {
		return &t.policies[e.Policy-1].Timeouts
	}
	return t.Sysctl.timeouts(e.L4())
}

func (s *Sysctls) timeouts(l4 uint8) *Timeouts {
	switch l4 {
	case nf.ProtoTCP:
		return &s.TCP
	case nf.ProtoUDP, nf.ProtoUDPLite:
		return &s.UDP
	case nf.ProtoICMP:
		return &s.ICMP
	case nf.ProtoICMPv6:
		return &s.ICMPv6
	case nf.ProtoGRE:
		return &s.GRE
	case nf.ProtoSCTP:
		return &s.SCTP
	}
	return &s.Generic
}
