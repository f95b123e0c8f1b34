// Package nftsuite compares nfvm with nft's own tests: the files below tests/ of
// the nftables source tree, which is not part of this repository.
//
//	git clone git://git.netfilter.org/nftables
//	go test ./conformance/nftsuite -nftables $PWD/nftables -v
//
// It reads two kinds of them.
//
// A rule file, tests/py/FAMILY/NAME.t, has rules, the tables and chains to try
// them in, and whether nft takes them. Beside it NAME.t.payload and
// NAME.t.payload.FAMILY hold the bytecode of each rule, NAME.t.json the rule as
// JSON and NAME.t.json.output the JSON that nft prints where that is another.
// For every rule, family and chain are compared: whether it is taken; its
// bytecode; its text; the bytecode of that text; the bytecode of its JSON; the
// JSON printed.
//
// A dump, tests/shell/testcases/*/dumps/NAME.nft, is what nft list ruleset prints
// after a test, and NAME.json-nft what nft -j prints. A dump must compile and be
// printed as it is, in both languages, and the JSON must be the same ruleset.
//
// Directories of whole rulesets with their listings, and of dumps of iptables-save,
// are compared by TestRulesets and TestIptables (-rulesets DIR, -iptables DIR;
// docs/nft-versions.md says what they hold).
//
// Differences that are meant stand in exceptions.txt, each with its reason; an
// exception that no longer applies is an error. Small trees of our own, in
// testdata, are compared without the flags.
package nftsuite
