package nf

import "fmt"

// A Verdict is what becomes of a packet. The zero Verdict is Drop, so that
// forgetting to decide never lets a packet through.
type Verdict int32

// Verdict codes of the hooks (NF_) and of rule evaluation (NFT_).
const (
	Drop     Verdict = 0
	Accept   Verdict = 1
	Stolen   Verdict = 2
	Queue    Verdict = 3
	Continue Verdict = -1
	Break    Verdict = -2
	Jump     Verdict = -3
	Goto     Verdict = -4
	Return   Verdict = -5
)

// String gives the verdict's name in the nft language.
func (v Verdict) String() string {
	switch v {
	case Drop:
		return "drop"
	case Accept:
		return "accept"
	case Stolen:
		return "stolen"
	case Queue:
		return "queue"
	case Continue:
		return "continue"
	case Break:
		return "break"
	case Jump:
		return "jump"
	case Goto:
		return "goto"
	case Return:
		return "return"
	}
	return fmt.Sprintf("verdict(%d)", int32(v))
}
