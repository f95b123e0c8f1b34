package ct

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
