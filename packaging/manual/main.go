// Manual makes manual pages and completions of the help texts of programs, so that
// they are as true as those:
//
//	nfvm --help | go run ./packaging/manual man nfvm 8     a page for man(1)
//	nfvm --help | go run ./packaging/manual bash nfvm      completion for bash
package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "manual:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	help, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	var text string
	switch {
	case len(args) == 3 && args[0] == "man":
		text = manual(parse(args[1], string(help)), args[2], date())
	case len(args) == 2 && args[0] == "bash":
		text = completion(parse(args[1], string(help)))
	default:
		return fmt.Errorf("want man NAME SECTION or bash NAME, not %q", args)
	}
	_, err = io.WriteString(out, text)
	return err
}

// date is that of the sources, if it is known (reproducible-builds.org).
func date() string {
	var at int64
	if n, err := fmt.Sscan(os.Getenv("SOURCE_DATE_EPOCH"), &at); n != 1 || err != nil {
		return ""
	}
	return time.Unix(at, 0).UTC().Format(time.DateOnly)
}
