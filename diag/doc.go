// Package diag holds what a compiler wants to tell about its input: where
// (Span), how bad (Severity), what (Message), and which other places explain it
// (Notes).
//
// A Span is two offsets into one address space that all sources of a run share
// (Sources, in the manner of go/token): eight bytes a syntax node, and lines
// and columns are worked out only for the few places that are shown. Columns
// count bytes from 1, a tab is one column, as nft counts.
//
// A List renders as nft prints errors: location, message, the source line, and
// a line of marks under it, `^` for the place itself and `~` for the places of
// the notes on the same line. It also renders as JSON.
package diag
