package ct

// TCP states of an entry (enum tcp_conntrack).
const (
	TCPNone = iota
	TCPSynSent
	TCPSynRecv
	TCPEstablished
	TCPFinWait
	TCPCloseWait
	TCPLastAck
	TCPTimeWait
	TCPClose
	TCPSynSent2
	tcpStates
)

// Flags of one side of a TCP flow (IP_CT_TCP_FLAG_).
const (
	tcpWindowScale  = 0x01 // offered window scaling
	tcpSackPerm     = 0x02 // offered selective acknowledgements
	tcpCloseInit    = 0x04 // sent the first FIN
	tcpBeLiberal    = 0x08 // windows are not enforced
	tcpDataUnacked  = 0x10 // sent data that the peer did not acknowledge
	tcpMaxAckSet    = 0x20 // MaxAck is valid
	tcpChallengeAck = 0x40 // an answer to an out-of-place SYN is awaited
	tcpSimultaneous = 0x80 // both sides sent a SYN
)

// A TCPSide is what the tracker knows of one sender (struct
// ip_ct_tcp_state); sequence numbers are absolute.
type TCPSide struct {
	End    uint32 // highest sequence sent, plus one
	MaxEnd uint32 // highest sequence the peer allowed
	MaxWin uint32 // largest window the sender advertised
	MaxAck uint32 // highest acknowledgement sent
	Scale  uint8
	Flags  uint8
}

// TCP is the tracker's record of a flow (struct ip_ct_tcp), Seen by nf.Dir.
type TCP struct {
	Seen      [2]TCPSide
	State     uint8
	lastDir   uint8
	lastClass uint8
	retrans   uint8
	lastScale uint8
	lastFlags uint8
	lastWin   uint16
	lastSeq   uint32
	lastAck   uint32
	lastEnd   uint32
}
