package ct

import "nfvm/nf"

// Sizes in bytes (RFC 9260, section 3), and the flag of ABORT and
// SHUTDOWN_COMPLETE by which a sender without an association says that it
// reflects the tag it received.
const (
	sctpHeaderSize = 12
	chunkSize      = 4
	initSize       = 16 // the fixed part of INIT and INIT_ACK, after the header
	flagT          = 1
)

// An sctpMessage is a packet under examination.
type sctpMessage struct {
	tag    uint32 // verification tag
	chunks []byte
	types  [4]uint64 // chunk types present, as bits
	// ignore says that the packet is let through without prolonging the life
	// of the entry.
	ignore bool
}

func (m *sctpMessage) has(typ uint8) bool { return m.types[typ/64]&(1<<(typ%64)) != 0 }

// nextChunk gives the chunks after the first one, nil when it is the last.
func nextChunk(b []byte) []byte {
	step := (int(be.Uint16(b[2:])) + 3) &^ 3
	if step == 0 || step >= len(b) {
		return nil
	}
	return b[step:]
}

// survey notes the types of the chunks. It refuses a packet without chunks, a
// chunk of length zero, and chunks in places where they must not be.
func (m *sctpMessage) survey() bool {
	alone, n := false, 0
	for rest := m.chunks; len(rest) >= chunkSize; rest = nextChunk(rest) {
		typ := rest[0]
		if be.Uint16(rest[2:]) == 0 {
			return false
		}
		if typ == chunkInit || typ == chunkInitAck || typ == chunkShutdownComplete {
			alone = true
		}
		if n > 0 && (alone || typ == chunkCookieAck || typ == chunkCookieEcho) {
			return false
		}
		m.types[typ/64] |= 1 << (typ % 64)
		n++
	}
	return n > 0
}

// ownTagRule reports whether the packet has a chunk with its own rule for the
// verification tag (RFC 9260, 8.5.1).
func (m *sctpMessage) ownTagRule() bool {
	for _, typ := range [...]uint8{
		chunkInit, chunkShutdownComplete, chunkCookieEcho, chunkAbort,
		chunkShutdownAck, chunkHeartbeat, chunkHeartbeatAck,
	} {
		if m.has(typ) {
			return true
		}
	}
	return false
}

// begin starts the record of a new association, unless the packet can't be
// its first.
func (a *SCTP) begin(m *sctpMessage) bool {
	if m.has(chunkAbort) || m.has(chunkShutdownComplete) || m.has(chunkCookieAck) {
		return false
	}
	*a = SCTP{}
	for rest := m.chunks; len(rest) >= chunkSize; rest = nextChunk(rest) {
		switch next := sctpNext(uint8(nf.DirOriginal), rest[0], SCTPNone); next {
		case SCTPNone, sctpInvalid:
			return false
		}
		switch rest[0] {
		case chunkInit:
			if m.tag != 0 || len(rest) < chunkSize+initSize {
				return false
			}
			a.Tags[nf.DirReply] = be.Uint32(rest[chunkSize:])
		case chunkHeartbeat:
			a.Tags[nf.DirOriginal] = m.tag
		case chunkShutdownAck:
			a.Tags[nf.DirReply] = m.tag
		}
	}
	return true
}

// checkTag applies a chunk's own rule for the verification tag. skip means
// that the chunk has no effect.
func (a *SCTP) checkTag(d nf.Dir, m *sctpMessage, typ, flags uint8) (ok, skip bool) {
	own, peer := &a.Tags[d], &a.Tags[1-d]
	switch typ {
	case chunkInit:
		return m.tag == 0, false
	case chunkAbort, chunkShutdownComplete:
		if flags&flagT != 0 {
			return m.tag == *peer, false
		}
		return m.tag == *own, false
	case chunkCookieEcho:
		return m.tag == *own, false
	case chunkCookieAck:
		a.init = [2]bool{}
		return true, false
	case chunkHeartbeat, chunkHeartbeatAck:
		switch {
		case *own == 0:
			*own = m.tag
		case m.tag == *own:
			a.failed = false
		case m.has(chunkData) || m.ignore:
			return false, false
		case typ == chunkHeartbeat:
			// Maybe the tag changed; the answer will tell.
			a.failed, a.lastDir, m.ignore = true, uint8(d), true
			return true, true
		case !a.failed || a.lastDir == uint8(d):
			return false, false
		default:
			a.failed, *own, *peer = false, m.tag, 0
		}
	}
	return true, false
}

// noteInit takes the tag that an INIT or INIT_ACK announces.
func (a *SCTP) noteInit(d nf.Dir, chunk []byte) bool {
	typ, peer := chunk[0], &a.Tags[1-d]
	if typ != chunkInit && typ != chunkInitAck {
		return true
	}
	if len(chunk) < chunkSize+initSize {
		return false
	}
	tag := be.Uint32(chunk[chunkSize:])
	if tag == *peer && a.State != SCTPNone {
		return true // known already, or a stale or forged INIT
	}
	if typ == chunkInit {
		if a.init[d] && a.init[1-d] {
			a.init[1-d] = false
		}
		a.init[d] = true
	} else if !a.init[1-d] && *peer != 0 || a.init[d] && a.init[1-d] {
		return false
	}
	*peer = tag
	return true
}
