// Package optimize annotates a compiled program so that it runs faster. The
// rules themselves stay exactly nft's bytecode, and no packet, counter, trace or
// listing shows a difference: annotations (bytecode.Dispatch, Rule.Skip) only say
// what need not be looked at, and a program is not run before they are proved.
//
// A pass is a file and a line in Passes.
package optimize
