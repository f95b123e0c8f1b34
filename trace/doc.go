// Package trace tells a packet's journey through the rules: which rules it
// matched, what they decided, where a policy decided instead.
//
// The events are those of the kernel's nf_tables tracing: an event for each
// rule that a traced packet matched to its end and one where a base chain's
// policy applies. With the first event of each base chain comes the packet, as
// the headers that the kernel would send along. A Writer prints them as `nft
// monitor trace` does, a JSONWriter as one object a line, and an Explainer as
// sentences for people.
package trace
