//go:build linux

package guard

import (
	"encoding/binary"
	"unsafe"
)

// An Offload says what of a frame the kernel has put off: struct virtio_net_hdr
// of linux/virtio_net.h, in the host's byte order. The zero Offload is a frame
// with nothing put off and nothing known.
type Offload struct {
	Flags   uint8
	GSOType uint8
	HdrLen  uint16 // bytes of all headers
	GSOSize uint16 // payload bytes of each segment
	// CsumStart and CsumOffset place the checksum to be summed, in bytes: sum
	// from CsumStart, put the sum at CsumStart+CsumOffset.
	CsumStart, CsumOffset uint16
}

// Flags and types of segmentation.
const (
	NeedsCsum = 1 // the checksum field holds the sum of the pseudo header only
	DataValid = 2 // the checksum has been verified

	GSONone  = 0
	GSOTCPv4 = 1
	GSOUDP   = 3
	GSOTCPv6 = 4
	GSOUDPL4 = 5
	GSOECN   = 0x80
)

const offloadSize = int(unsafe.Sizeof(Offload{}))

func (o *Offload) read(b []byte) {
	*o = Offload{
		Flags: b[0], GSOType: b[1],
		HdrLen: binary.NativeEndian.Uint16(b[2:]), GSOSize: binary.NativeEndian.Uint16(b[4:]),
		CsumStart: binary.NativeEndian.Uint16(b[6:]), CsumOffset: binary.NativeEndian.Uint16(b[8:]),
	}
}

// shift takes n bytes off the front of the frame that o is about.
func (o *Offload) shift(n uint16) {
	if o.Flags&NeedsCsum != 0 {
		o.CsumStart -= n
	}
	o.HdrLen -= min(n, o.HdrLen)
}
