package nf

// A CTInfo is a packet's relation to its conntrack entry (enum
// ip_conntrack_info).
type CTInfo uint8

const (
	CTEstablished      CTInfo = 0
	CTRelated          CTInfo = 1
	CTNew              CTInfo = 2
	CTEstablishedReply CTInfo = 3
	CTRelatedReply     CTInfo = 4
	CTUntracked        CTInfo = 7
)

// Dir is the direction of a packet within its connection.
type Dir uint8

const (
	DirOriginal Dir = 0
	DirReply    Dir = 1
)

// String gives the direction's name in the nft language.
func (d Dir) String() string {
	if d == DirOriginal {
		return "original"
	}
	return "reply"
}

// Dir gives the direction of a packet that has an entry.
func (i CTInfo) Dir() Dir {
	if i == CTEstablishedReply || i == CTRelatedReply {
		return DirReply
	}
	return DirOriginal
}

// Bits of `ct state`.
const (
	CTStateInvalid     uint32 = 1
	CTStateEstablished uint32 = 2
	CTStateRelated     uint32 = 4
	CTStateNew         uint32 = 8
	CTStateUntracked   uint32 = 64
)

// StateBit gives the `ct state` bit of a packet with an entry.
func (i CTInfo) StateBit() uint32 {
	if i == CTUntracked {
		return CTStateUntracked
	}
	return 1 << (uint32(i)%3 + 1)
}

// CTStateName names one `ct state` bit as nft does.
func CTStateName(bit uint32) string {
	switch bit {
	case CTStateInvalid:
		return "invalid"
	case CTStateEstablished:
		return "established"
	case CTStateRelated:
		return "related"
	case CTStateNew:
		return "new"
	case CTStateUntracked:
		return "untracked"
	}
	return "unknown"
}

// CTStatus holds the status bits of an entry (IPS_).
type CTStatus uint32

const (
	CTStatusExpected     CTStatus = 1 << 0
	CTStatusSeenReply    CTStatus = 1 << 1
	CTStatusAssured      CTStatus = 1 << 2
	CTStatusConfirmed    CTStatus = 1 << 3
	CTStatusSrcNAT       CTStatus = 1 << 4
	CTStatusDstNAT       CTStatus = 1 << 5
	CTStatusSeqAdjust    CTStatus = 1 << 6
	CTStatusSrcNATDone   CTStatus = 1 << 7
	CTStatusDstNATDone   CTStatus = 1 << 8
	CTStatusDying        CTStatus = 1 << 9
	CTStatusFixedTimeout CTStatus = 1 << 10
	CTStatusTemplate     CTStatus = 1 << 11
	CTStatusNATClash     CTStatus = 1 << 12
	CTStatusHelper       CTStatus = 1 << 13
	CTStatusOffload      CTStatus = 1 << 14
)
