// Package features is the table of what nfvm supports, feature by feature.
//
// A feature is a line of the inventory of the nftables language: L lexical
// structure and commands, F families and hooks, D data types, M meta keys,
// E other primary expressions, C ct keys, P payload, X extension headers and
// options, O operators, I implicit dependencies, S statements, T sets and maps,
// B objects and flowtables, K connection tracking, N NAT, A iptables, U command
// line.
//
// Nobody fills the table in by hand. testdata holds probes: a ruleset, the
// features it uses and what has to come of it, a listing recorded from nft or a
// refusal. The test of this package compiles them, compares, loads them into
// the engine, and writes table/*.tsv, which `nftc features` prints.
package features
