package conntrack

import (
	"bufio"
	"io"
	"strings"
)

// loadable are the commands that a file may have, and notLoadable what others are
// called in the message.
var (
	loadable    = map[op]bool{opCreate: true, opAdd: true, opUpdate: true, opDelete: true, opFlush: true}
	notLoadable = map[op]string{
		opList: "-L", opGet: "-G", opEvent: "-E", opVersion: "-V", opHelp: "-h", opExpectList: "-L expect",
		opExpectCreate: "-C expect", opExpectDelete: "-D expect", opExpectGet: "-G expect", opExpectFlush: "-F expect",
		opExpectEvent: "-E expect", opCount: "-C", opExpectCount: "-C expect", opStats: "-S", opExpectStats: "-S expect",
	}
)

// LoadsFile gives the file of -R FILE, which must be the first words of a command
// line.
func LoadsFile(args []string) (name string, ok bool) {
	if len(args) > 1 && (args[0] == "-R" || args[0] == "--load-file") {
		return args[1], true
	}
	return "", false
}

// CantOpen is what is told when the file of -R can't be read.
func CantOpen(name string) error { return usageError("Failed to open file %s for reading", name) }

// ParseFile reads a file of command lines, as -o save prints them. Empty lines and
// those that begin with # are passed over.
func ParseFile(in io.Reader, env Env) ([]*Command, error) {
	var all []*Command
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := strings.TrimLeft(lines.Text(), " \t")
		if line == "" || line[0] == '#' {
			continue
		}
		args, err := splitWords(line)
		if err != nil {
			return nil, err
		}
		c, err := Parse(args, env)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if err := lines.Err(); err != nil {
		return nil, failure("%v", err)
	}
	for _, c := range all {
		if !loadable[c.op] {
			name := notLoadable[c.op]
			if name == "" {
				name = "unknown"
			}
			return nil, usageError("Cannot use command `%s' with --load-file", name)
		}
	}
	return all, nil
}

// Bounds of a line of a file.
const (
	maxWords = 254
	maxWord  = 1023
)

// splitWords cuts a line at blanks, but not within double quotes, where a
// backslash takes the meaning of what follows.
func splitWords(line string) (words []string, err error) {
	var word []byte
	quoted, escaped := false, false
	end := func() {
		if len(word) > 0 {
			words, word = append(words, string(word)), word[:0]
		}
	}
	for i := range len(line) {
		switch c := line[i]; {
		case escaped:
			word, escaped = append(word, c), false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			if quoted {
				end()
			}
			quoted = !quoted
		case !quoted && (c == ' ' || c == '\t'):
			end()
		default:
			word = append(word, c)
		}
		if len(word) > maxWord {
			return nil, usageError("Parameter too long!")
		}
	}
	if end(); len(words) > maxWords {
		return nil, usageError("too many arguments")
	}
	return words, nil
}

// RunFile runs the commands of a file and gives the exit status. Nothing is told
// at their ends.
func (t *Tool) RunFile(all []*Command) (status int, err error) {
	for _, c := range all {
		err := t.do(&printer{Command: c})
		if mistake, ok := err.(*Error); ok {
			_, err := io.WriteString(t.Err, mistake.Text())
			return mistake.Status, err
		}
		if err != nil {
			return 0, err
		}
	}
	return 0, nil
}
