package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"nfvm/control"
)

// defaultControl is where a running nfvm listens unless told otherwise.
const defaultControl = "/run/nfvm/control.sock"

// A client is one command to a running nfvm.
type client struct {
	std     streams
	flags   *flag.FlagSet
	control string
	json    bool
	conn    *control.Client
}

// A clientCommand is a word behind nfvm that asks a running one. It parses its
// arguments, and calls.
type clientCommand struct {
	run func(c *client, args []string) error
}

var clientCommands = map[string]clientCommand{
	"list":      {listRules},
	"reset":     {resetRules},
	"add":       {changeSet},
	"create":    {changeSet},
	"delete":    {changeSet},
	"destroy":   {changeSet},
	"flush":     {changeSet},
	"conntrack": {conntrackTool},
	"monitor":   {monitor},
	"stats":     {showStats},
	"top":       {showTop},
	"reload":    {reloadRules},
	"apply":     {applyRules},
	"confirm":   {confirmRules},
	"rollback":  {rollbackRules},
	"release":   {release},
}

// command finds the word of a client's command behind flags that nft, too, takes
// before it, and moves it to the front; nil if there is none.
func command(args []string) []string {
	for i := 0; i < len(args); i++ {
		switch a := args[i]; {
		case clientCommands[a].run != nil:
			return append([]string{a}, slices.Concat(args[:i], args[i+1:])...)
		case a == "--control" || a == "-control":
			i++
		case !strings.HasPrefix(a, "--control=") && !slices.Contains(listFlagNames, strings.TrimLeft(a, "-")) && len(bundle(a)) == 0:
			return nil
		}
	}
	return nil
}

// errQuiet is a failure of which everything has been said.
var errQuiet = errors.New("failed")

// An exitStatus is a failure of which everything has been said, with a status of its own.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// exit makes an error of an exit status other than 0.
func exit(status int) error {
	if status == 0 {
		return nil
	}
	return exitStatus(status)
}

// runClient runs one command.
func runClient(args []string, std streams) error {
	c := &client{std: std, flags: flag.NewFlagSet(args[0], flag.ContinueOnError)}
	c.flags.SetOutput(io.Discard)
	c.flags.StringVar(&c.control, "control", defaultControl, "")
	c.flags.BoolVar(&c.json, "j", false, "")
	c.flags.BoolVar(&c.json, "json", false, "")
	defer func() {
		if c.conn != nil {
			c.conn.Close()
		}
	}()
	err := clientCommands[args[0]].run(c, args)
	if errors.Is(err, flag.ErrHelp) {
		_, err = io.WriteString(std.out, helpText)
	}
	return err
}

// clientStatus prints an error and gives the exit status. Mistakes in rules carry
// their own place.
func clientStatus(err error, std streams) int {
	var refused *control.Error
	var code exitStatus
	switch {
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, errQuiet):
		return 1
	case errors.As(err, &refused) && refused.Diagnostics != nil:
		fmt.Fprint(std.err, refused.Message)
		return 1
	}
	return status(err, std)
}

// parse reads flags that may stand anywhere and gives the words.
func (c *client) parse(args []string) (words []string, err error) {
	for rest := args[1:]; len(rest) > 0; {
		if err := c.flags.Parse(rest); err != nil {
			return nil, err
		}
		if rest = c.flags.Args(); len(rest) > 0 {
			words, rest = append(words, rest[0]), rest[1:]
		}
	}
	return words, nil
}

// noWords parses the arguments of a command that takes only flags.
func (c *client) noWords(args []string) error {
	words, err := c.parse(args)
	if err == nil && len(words) > 0 {
		err = fmt.Errorf("%s takes no arguments, but there is %q", args[0], words[0])
	}
	return err
}

// dial connects to the running nfvm, once.
func (c *client) dial() (err error) {
	if c.conn == nil {
		c.conn, err = control.Dial(c.control)
	}
	return err
}

func (c *client) call(method string, params, result any) error {
	if err := c.dial(); err != nil {
		return err
	}
	return ended(c.conn.Call(method, params, result))
}

// ended explains a conversation that the other side has ended.
func ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		return errors.New("nfvm has ended the conversation")
	}
	return err
}

// untilInterrupt closes the connection at SIGINT or SIGTERM, or when end is called,
// which is how a command that watches ends; done tells whether that was why.
func (c *client) untilInterrupt() (done func() bool, end func()) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() { c.conn.Close() })
	return func() bool { return ctx.Err() != nil }, stop
}
