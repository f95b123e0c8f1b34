// Command nftc compiles nft rulesets to rules.bin for nfvm, or only checks
// them, or prints what nft would send to the kernel.
//
//	nftc rules.nft -o rules.bin      compile; several files are one transaction
//	nftc -c rules.nft                check only
//	nftc --debug=netlink rules.nft   print every set and rule as bytecode
//	nftc list rules.bin              print the ruleset as nft list ruleset
//	nftc dump rules.bin              print the bytecode of a compiled file
//	nftc fmt -w rules.nft            lay rules out, comments kept
//	nftc describe tcp flags          print what a field, a key or a datatype is
//
// Mistakes are printed as nft prints them, all of them in one run; then the
// exit status is 1 and nothing is written.
package main
