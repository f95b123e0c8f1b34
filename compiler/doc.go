// Package compiler turns the syntax tree of package lang into the bytecode that
// nft would send to the kernel, expression by expression, so that its listing
// can be compared with that of `nft --debug=netlink`.
//
// Compile runs the commands of a transaction in order over the state that they
// build (state.go, command*.go), as the kernel would. A rule goes through three
// steps: evaluation gives every expression a datatype, a byte order and a width,
// resolves names, and inserts the protocol matches that a header field implies
// (eval*.go, protocol.go); adjacent header fields are merged (merge.go); and
// linearisation allots registers and writes the expressions (lin*.go).
//
// Everything that nft or the kernel would refuse is refused here, at its place
// in the source: unknown names, types that don't fit, conflicting protocols,
// overlapping intervals, jumps that loop or go too deep, statements that a hook
// doesn't allow (check*.go). All independent mistakes are found in one run.
package compiler
