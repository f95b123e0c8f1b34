package vm

import (
	"encoding/binary"
	"fmt"

	"nfvm/nf"
	"nfvm/packet"
	"nfvm/xt"
)

// xtNPT translates the prefix of an address and adjusts another word of it so
// that no checksum has to change (RFC 6296).
type xtNPT struct {
	xt.NPT
	adjustment uint16
	at, other  int // of the address, and of that in the packet that an error is about
}

// Places of the addresses in an IPv6 header.
const (
	srcAt6 = 8
	dstAt6 = 24
)

func loadSNPT(_ *loader, info []byte) (xtTarget, error) { return loadNPT(info, srcAt6, dstAt6) }

func loadDNPT(_ *loader, info []byte) (xtTarget, error) { return loadNPT(info, dstAt6, srcAt6) }

func loadNPT(info []byte, at, other int) (xtTarget, error) {
	t := &xtNPT{at: at, other: other}
	if err := xt.Decode(info, &t.NPT); err != nil {
		return nil, err
	}
	if t.SrcLen > 64 || t.DstLen > 64 {
		return nil, fmt.Errorf("prefixes of %d and %d bits", t.SrcLen, t.DstLen)
	}
	t.adjustment = packet.Fold(packet.Sum16(t.Src[:]) + uint32(^packet.Fold(packet.Sum16(t.Dst[:]))))
	return t, nil
}

// target translates the address. One that can't be translated is answered with
// a parameter problem. The packet that an ICMPv6 error quotes is translated, too.
func (t *xtNPT) target(m *Machine) nf.Verdict {
	b := m.p.IP()
	if m.p.EtherType != nf.EtherTypeIPv6 || len(b) < packet.IPv6Size {
		return nf.Continue
	}
	if !t.translate(b[t.at:]) {
		m.env.HeaderProblem(m.p, m.hook, uint32(t.at))
		return nf.Drop
	}
	const quote = packet.IPv6Size + 8
	if b[6] != nf.ProtoICMPv6 || len(b) < quote+packet.IPv6Size || b[packet.IPv6Size] < 1 || b[packet.IPv6Size] > 4 {
		return nf.Continue
	}
	if a := b[quote+t.other:]; samePrefix(a, t.Src[:], int(t.SrcLen)) {
		t.translate(a)
	}
	return nf.Continue
}

// samePrefix compares the leading bits of an address with a prefix.
func samePrefix(a, prefix []byte, n int) bool {
	for i := 0; i < n; i += 8 {
		if mask := byte(0xff) << max(8-(n-i), 0); a[i/8]&mask != prefix[i/8] {
			return false
		}
	}
	return true
}

// translate writes the prefix, and then changes the word behind the first 48
// bits, or the first one of the interface identifier that has a zero bit: false
// if there is none.
func (t *xtNPT) translate(a []byte) bool {
	n := int(max(t.SrcLen, t.DstLen))
	for i := 0; i < n; i += 8 {
		keep := byte(0xff) >> min(n-i, 8)
		a[i/8] = a[i/8]&keep | t.Dst[i/8]&^keep
	}
	word := 3
	if n > 48 {
		for word = 4; word < 8 && a[2*word] == 0xff && a[2*word+1] == 0xff; word++ {
		}
		if word == 8 {
			return false
		}
	}
	sum := packet.Fold(uint32(binary.BigEndian.Uint16(a[2*word:])) + uint32(t.adjustment))
	if sum == 0xffff {
		sum = 0
	}
	binary.BigEndian.PutUint16(a[2*word:], sum)
	return true
}
