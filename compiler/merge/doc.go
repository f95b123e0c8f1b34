// Package merge makes one rule of several that stand one behind another and differ
// only in what they compare the same fields with, as nft -o does:
//
//	tcp dport 22 accept
//	tcp dport 80 accept         tcp dport { 22, 80 } accept
//
//	ip saddr 10.0.0.1 accept
//	ip saddr 10.0.0.2 drop      ip saddr vmap { 10.0.0.1 : accept, 10.0.0.2 : drop }
//
// Several fields become a concatenation. What is merged decides every packet as
// before. Counters of merged rules become one, or one for each element of a verdict
// map.
//
// nft merges more, at times wrongly. Left alone are here:
//   - bits that are compared (tcp flags, ct status …), where one test asks for some
//     of the bits and a set for exactly these; of ct state only one bit is ever set,
//     so it may be merged;
//   - rules with different comments, which nft loses;
//   - values that overlap, unless the rules end with the same verdict;
//   - a jump among other verdicts, where some rule of the ruleset changes packets;
//   - statements other than log without regard to the order of statements and tests:
//     tests come first;
//   - fields other than those of headers, meta and ct; masks; translations with an
//     address; verdict maps.
package merge
