package main

import (
	"errors"
	"io"
	"strings"

	"nfvm/compiler"
	"nfvm/diag"
	"nfvm/lang"
)

// describeCommand prints what an expression or a datatype is, as nft describe
// does.
func describeCommand(args []string, std streams) error {
	if len(args) == 0 {
		return errors.New("describe: an expression or the name of a datatype is needed")
	}
	f, list := lang.Parse(diag.CommandLine, []byte("describe "+strings.Join(args, " ")), lang.Options{})
	for _, cmd := range f.Commands {
		if d, ok := cmd.(*lang.OtherCmd); ok && d.Expr != nil && !list.HasErrors() {
			text, more := compiler.Describe(d.Expr, f.Sources, compiler.Options{})
			list.Append(more)
			if _, err := io.WriteString(std.out, text); err != nil {
				return err
			}
		}
	}
	if _, err := io.WriteString(std.err, list.String()); err != nil {
		return err
	}
	if list.HasErrors() {
		return errReported
	}
	return nil
}
