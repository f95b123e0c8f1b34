package ct

// Chunk types that change the state of an association (RFC 9260, section 3.2).
const (
	chunkData             = 0
	chunkInit             = 1
	chunkInitAck          = 2
	chunkHeartbeat        = 4
	chunkHeartbeatAck     = 5
	chunkAbort            = 6
	chunkShutdown         = 7
	chunkShutdownAck      = 8
	chunkError            = 9
	chunkCookieEcho       = 10
	chunkCookieAck        = 11
	chunkShutdownComplete = 14
)

const sctpInvalid = 0x41

const (
	aNO = SCTPNone
	aCL = SCTPClosed
	aCW = SCTPCookieWait
	aCE = SCTPCookieEchoed
	aES = SCTPEstablished
	aSS = SCTPShutdownSent
	aSR = SCTPShutdownRecd
	aSA = SCTPShutdownAckSent
	aHS = SCTPHeartbeatSent
	aIV = sctpInvalid
)

// sctpTransitions gives the next state by direction, chunk type and present
// state; a chunk type without a row changes nothing. Columns:
//
//	NONE CLOSED COOKIE_WAIT COOKIE_ECHOED ESTABLISHED SHUTDOWN_SENT SHUTDOWN_RECD SHUTDOWN_ACK_SENT HEARTBEAT_SENT
var sctpTransitions = [2]map[uint8]*[sctpStates]uint8{
	{ // original
		chunkInit:             {aCL, aCL, aCW, aCE, aES, aCL, aCL, aSA, aCW},
		chunkInitAck:          {aCL, aCL, aCW, aCE, aES, aSS, aSR, aSA, aCL},
		chunkAbort:            {aCL, aCL, aCL, aCL, aCL, aCL, aCL, aCL, aCL},
		chunkShutdown:         {aCL, aCL, aCW, aCE, aSS, aSS, aSR, aSA, aCL},
		chunkShutdownAck:      {aSA, aCL, aCW, aCE, aES, aSA, aSA, aSA, aSA},
		chunkError:            {aCL, aCL, aCW, aCE, aES, aSS, aSR, aSA, aCL},
		chunkCookieEcho:       {aCL, aCL, aCE, aCE, aES, aSS, aSR, aSA, aCL},
		chunkCookieAck:        {aCL, aCL, aCW, aES, aES, aSS, aSR, aSA, aCL},
		chunkShutdownComplete: {aCL, aCL, aCW, aCE, aES, aSS, aSR, aCL, aCL},
		chunkHeartbeat:        {aHS, aCL, aCW, aCE, aES, aSS, aSR, aSA, aHS},
		chunkHeartbeatAck:     {aCL, aCL, aCW, aCE, aES, aSS, aSR, aSA, aHS},
	},
	{ // reply
		chunkInit:             {aIV, aCL, aCW, aCE, aES, aSS, aSR, aSA, aIV},
		chunkInitAck:          {aIV, aCW, aCW, aCE, aES, aSS, aSR, aSA, aIV},
		chunkAbort:            {aIV, aCL, aCL, aCL, aCL, aCL, aCL, aCL, aIV},
		chunkShutdown:         {aIV, aCL, aCW, aCE, aSR, aSS, aSR, aSA, aIV},
		chunkShutdownAck:      {aIV, aCL, aCW, aCE, aES, aSA, aSA, aSA, aIV},
		chunkError:            {aIV, aCL, aCW, aCL, aES, aSS, aSR, aSA, aIV},
		chunkCookieEcho:       {aIV, aCL, aCE, aCE, aES, aSS, aSR, aSA, aIV},
		chunkCookieAck:        {aIV, aCL, aCW, aES, aES, aSS, aSR, aSA, aIV},
		chunkShutdownComplete: {aIV, aCL, aCW, aCE, aES, aSS, aSR, aCL, aIV},
		chunkHeartbeat:        {aIV, aCL, aCW, aCE, aES, aSS, aSR, aSA, aHS},
		chunkHeartbeatAck:     {aIV, aCL, aCW, aCE, aES, aSS, aSR, aSA, aES},
	},
}

// sctpNext applies the table.
func sctpNext(d, chunk, state uint8) uint8 {
	row := sctpTransitions[d][chunk]
	if row == nil {
		return state
	}
	return row[state]
}
