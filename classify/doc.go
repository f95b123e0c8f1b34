// Package classify says which rules of a chain a packet can match, without
// running them: packet classification over nf_tables expressions.
//
// A rule is read up to its first effect: the loads, the computations on them and
// the tests. Registers are followed byte by byte (registers), so that each test
// becomes a demand on bits of what was loaded, and a rule a few ternary patterns
// (bits that must be 0, 1, or anything). Patterns only ever leave demands out,
// so that a packet which fits no pattern of a rule can't match the rule.
//
// An Index holds the patterns of a run of rules by tuple space search
// (Srinivasan, Suri, Varghese, 1999): patterns with the same mask share a hash
// table, and a packet's key is masked and looked up once for each mask. It gives
// the rules that are worth a look, in their order; all tests of those are still
// run. What it is built from are the rules themselves, so that no annotation of
// a program can make it wrong.
//
// Check proves that expressions which a program marks as redundant are.
package classify
