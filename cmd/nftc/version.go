package main

import (
	"fmt"
	"runtime/debug"

	"nfvm/bytecode"
)

// language is the nft whose language is compiled.
const language = "1.1.4"

// packaged is the version of a package, set when it is built.
var packaged string

// printVersion prints the version; -V adds what it reads and writes.
func printVersion(o *options, std streams) error {
	version := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	if packaged != "" {
		version = packaged
	}
	if _, err := fmt.Fprintf(std.out, "nftc (nfvm) %s\n", version); err != nil || !o.build {
		return err
	}
	_, err := fmt.Fprintf(std.out, "  language:\tnft %s\n  json:\t\tyes\n  rules.bin:\tformat %d\n", language, bytecode.FormatVersion)
	return err
}
