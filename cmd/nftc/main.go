package main

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// streams are where a run reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// errReported is a failure whose message has been printed.
var errReported = errors.New("reported")

func main() {
	os.Exit(run(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// run does what the command line says and gives the exit status.
func run(args []string, std streams) int {
	var err error
	switch {
	case len(args) > 0 && args[0] == "list":
		err = listCommand(args[1:], std)
	case len(args) > 0 && args[0] == "dump":
		err = dumpCommand(args[1:], std)
	case len(args) > 0 && args[0] == "fmt":
		err = fmtCommand(args[1:], std)
	case len(args) > 0 && args[0] == "describe":
		err = describeCommand(args[1:], std)
	case len(args) > 0 && args[0] == "features":
		err = featuresCommand(args[1:], std)
	default:
		err = compileCommand(args, std)
	}
	if err == nil {
		return 0
	}
	if !errors.Is(err, errReported) {
		fmt.Fprintf(std.err, "nftc: %v\n", err)
	}
	return 1
}
