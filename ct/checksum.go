package ct

import (
	"encoding/binary"

	"nfvm/nf"
	"nfvm/packet"
)

// sumOK verifies the internet checksum over the first cover bytes of the
// transport part and a pseudo header with the given protocol. The length in the
// pseudo header is what IP says. ICMP over IPv4 has no pseudo header.
func (h *header) sumOK(proto uint8, cover int) bool {
	if proto == nf.ProtoICMP {
		h.summed = packet.Checksum(h.l4) == 0
		return h.summed
	}
	var src, dst packet.Addr
	h.addrs(&src, &dst)
	sum := packet.PseudoSum(h.family, &src, &dst, proto, len(h.l4))
	h.summed = packet.Fold(sum+packet.Sum16(h.l4[:cover])) == 0xffff
	return h.summed
}

// sctpSumOK verifies the CRC32c of an SCTP packet (RFC 9260, appendix A).
func (h *header) sctpSumOK() bool {
	return packet.SCTPChecksum(h.l4) == binary.LittleEndian.Uint32(h.l4[8:])
}

// addrs reads the addresses of the network header.
func (h *header) addrs(src, dst *packet.Addr) {
	if h.family == nf.FamilyIPv4 {
		copy(src[:4], h.ip[12:16])
		copy(dst[:4], h.ip[16:20])
		return
	}
	copy(src[:], h.ip[8:24])
	copy(dst[:], h.ip[24:40])
}
