// Package amend compiles commands that change elements of the sets of a ruleset in
// force: add, create, delete, destroy element, and flush set.
//
// A command is compiled in a transaction behind the set as it is now, with what
// its elements may refer to, so that it means and refuses what nft would.
package amend

import (
	"bytes"
	"fmt"
	"slices"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/diag"
	"nfvm/lang"
	"nfvm/listing"
	"nfvm/nf"
)

// A Change is what commands make of one set.
type Change struct {
	Family nf.Family
	Table  string
	// Set is the set with all its elements after the commands.
	Set            *bytecode.Set
	Added, Removed []bytecode.Element
}

// Options say how elements are written and read.
type Options struct {
	Listing  listing.Options
	Compiler compiler.Options
}

// Elements compiles commands for a program as it is now (with the present elements,
// see vm.Ruleset.Snapshot). The error is a *diag.List with places in the commands.
func Elements(p *bytecode.Program, commands string, opt Options) ([]Change, error) {
	sources := diag.NewSources()
	file, diags := lang.Parse(diag.CommandLine, []byte(commands), lang.Options{Sources: sources})
	if err := diags.Err(); err != nil {
		return nil, err
	}
	diags.Sources = sources
	paths := targets(file, &diags)
	if err := diags.Err(); err != nil {
		return nil, err
	}
	base := &bytecode.Program{}
	var sets []Change
	for _, path := range paths {
		t, s := find(p, path)
		if s != nil {
			sets = append(sets, Change{Family: t.Family, Table: t.Name, Set: s})
		}
		addContext(base, t, s)
	}
	var text bytes.Buffer
	list := opt.Listing
	list.Newer = true
	if err := listing.Ruleset(&text, base, &list); err != nil {
		return nil, err
	}
	present, more := lang.Parse(rulesetName, text.Bytes(), lang.Options{Sources: sources})
	diags.Append(more)
	res, more := compiler.Compile([]*lang.File{present, file}, opt.Compiler)
	diags.Append(more)
	diags.Sort()
	hideRuleset(&diags)
	if err := diags.Err(); err != nil {
		return nil, err
	}
	return differences(sets, res.Program), nil
}

// rulesetName is the name of the text that is made of the ruleset in force.
const rulesetName = "<ruleset>"

// hideRuleset leaves out the second places that lie in a text nobody has written.
func hideRuleset(diags *diag.List) {
	for i := range diags.Items {
		d := &diags.Items[i]
		d.Notes = slices.DeleteFunc(d.Notes, func(n diag.Note) bool {
			src := diags.Sources.Find(n.Span.Start)
			return src != nil && src.Name == rulesetName
		})
	}
}

// targets are the sets that commands name, each once.
func targets(file *lang.File, diags *diag.List) (paths []lang.Path) {
	seen := map[[3]string]bool{}
	for _, cmd := range file.Commands {
		var path lang.Path
		switch cmd := cmd.(type) {
		case *lang.ElementCmd:
			path = cmd.Path
		case *lang.FlushCmd:
			path = cmd.Path
		}
		if path.Name.Text == "" || isOther(cmd) {
			diags.Errorf(cmd.At(), "only elements of sets and maps change by themselves; rules change by nfvm apply or nfvm reload")
			continue
		}
		key := [3]string{path.FamilyName(), path.Table.Text, path.Name.Text}
		if !seen[key] {
			seen[key] = true
			paths = append(paths, path)
		}
	}
	if len(paths) == 0 && !diags.HasErrors() {
		diags.Errorf(diag.Span{}, "no command")
	}
	return paths
}

// isOther tells commands that are not about elements from their like.
func isOther(cmd lang.Command) bool {
	switch cmd := cmd.(type) {
	case *lang.FlushCmd:
		return cmd.What != "set" && cmd.What != "map" && cmd.What != "meter"
	case *lang.ElementCmd:
		return cmd.Verb == lang.VerbReset || cmd.Verb == lang.VerbGet
	}
	return true
}

// find finds the table and the set of a path, nil for what there is not.
func find(p *bytecode.Program, path lang.Path) (*bytecode.Table, *bytecode.Set) {
	family, _ := nf.ParseFamily(path.FamilyName())
	for _, t := range p.Tables {
		if t.Family == family && t.Name == path.Table.Text {
			return t, t.Set(path.Name.Text)
		}
	}
	return nil, nil
}

// addContext adds a set with what its elements may name: chains and objects.
func addContext(base *bytecode.Program, t *bytecode.Table, s *bytecode.Set) {
	if t == nil {
		return
	}
	var own *bytecode.Table
	for _, known := range base.Tables {
		if known.Family == t.Family && known.Name == t.Name {
			own = known
		}
	}
	if own == nil {
		c := *t
		c.Chains, c.Sets, c.Flowtables = nil, nil, nil
		for _, chain := range t.Chains {
			empty := *chain
			empty.Rules, empty.Dispatch = nil, nil
			c.Chains = append(c.Chains, &empty)
		}
		own = &c
		base.Tables = append(base.Tables, own)
	}
	if s != nil {
		own.Sets = append(own.Sets, s)
	} else { // so that a misspelt name finds its like
		for _, other := range t.Sets {
			if other.Flags&bytecode.SetAnonymous == 0 && own.Set(other.Name) == nil {
				bare := *other
				bare.Elements = nil
				own.Sets = append(own.Sets, &bare)
			}
		}
	}
}

// differences compares the sets with what the commands have made of them.
func differences(sets []Change, after *bytecode.Program) []Change {
	for i := range sets {
		c := &sets[i]
		for _, t := range after.Tables {
			if t.Family != c.Family || t.Name != c.Table {
				continue
			}
			changed := t.Set(c.Set.Name)
			for j := range changed.Elements {
				changed.Elements[j].Pos = bytecode.Pos{}
			}
			c.Added = without(changed.Elements, c.Set.Elements)
			c.Removed = without(c.Set.Elements, changed.Elements)
			set := *c.Set
			set.Elements = changed.Elements
			c.Set = &set
		}
	}
	return sets
}

// without gives the elements of a that b does not have.
func without(a, b []bytecode.Element) (out []bytecode.Element) {
	has := make(map[string]bool, len(b))
	for i := range b {
		has[key(&b[i])] = true
	}
	for i := range a {
		if !has[key(&a[i])] {
			out = append(out, a[i])
		}
	}
	return out
}

func key(e *bytecode.Element) string {
	return fmt.Sprintf("%x-%x %t %t", e.Key, e.KeyEnd, e.IntervalEnd, e.CatchAll)
}
