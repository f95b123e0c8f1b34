package listing

import (
	"io"

	"nfvm/bytecode"
)

// AdditionLines writes the commands that make a table as `nft -j monitor` prints
// them: an object a line.
func AdditionLines(w io.Writer, t *bytecode.Table, opt *Options) error {
	return writeLines(w, additionsJSON(t, nil, opt.forJSON()))
}

// DeletionLines writes what Deletion does in that form. Of a rule nft shows what it
// can still make out, and a set as one of type "invalid"; here both are whole.
func DeletionLines(w io.Writer, t *bytecode.Table, opt *Options) error {
	p := &printer{table: t, opt: opt.forJSON()}
	var out array
	gone := func(thing obj) { out = append(out, one("delete", thing)) }
	walkDeletion(t, deletion{
		rule:  func(c *bytecode.Chain, r *bytecode.Rule) { gone(p.ruleJSON(c, r)) },
		set:   func(s *bytecode.Set) { gone(one("set", p.emptySetJSON(s)[0].value)) }, // so nft says of maps, too
		flow:  func(f *bytecode.Flowtable) { gone(p.flowtableJSON(f)) },
		obj:   func(o *bytecode.Object) { gone(p.objectJSON(o)) },
		chain: func(c *bytecode.Chain) { gone(p.chainJSON(c)) },
	})
	gone(tableHeadJSON(t))
	return writeLines(w, out)
}

// ElementChangeLines writes what ElementChanges does in that form.
func ElementChangeLines(w io.Writer, t *bytecode.Table, before, after *bytecode.Set, opt *Options) error {
	p := &printer{table: t, opt: opt.forJSON()}
	var out array
	p.elementChanges(before, after, func(verb string, e *element) { out = append(out, p.elementCommandJSON(verb, after, e)) })
	return writeLines(w, out)
}

func writeLines(w io.Writer, list array) error {
	var b []byte
	for _, o := range list {
		b = append(appendJSON(b, o), '\n')
	}
	_, err := w.Write(b)
	return err
}
