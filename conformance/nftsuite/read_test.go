package nftsuite

import (
	"fmt"
	"os"
	"strings"
)

// A ruleFile is a file NAME.t.
type ruleFile struct {
	name   string
	tables []ruleTable
	lines  []line
}

// A ruleTable is a table that the rules of a file go to, with its base chains.
type ruleTable struct {
	family, name string
	chains       []ruleChain
}

// A ruleChain is a chain and what stands between its braces.
type ruleChain struct{ name, config string }

// A line is one thing that nft is given.
type line struct {
	number int
	kind   byte   // '!' a set, '?' elements, '%' an object, ' ' a rule
	text   string // without the mark
	fails  bool
	listed string // of a rule: how it is printed
}

// readRules reads a file NAME.t.
func readRules(name string) (*ruleFile, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	f := &ruleFile{name: name}
	configs := map[string]string{}
	for i, text := range strings.Split(string(data), "\n") {
		if strings.TrimSpace(text) == "" {
			continue
		}
		switch text[0] {
		case '#', '-': // a comment; a rule that is known not to work with nft
		case ':':
			chain, config, _ := strings.Cut(strings.TrimSpace(text[1:]), ";")
			configs[chain] = config
		case '*':
			table, err := readTable(text[1:], configs)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", name, i+1, err)
			}
			f.tables = append(f.tables, table)
		default:
			l, err := readLine(text)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", name, i+1, err)
			}
			l.number = i + 1
			f.lines = append(f.lines, l)
		}
	}
	return f, nil
}

// readTable reads family;table;chain,chain.
func readTable(text string, configs map[string]string) (ruleTable, error) {
	p := strings.Split(strings.TrimSpace(text), ";")
	if len(p) != 3 {
		return ruleTable{}, fmt.Errorf("a family, a table and chains are needed: %q", text)
	}
	t := ruleTable{family: p[0], name: p[1]}
	for _, c := range strings.Split(p[2], ",") {
		config, ok := configs[c]
		if !ok {
			return t, fmt.Errorf("there is no chain %s", c)
		}
		t.chains = append(t.chains, ruleChain{c, config})
	}
	return t, nil
}

// readLine reads text;ok, text;fail or text;ok;printed. The text of an object may
// have semicolons between braces.
func readLine(text string) (line, error) {
	l := line{kind: ' '}
	if strings.IndexByte("!?%", text[0]) >= 0 {
		l.kind, text = text[0], text[1:]
	}
	head := ""
	if end := strings.LastIndexByte(text, '}'); l.kind == '%' && end >= 0 {
		head, text = text[:end+1], text[end+1:]
	}
	p := strings.Split(text, ";")
	if len(p) < 2 || len(p) > 3 {
		return l, fmt.Errorf("a rule and ok or fail are needed: %q", text)
	}
	l.text = strings.TrimSpace(head + p[0])
	l.listed = l.text
	if len(p) == 3 {
		l.listed = strings.TrimSpace(p[2])
	}
	switch strings.TrimSpace(p[1]) {
	case "ok":
	case "fail":
		l.fails = true
	default:
		return l, fmt.Errorf("neither ok nor fail: %q", text)
	}
	return l, nil
}

// command is the line as a command for a table; a rule goes to a chain.
func (l line) command(t ruleTable, chain string) string {
	place := t.family + " " + t.name
	name, rest, _ := strings.Cut(l.text, " ")
	switch l.kind {
	case '!':
		return setCommand(place, name, rest)
	case '?':
		return "add element " + place + " " + name + " { " + rest + " }\n"
	case '%':
		kind, spec := objectKind(rest)
		return "add " + kind + " " + place + " " + name + " " + spec + "\n"
	}
	return "add rule " + place + " " + chain + " " + l.text + "\n"
}

// setCommand makes a command of a declaration such as "type ipv4_addr : mark
// timeout 60s flags interval".
func setCommand(place, name, rest string) string {
	kind := "set"
	if strings.Contains(rest, " : ") {
		kind = "map"
	}
	for _, option := range []string{" timeout ", " flags "} {
		rest = strings.Replace(rest, option, ";"+option, 1)
	}
	return "add " + kind + " " + place + " " + name + " { " + rest + "; }\n"
}

// objectKind takes "type ct helper { … }" apart: the kind may have two words.
func objectKind(rest string) (kind, spec string) {
	rest = strings.TrimPrefix(rest, "type ")
	kind, spec, _ = strings.Cut(rest, " ")
	if kind == "ct" {
		more, after, _ := strings.Cut(spec, " ")
		kind, spec = "ct "+more, after
	}
	return kind, spec
}
