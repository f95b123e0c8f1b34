package ct

import "nfvm/internal/hashindex"

// The index leads from the hash of (tuple, zone) to the halves of entries that have
// it. The kernel's hash buckets, which early drop asks for, are parts of the range of
// the hash.
type index struct{ *hashindex.Index }

// A halfID names one half of an entry: slot<<1 | direction.
type halfID uint32

func (h halfID) slot() uint32 { return uint32(h >> 1) }

func (x index) hash(t *Tuple, zone uint16) uint32 {
	rest := uint64(t.SrcID)<<48 | uint64(t.DstID)<<32 | uint64(t.L3)<<24 | uint64(t.L4)<<16 | uint64(zone)
	return x.Hash((*[16]byte)(&t.Src), (*[16]byte)(&t.Dst), rest)
}
