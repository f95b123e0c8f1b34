//go:build linux

package guard

import (
	"encoding/binary"

	"nfvm/nf"
	"nfvm/packet"
)

// leftSum tells whether the checksum of a frame is left to a device: a frame that
// a program on the same machine sends by a veth has only the sum of the pseudo
// header where the checksum belongs, and AF_XDP does not say so. A frame whose
// whole checksum happens to be that same sum is summed again, to the same. SCTP,
// whose checksum is no sum, is completed at once: one that was left is 0.
func leftSum(frame []byte) (o Offload) {
	var p packet.Packet
	p.Reset(frame, true)
	if p.ParseEther() != packet.OK || p.CheckIP() != packet.OK || p.FragOffset != 0 || p.MoreFrags {
		return o
	}
	l4 := p.L4()
	if p.Proto == nf.ProtoSCTP && len(l4) >= 12 && binary.BigEndian.Uint32(l4[8:]) == 0 {
		packet.SetSCTPChecksum(l4)
		return o
	}
	at := packet.L4SumOffset(p.Family, p.Proto)
	if at < 0 || len(l4) < at+2 || p.Proto != nf.ProtoTCP && p.Proto != nf.ProtoUDP {
		return o
	}
	src, dst := p.Src(), p.Dst()
	if binary.BigEndian.Uint16(l4[at:]) != packet.Fold(packet.PseudoSum(p.Family, &src, &dst, p.Proto, len(l4))) {
		return o
	}
	return Offload{Flags: NeedsCsum, CsumStart: uint16(p.Network + p.Transport), CsumOffset: uint16(at)}
}

// sum does the checksum of a frame that was left to a device.
func (o *Offload) sum(frame []byte) {
	start, at := int(o.CsumStart), int(o.CsumStart)+int(o.CsumOffset)
	if o.Flags&NeedsCsum == 0 || len(frame) < at+2 {
		return
	}
	sum := packet.Checksum(frame[start:]) // over the sum of the pseudo header
	if sum == 0 {
		sum = 0xffff // as UDP has it; for TCP it is as good
	}
	binary.BigEndian.PutUint16(frame[at:], sum)
}
