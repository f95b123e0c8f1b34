package nftsuite

import (
	"path/filepath"
	"strings"
)

// A ruleRun compares the rules of one file.
type ruleRun struct {
	*report
	file     *ruleFile
	name     string              // as exceptions.txt has it
	payload  map[string]expected // by family; "" for those without their own
	json     expected
	jsonOut  expected
	machine  machine
	preludes []string // by table: the commands so far
}

func (r *report) ruleFile(file string) {
	f, err := readRules(file)
	if err != nil {
		r.t.Error(err)
		return
	}
	run := &ruleRun{report: r, file: f, name: filepath.Base(filepath.Dir(file)) + "/" + filepath.Base(file),
		payload: map[string]expected{}, machine: machine{ifaces: []string{"lo"}}}
	r.visited[run.name] = true
	for _, t := range f.tables {
		run.payload[t.family] = run.read(file + ".payload." + t.family)
		run.preludes = append(run.preludes, t.declaration())
	}
	run.payload[""] = run.read(file + ".payload")
	run.json = run.read(file + ".json")
	run.jsonOut = run.read(file + ".json.output")
	for _, l := range f.lines {
		for i := range f.tables {
			if l.kind == ' ' {
				run.rule(l, i)
			} else {
				run.declare(l, i)
			}
		}
	}
}

func (r *ruleRun) read(name string) expected {
	e, err := readExpected(name)
	if err != nil {
		r.t.Error(err)
	}
	return e
}

// declaration makes the table and its chains.
func (t ruleTable) declaration() string {
	text := "add table " + t.family + " " + t.name + "\n"
	for _, c := range t.chains {
		text += "add chain " + t.family + " " + t.name + " " + c.name
		if c.config != "" {
			text += " { " + c.config + "; }"
		}
		text += "\n"
	}
	return text
}

// declare adds a set, elements or an object to a table.
func (r *ruleRun) declare(l line, table int) {
	t := r.file.tables[table]
	cmd := l.command(t, "")
	_, err := r.machine.compile(r.preludes[table] + cmd)
	r.verdict(l, t.family, err)
	if err == nil {
		r.preludes[table] += cmd
	}
}

// verdict compares whether a line is taken.
func (r *ruleRun) verdict(l line, place string, err error) bool {
	switch {
	case l.fails && err != nil, !l.fails && err == nil:
		r.equal["verdict"]++
		return true
	case l.fails:
		r.differ("verdict", r.name, place+": "+l.text, "nft refuses it")
	default:
		r.differ("verdict", r.name, place+": "+l.text, "%v", err)
	}
	return false
}

// rule compares a rule in every chain of a table.
func (r *ruleRun) rule(l line, table int) {
	t := r.file.tables[table]
	for _, c := range t.chains {
		place := t.family + " " + c.name
		head := r.preludes[table]
		res, err := r.machine.compile(head + l.command(t, c.name))
		if !r.verdict(l, place, err) || l.fails {
			continue
		}
		name := place + ": " + l.text
		want := r.wanted(l, t)
		r.same("bytecode", r.name, name, want, r.ofRule(head, res.Listing()))
		text := chainText(r.machine.text(res.Program, true), c.name)
		if sameText(text, l.listed) {
			r.equal["text"]++
		} else {
			r.differ("text", r.name, name, "want %s\n got %s", l.listed, text)
		}
		r.reread(name, head, text, t, c)
		r.inJSON(l, t, c, head, want)
	}
}

// wanted is the bytecode that nft's tests have of a rule.
func (r *ruleRun) wanted(l line, t ruleTable) string {
	text, ok := r.payload[t.family][l.text]
	if !ok {
		text = r.payload[""][l.text]
	}
	return strings.Join(program(text), "\n")
}

// ofRule cuts the listing of the commands before off.
func (r *ruleRun) ofRule(head, all string) string {
	res, err := r.machine.compile(head)
	if err != nil {
		return err.Error()
	}
	return strings.Join(program(all)[len(program(res.Listing())):], "\n")
}

// reread compiles the text that was printed: it must be printed again as it is.
// (Its bytecode may differ, as nft's would: `ip protocol tcp tcp dport 22` is
// printed without the protocol, which is then tested in another way.)
func (r *ruleRun) reread(name, head, text string, t ruleTable, c ruleChain) {
	l := line{kind: ' ', text: text}
	res, err := r.machine.compile(head, l.command(t, c.name))
	if err != nil {
		r.differ("reread", r.name, name, "%v", err)
		return
	}
	r.same("reread", r.name, name, text, chainText(r.machine.text(res.Program, true), c.name))
}

// chainText is the text of the rules of a chain, in one line.
func chainText(ruleset, chain string) string {
	_, text, _ := strings.Cut(ruleset, "\tchain "+chain+" {\n")
	text, _, _ = strings.Cut(text, "\n\t}\n")
	var out []string
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimLeft(line, "\t")
		if !strings.HasPrefix(line, "type ") || !strings.Contains(line, " hook ") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}
