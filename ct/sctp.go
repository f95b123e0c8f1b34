package ct

// SCTP states of an entry (enum sctp_conntrack).
const (
	SCTPNone = iota
	SCTPClosed
	SCTPCookieWait
	SCTPCookieEchoed
	SCTPEstablished
	SCTPShutdownSent
	SCTPShutdownRecd
	SCTPShutdownAckSent
	SCTPHeartbeatSent
	sctpStates
)

// SCTP is the tracker's record of an association (struct ip_ct_sctp); Tags
// holds the verification tags by nf.Dir.
type SCTP struct {
	Tags    [2]uint32
	State   uint8
	init    [2]bool
	lastDir uint8
	failed  bool // a heartbeat had the wrong tag
}
