package synproxy

import "nfvm/packet"

// Reply is a segment back to who sent another one.
func Reply(p *packet.Packet, t packet.TCP) packet.Segment {
	return packet.Segment{Family: p.Family, Src: p.Dst(), Dst: p.Src(), SrcPort: [2]byte(t[2:4]), DstPort: [2]byte(t[:2])}
}

// Onward is a segment from who sent another one to the same place.
func Onward(p *packet.Packet, t packet.TCP) packet.Segment {
	return packet.Segment{Family: p.Family, Src: p.Src(), Dst: p.Dst(), SrcPort: [2]byte(t[:2]), DstPort: [2]byte(t[2:4])}
}
