package nat

import (
	"encoding/binary"
	"math/bits"

	"nfvm/ct"
	"nfvm/packet"
)

// chooseAddr puts an address of the range into t. Which one depends on the
// source, and unless the range is persistent on the destination and the zone,
// by a hash without secret (find_best_ips_proto): a client gets the same
// address each time, and anyone can predict it.
func (r *Range) chooseAddr(t *ct.Tuple, m Manip, zone uint16) {
	if r.Flags&FlagMapIPs == 0 {
		return
	}
	addr := &t.Src
	if m == Dst {
		addr = &t.Dst
	}
	if r.MinAddr == r.MaxAddr {
		*addr = r.MinAddr
		return
	}
	last := 0
	if t.L3 != 2 {
		last = 3
	}
	persistent := r.Flags&FlagPersistent != 0
	var seed uint32
	if !persistent {
		seed = word(&t.Dst, last) ^ uint32(zone)
	}
	h := hashAddr(&t.Src, seed)
	whole := false // an earlier word is below the maximum: the rest is free
	for i := 0; i <= last; i++ {
		low, span := uint32(0), ^uint32(0)
		if !whole {
			low = binary.BigEndian.Uint32(r.MinAddr[4*i:])
			span = binary.BigEndian.Uint32(r.MaxAddr[4*i:]) - low + 1
		}
		scaled, _ := bits.Mul32(h, span)
		binary.BigEndian.PutUint32(addr[4*i:], low+scaled)
		whole = whole || word(addr, i) != word(&r.MaxAddr, i)
		if !persistent {
			h ^= word(&t.Dst, i) // for dnat the word just written
		}
	}
}

// word is 32 bits of an address as a little-endian machine loads them.
func word(a *packet.Addr, i int) uint32 { return binary.LittleEndian.Uint32(a[4*i:]) }

// hashAddr is the kernel's jhash2, Bob Jenkins' lookup3, over the four words
// of an address.
func hashAddr(addr *packet.Addr, seed uint32) uint32 {
	a := 0xdeadbeef + uint32(4<<2) + seed
	b, c := a, a
	a, b, c = a+word(addr, 0), b+word(addr, 1), c+word(addr, 2)
	a, b, c = mix(a, b, c)
	return final(a+word(addr, 3), b, c)
}

func mix(a, b, c uint32) (uint32, uint32, uint32) {
	a = (a - c) ^ bits.RotateLeft32(c, 4)
	c += b
	b = (b - a) ^ bits.RotateLeft32(a, 6)
	a += c
	c = (c - b) ^ bits.RotateLeft32(b, 8)
	b += a
	a = (a - c) ^ bits.RotateLeft32(c, 16)
	c += b
	b = (b - a) ^ bits.RotateLeft32(a, 19)
	a += c
	c = (c - b) ^ bits.RotateLeft32(b, 4)
	b += a
	return a, b, c
}

func final(a, b, c uint32) uint32 {
	c = (c ^ b) - bits.RotateLeft32(b, 14)
	a = (a ^ c) - bits.RotateLeft32(c, 11)
	b = (b ^ a) - bits.RotateLeft32(a, 25)
	c = (c ^ b) - bits.RotateLeft32(b, 16)
	a = (a ^ c) - bits.RotateLeft32(c, 4)
	b = (b ^ a) - bits.RotateLeft32(a, 14)
	return (c ^ b) - bits.RotateLeft32(b, 24)
}
