// Package conntrack is the tool conntrack(8) 1.4.7: it reads the tool's command
// line, does what the command says on a ct.Table, and prints what the tool prints,
// errors and exit status included.
//
// The parts, in the order of their work: getopt.go takes the command line apart,
// options.go, protocol.go and command.go say which options there are and which a
// command takes, parse.go makes a Command, filter.go picks flows, run.go and the
// files named for commands do the work, show.go and save.go print.
package conntrack
