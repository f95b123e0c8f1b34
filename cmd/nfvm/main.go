// Nfvm is the packet filter of a Linux host as a program: it replays a capture
// through an nft ruleset and says, to the byte, what the kernel would have done.
//
// This directory is flags, files and wiring; what is worth testing by itself
// lives in packages replay, netfilter and host.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"syscall"

	"nfvm/diag"
)

// A terminal is the program's standard streams.
type streams struct {
	in       io.Reader
	out, err *os.File
}

func main() {
	os.Exit(run(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// run executes the command and gives the exit status: 0, or 1 with a message.
func run(args []string, std streams) int {
	if len(args) > 0 && args[0] == "snapshot" {
		return status(snapshot(args[1:], std), std)
	}
	if words := command(args); words != nil {
		return clientStatus(runClient(words, std), std)
	}
	o, err := parseOptions(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(std.out, helpText)
		return 0
	case err != nil:
		fmt.Fprintf(std.err, "nfvm: %v\nTry 'nfvm --help'.\n", err)
		return 1
	case o.version:
		fmt.Fprintln(std.out, version())
		return 0
	}
	if o.pcap == "" {
		return status(guardHost(o, std), std)
	}
	return status(replayCapture(o, std), std)
}

// status prints an error the way its kind asks for. Diagnostics of a ruleset
// carry their own place.
func status(err error, std streams) int {
	var diags *diag.List
	switch {
	case err == nil:
		return 0
	case errors.As(err, &diags):
		fmt.Fprint(std.err, diags.String())
	case errors.Is(err, syscall.EPIPE): // whoever read our output has seen enough
	default:
		fmt.Fprintf(std.err, "nfvm: %v\n", err)
	}
	return 1
}
