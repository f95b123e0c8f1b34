package xt

// STPRange is a range of 16 bits; STPAddr an address under a mask.
type (
	STPRange struct{ Low, High uint16 }
	STPAddr  struct{ Addr, Mask [6]byte }
)

// STP is struct ebt_stp_info: fields of a message of IEEE 802.1D.
type STP struct {
	Type, _            uint8
	_                  [2]byte
	Flags, _           uint8
	RootPrio           STPRange
	RootAddr           STPAddr
	_                  [2]byte
	RootCost           struct{ Low, High uint32 }
	SenderPrio         STPRange
	SenderAddr         STPAddr
	Port               STPRange
	MsgAge, MaxAge     STPRange
	HelloTime, Forward STPRange
	Match, Invert      uint16
}

// Bits of STP.Match and STP.Invert.
const (
	STPType = 1 << iota
	STPFlags
	STPRootPrio
	STPRootAddr
	STPRootCost
	STPSenderPrio
	STPSenderAddr
	STPPort
	STPMsgAge
	STPMaxAge
	STPHelloTime
	STPForward
)

// LLC is struct ebt_802_3_info; Type is in network order.
type LLC struct {
	SAP, _        uint8
	Type          [2]byte
	Match, Invert uint8
}

// Bits of LLC.Match and LLC.Invert.
const (
	LLCSAP = 1 << iota
	LLCType
)

// FrameMAC is struct ebt_arpreply_info and struct ebt_nat_info: an address, and
// the verdict.
type FrameMAC struct {
	MAC    [6]byte
	_      [2]byte
	Target int32
}

// Verdicts of FrameMAC.Target; the other bits of a verdict are on, too. Without
// SnatARP, snat writes into ARP packets as well.
const (
	EbtAccept = -1 - iota
	EbtDrop
	EbtContinue
	EbtReturn

	EbtVerdict = 0x0f
	SnatARP    = 0x10
)
