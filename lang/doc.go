// Package lang reads the nft language: text in, a syntax tree with positions
// and a list of diagnostics out.
//
// The tree says what was written, not what it means: a bare word stays a
// Symbol, a selector such as `tcp dport` is a Payload that holds two words, and
// whether the header, the field, the set or the chain exists is for the
// compiler to say. Two things are done here because they depend on the order of
// the text: includes are read in place, and variables are bound to their
// definitions (VarRef.Def), in nft's scopes.
//
// Commands stand in a File in source order; a table block stays nested. Input
// that is not in the language gives errors in nft's words at nft's places, one
// for each broken statement: the parser goes on behind it.
package lang
