package netio

import "fmt"

// A LinkType is a capture's link-layer header type (the tcpdump.org registry).
type LinkType uint16

// Link types that nfvm reads and writes.
const (
	LinkEthernet LinkType = 1
	LinkRawBSD   LinkType = 12 // raw IP as some systems number it
	LinkRaw      LinkType = 101
	LinkIPv4     LinkType = 228
	LinkIPv6     LinkType = 229
)

// Supported reports whether frames of this type can be replayed.
func (t LinkType) Supported() bool {
	switch t {
	case LinkEthernet, LinkRaw, LinkRawBSD, LinkIPv4, LinkIPv6:
		return true
	}
	return false
}

// Ether reports whether frames of this type begin with an Ethernet header.
func (t LinkType) Ether() bool { return t == LinkEthernet }

// An Interface is one interface of a capture.
type Interface struct {
	Name    string
	Link    LinkType
	SnapLen uint32 // bytes; 0: no limit
}

// A Direction tells which way a frame crossed its interface.
type Direction uint8

const (
	DirectionUnknown Direction = iota
	DirectionInbound
	DirectionOutbound
)

// A Frame is one captured packet. Data is valid until the next read.
type Frame struct {
	Number    int   // from 1, as Wireshark counts
	Interface int   // index of the interface
	Time      int64 // nanoseconds since the epoch
	Data      []byte
	OrigLen   int // bytes on the wire; larger than len(Data) when cut
	Direction Direction
	Comment   string
}

// A DamageError says where a capture stops making sense. Frames read before it
// are good.
type DamageError struct {
	Offset int64 // bytes from the start of the file
	Reason string
}

// Error names the place and the reason.
func (e *DamageError) Error() string {
	return fmt.Sprintf("capture damaged at byte %d: %s", e.Offset, e.Reason)
}
