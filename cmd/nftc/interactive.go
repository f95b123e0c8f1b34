package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/diag"
	"nfvm/lang"
)

// A session is nft -i for a ruleset that is in no kernel: commands are read line by
// line, each is a transaction, and list shows what has become of them.
type session struct {
	o       *options
	std     streams
	opt     compiler.Options
	files   []input           // what the ruleset began with
	text    string            // all commands so far that were in order
	program *bytecode.Program // what they make
}

const (
	cli    = "<cli>" // the name of what is typed, as nft calls it
	prompt = "nft> "
	more   = "...> "
)

// interactive runs a session to its end, and writes the ruleset if a file is named.
func interactive(o *options, std streams) error {
	if slices.Contains(o.files, "-") {
		return errors.New("-i reads commands from standard input; a file can't be read from there")
	}
	opt, err := compilerOptions(o)
	if err != nil {
		return err
	}
	opt.Consume = false
	s := &session{o: o, std: std, opt: opt, program: &bytecode.Program{}}
	for _, name := range o.files {
		text, err := readInput(name, std)
		if err != nil {
			return err
		}
		s.files = append(s.files, input{name, text})
	}
	if !s.apply("") {
		return errReported
	}
	if err := s.read(); err != nil {
		return err
	}
	if o.output == "" || o.check {
		return nil
	}
	return writeProgram(o.output, s.program, std)
}

// read takes commands until quit or the end of the input. A command goes on over
// several lines while a brace is open or a backslash ends a line.
func (s *session) read() error {
	next := s.reader()
	command := ""
	for {
		line, err := next(command != "")
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		switch word := strings.TrimSuffix(strings.TrimSpace(line), ";"); {
		case err != nil && command == "" && word == "":
			return nil
		case command == "" && (word == "quit" || word == "exit"):
			return nil
		case command == "" && word == "help":
			fmt.Fprintln(s.std.out, "Commands are those of nft; list shows the ruleset, quit ends.")
			continue
		}
		command += line + "\n"
		if err == nil && lang.Unfinished(command) {
			continue
		}
		s.apply(command)
		if command = ""; err != nil {
			return nil
		}
	}
}

// reader gives a reader of lines: with a prompt, a history and editing on a terminal.
func (s *session) reader() func(inside bool) (string, error) {
	in, isFile := s.std.in.(*os.File)
	if !isFile || !term.IsTerminal(int(in.Fd())) {
		r := bufio.NewReader(s.std.in)
		return func(bool) (string, error) {
			line, err := r.ReadString('\n')
			return strings.TrimSuffix(line, "\n"), err
		}
	}
	type readWriter struct {
		io.Reader
		io.Writer
	}
	t := term.NewTerminal(readWriter{in, s.std.out}, prompt)
	return func(inside bool) (string, error) {
		t.SetPrompt(prompt)
		if inside {
			t.SetPrompt(more)
		}
		before, err := term.MakeRaw(int(in.Fd()))
		if err != nil {
			return "", err
		}
		line, err := t.ReadLine()
		return line, errors.Join(err, term.Restore(int(in.Fd()), before))
	}
}

// apply runs a command. If something is wrong with it, it is as if it had not been
// there.
func (s *session) apply(command string) bool {
	before := s.program
	files, list, _ := parseAll(s.o, append(slices.Clone(s.files), input{cli, []byte(s.text + command)}), false)
	res, more := compiler.Compile(files, s.opt)
	list.Append(more)
	list.Sort()
	lists := s.lists(files[len(files)-1])
	if command != "" {
		list.Items = slices.DeleteFunc(list.Items, func(d diag.Diagnostic) bool {
			listed := slices.ContainsFunc(lists, func(l *lang.ListCmd) bool { return l.Span == d.Span })
			return d.Severity != diag.Error && (listed || !s.isNew(list.Sources, d.Span)) // told before, or not so here
		})
	}
	if reported(&list, s.o, s.std) != nil {
		return false
	}
	s.program = res.Program
	s.text += command
	if s.o.echo && !s.o.check && command != "" {
		if err := echo(s.o, s.program, before, s.std); err != nil {
			fmt.Fprintf(s.std.err, "nftc: %v\n", err)
		}
	}
	for _, l := range lists {
		if err := printList(s.o, s.program, l, list.Sources, s.std); err != nil && !errors.Is(err, errReported) {
			fmt.Fprintf(s.std.err, "nftc: %v\n", err)
		}
	}
	return true
}

// isNew tells whether a place is in the present command.
func (s *session) isNew(sources *diag.Sources, at diag.Span) bool {
	src := sources.Find(at.Start)
	return src != nil && src.Name == cli && int(at.Start-src.Base()) >= len(s.text)
}

// lists are the commands to list something among those of the present command.
func (s *session) lists(f *lang.File) (out []*lang.ListCmd) {
	for _, c := range f.Commands {
		if l, ok := c.(*lang.ListCmd); ok && s.isNew(f.Sources, l.Span) {
			out = append(out, l)
		}
	}
	return out
}
