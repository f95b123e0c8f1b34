// Package vm runs bytecode on packets.
//
// Load lowers a verified bytecode.Program into a Ruleset: each rule becomes an
// array of small instructions, sets are bound to their indexes, jumps to their
// chains, loads are fused with the comparison that follows. None of this can be
// seen from outside; Options.Plain turns the fusing off, and a test compares.
//
// A Machine evaluates one base chain for one packet (Run), by the rules of the
// kernel's nft_do_chain: registers, verdicts, jumps, and the small print of each
// expression. It asks its Env for everything that is neither rule nor packet:
// the time, random numbers, the connection table, address translation, routes,
// and the answers that reject sends. It never allocates for a packet that adds
// nothing to a set.
//
// The code of a Ruleset never changes; what packets change (counters, limits,
// quotas, elements of sets) is kept beside it, and a new Ruleset takes over what
// keeps its name (Options.Prev). A Ruleset is used by one goroutine at a time,
// or by machines of several that know of each other (Beside).
package vm
