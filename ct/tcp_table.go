package ct

// A tcpClass is what matters of a segment's flags (enum tcp_bit_set).
type tcpClass = uint8

const (
	classSyn tcpClass = iota
	classSynAck
	classFin
	classAck
	classRst
	classNone
	tcpClasses
)

// Outcomes in the transition table that are no states.
const (
	tcpIgnore  = 0x40 // accepted, without any change of state
	tcpInvalid = 0x41
)

const (
	sNO = TCPNone
	sSS = TCPSynSent
	sSR = TCPSynRecv
	sES = TCPEstablished
	sFW = TCPFinWait
	sCW = TCPCloseWait
	sLA = TCPLastAck
	sTW = TCPTimeWait
	sCL = TCPClose
	sS2 = TCPSynSent2
	sIG = tcpIgnore
	sIV = tcpInvalid
)

// tcpTransitions gives the next state by direction, class and present state.
// The states are those of a man in the middle, who sees a segment without
// knowing whether it arrives, and not those of RFC 9293. Columns:
//
//	NONE SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT CLOSE SYN_SENT2
var tcpTransitions = [2][tcpClasses][tcpStates]uint8{
	{ // original
		classSyn:    {sSS, sSS, sIG, sIG, sIG, sIG, sIG, sSS, sSS, sS2},
		classSynAck: {sIV, sIV, sSR, sIV, sIV, sIV, sIV, sIV, sIV, sSR},
		classFin:    {sIV, sIV, sFW, sFW, sLA, sLA, sLA, sTW, sCL, sIV},
		classAck:    {sES, sIV, sES, sES, sCW, sCW, sTW, sTW, sCL, sIV},
		classRst:    {sIV, sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL},
		classNone:   {sIV, sIV, sIV, sIV, sIV, sIV, sIV, sIV, sIV, sIV},
	},
	{ // reply
		classSyn:    {sIV, sS2, sIV, sIV, sIV, sIV, sIV, sSS, sIV, sS2},
		classSynAck: {sIV, sSR, sIG, sIG, sIG, sIG, sIG, sIG, sIG, sSR},
		classFin:    {sIV, sIV, sFW, sFW, sLA, sLA, sLA, sTW, sCL, sIV},
		classAck:    {sIV, sIG, sSR, sES, sCW, sCW, sTW, sTW, sCL, sIG},
		classRst:    {sIV, sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL},
		classNone:   {sIV, sIV, sIV, sIV, sIV, sIV, sIV, sIV, sIV, sIV},
	},
}
