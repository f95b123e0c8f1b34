// Package set holds the search structures behind nf_tables sets: they find the
// number of an element by its key, and nothing else. What an element carries
// (data, timeouts, counters) is kept by package vm in slices indexed by that
// number.
//
// Hash finds exact keys and may change while packets flow; Intervals finds the
// one of many disjoint intervals that holds a key; Ranges does the same for
// concatenations of which each field is a range. A search never allocates.
//
// Keys are compared as the kernel compares registers: as strings of bytes, of
// which the first is the most significant.
package set

// None is the number that a search without result gives.
const None int32 = -1

// An Index finds the element that a key belongs to.
type Index interface {
	// Find gives the element's number, or None. The key has the length that the
	// index was made for.
	Find(key []byte) int32
}
