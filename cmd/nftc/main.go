package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
)

// streams are where a run reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// errReported is a failure whose message has been printed.
var errReported = errors.New("reported")

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	os.Exit(run(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// gcPercent has the collector run when the memory in use has grown by half. Of a
// large ruleset little stays in use, so that this costs almost no time.
const gcPercent = 50

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
