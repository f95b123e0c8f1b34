//go:build linux

package guard

import "encoding/binary"

// A Meta is what the host knows of a packet that it sends.
type Meta struct {
	Mark, Priority uint32
	// UID is the owner of the socket, NoUID if there is none.
	UID uint32
	// From is the index of the interface that the packet came by, 0 if the host
	// itself made it.
	From int
}

// NoUID stands for the owner of a packet that belongs to no socket
// (net.core overflowuid).
const NoUID = 65534

// Where the fields lie before a frame, in bytes, in the host's byte order. Until
// the frame is read the kernel takes the Meta for an Ethernet header, so it has an
// EtherType that means nothing (IEEE 802, local experimental 1).
const (
	metaMark     = 0
	metaPriority = 4
	metaUID      = 8
	metaType     = 12
	metaFrom     = 16
	metaSize     = 20

	metaEtherType = 0x88b5
)

func readMeta(b []byte) Meta {
	return Meta{
		Mark:     binary.NativeEndian.Uint32(b[metaMark:]),
		Priority: binary.NativeEndian.Uint32(b[metaPriority:]),
		UID:      binary.NativeEndian.Uint32(b[metaUID:]),
		From:     int(binary.NativeEndian.Uint32(b[metaFrom:])),
	}
}
