// Package listing turns bytecode back into the nft language, as `nft list
// ruleset` prints it and, as JSON, as `nft -j list ruleset`.
//
// A rule is evaluated symbolically: a register holds not bytes but the
// expression that put them there (delinearize.go), so that a comparison becomes
// `left op right` and a lookup becomes `left @set`. A second step, again as nft
// does it, gives header fields their names by what the rule matched before,
// takes masks and shifts back into the fields smaller than a byte, and drops
// the matches that a later field implies: `meta l4proto tcp` before `tcp
// dport 22` was the compiler's and is not printed (context.go, field.go).
// What remains is printed as text or as JSON (print*.go, json*.go).
//
// Nothing here fails: what nft would not have generated is printed in its raw
// form (@th,16,16, @nh,0,8 & 0xf0).
package listing
