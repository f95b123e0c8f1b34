package lang

import "nfvm/diag"

// Options say where a file's surroundings come from. The zero Options reads
// includes from the file system, relative to the directory of the input.
type Options struct {
	// Sources receives all texts; nil makes a new one. Share it between the
	// files of one transaction.
	Sources *diag.Sources
	// IncludeDirs are searched in order for relative includes (-I).
	IncludeDirs []string
	// Defines are variables of the outermost scope (-D), name and value text.
	Defines []DefineOption
	// ReadFile reads an included file; nil means os.ReadFile.
	ReadFile func(name string) ([]byte, error)
	// Glob lists the files that a wildcard include means, sorted; nil means
	// filepath.Glob.
	Glob func(pattern string) ([]string, error)
	// Later leaves rules of a large text to be parsed later, see Rule.Later.
	Later bool
	// Included is the place in another source that the text was made from,
	// nowhere for a file of its own.
	Included diag.Span
}

// A DefineOption is one -D NAME=VALUE.
type DefineOption struct{ Name, Value string }
