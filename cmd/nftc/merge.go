package main

import (
	"io"

	"nfvm/compiler"
	"nfvm/compiler/merge"
	"nfvm/diag"
)

// compileMerged compiles texts with rules merged (nft's -o) and tells which. A
// ruleset that can't be compiled so, for instance because values overlap in a way
// that no set can hold, is compiled as it is.
func compileMerged(o *options, copt compiler.Options, in []input, std streams) (*compiler.Result, error) {
	plain := copt
	plain.Consume = false
	res, all, _ := compileOnce(o, plain, in, false)
	if err := reported(&all, o, std); err != nil {
		return res, err
	}
	merged, found, sources := mergeAll(o, copt, in)
	if merged == nil {
		return res, nil
	}
	var rules io.Writer = std.err
	if o.check {
		rules = std.out
	}
	return merged, merge.Report(std.err, rules, found, sources)
}

// mergeAll merges the rules of texts that compile, and compiles what comes of it;
// the result is nil if that fails.
func mergeAll(o *options, copt compiler.Options, in []input) (*compiler.Result, []merge.Merging, *diag.Sources) {
	files, all, _ := parseAll(o, in, false)
	var found []merge.Merging
	for _, f := range files {
		found = append(found, merge.Rules(f, copt)...)
	}
	res, list := compiler.Compile(files, copt)
	if list.HasErrors() {
		return nil, nil, nil
	}
	return res, found, all.Sources
}
