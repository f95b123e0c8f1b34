package json

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"nfvm/diag"
	"nfvm/lang"
)

// schemaVersion is the newest version of the schema that is known.
const schemaVersion = 1

// Looks reports whether a text seems to be JSON.
func Looks(src []byte) bool { return bytes.HasPrefix(bytes.TrimLeft(src, " \t\r\n"), []byte("{")) }

// A command is one member of the array as text, with its place.
type command struct {
	span  diag.Span
	text  string
	err   error
	key   string    // of a listing
	table [2]string // family and name
	elems bool      // it brings elements
	early bool      // chains come below it
}

// Parse reads a text in JSON. The File always holds what was understood; the
// list holds every mistake.
func Parse(name string, src []byte, opt lang.Options) (*lang.File, diag.List) {
	if opt.Sources == nil {
		opt.Sources = diag.NewSources()
	}
	file := &lang.File{Name: name, Sources: opt.Sources}
	list := diag.List{Sources: opt.Sources}
	source := opt.Sources.Add(name, src, diag.Span{})
	if source == nil {
		list.Errorf(diag.Span{}, "%s: the input exceeds %d bytes", name, uint64(diag.MaxSize))
		return file, list
	}
	opt.Defines = nil // JSON has no variables
	commands, at, err := split(src, source.Base())
	if err != nil {
		list.Errorf(diag.Span{Start: at, End: at + 1}, "%v", err)
		return file, list
	}
	for _, c := range ordered(commands) {
		if c.err != nil {
			list.Errorf(c.span, "%v", c.err)
			continue
		}
		opt.Included = c.span
		f, more := lang.Parse(name+", as text", []byte(c.text), opt)
		list.Append(more)
		file.Commands = append(file.Commands, f.Commands...)
	}
	return file, list
}

// split finds the commands and their places; with an error, its place.
func split(src []byte, base uint32) (commands []command, at uint32, err error) {
	d := &decoder{src: src}
	wrong := func() ([]command, uint32, error) {
		n, err := mistake(src)
		return nil, base + uint32(n), err
	}
	if !d.open() {
		return wrong()
	}
	for d.space() != ']' {
		if len(commands) > 0 && !d.take(',') {
			return wrong()
		}
		d.space()
		start := d.at
		d.wrong = nil
		v, ok := d.value("", 1, true)
		if !ok {
			return wrong()
		}
		c := newCommand(v, d.wrong)
		c.span = diag.Span{Start: base + uint32(start), End: base + uint32(d.at)}
		commands = append(commands, c)
	}
	if !d.close() {
		return wrong()
	}
	return commands, 0, nil
}

// open reads what stands before the commands.
func (d *decoder) open() bool {
	if !d.take('{') || d.space() != '"' {
		return false
	}
	key, ok := d.text()
	return ok && key == "nftables" && d.take(':') && d.take('[')
}

// close reads what stands behind the commands.
func (d *decoder) close() bool {
	if !d.take(']') {
		return false
	}
	for d.take(',') {
		if d.space() != '"' {
			return false
		}
		if _, ok := d.text(); !ok || !d.take(':') {
			return false
		}
		if _, ok := d.value("", 1, false); !ok {
			return false
		}
	}
	return d.take('}')
}

// mistake says what is wrong with a text that split does not take, and where.
func mistake(src []byte) (at int64, err error) {
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	for _, want := range []json.Token{json.Delim('{'), "nftables", json.Delim('[')} {
		tok, err := d.Token()
		if err != nil {
			return d.InputOffset(), syntaxError(err)
		}
		if tok != want {
			return d.InputOffset(), fmt.Errorf("an object with the key \"nftables\" and an array is needed, not %v", tok)
		}
	}
	var skipped json.RawMessage
	for err == nil && d.More() {
		err = d.Decode(&skipped)
	}
	for depth := 2; err == nil && depth > 0; {
		var tok json.Token
		switch tok, err = d.Token(); tok {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	if err == nil {
		return d.InputOffset(), errors.New("JSON: not understood")
	}
	return d.InputOffset(), syntaxError(err)
}

// newCommand keeps of a member what is needed, which is far less than all.
func newCommand(data any, wrong error) (c command) {
	if c.err = wrong; wrong == nil {
		c.text, c.err = commandText(data)
	}
	key, body, _ := single(data)
	o, _ := body.(map[string]any)
	c.key, c.elems, c.table = key, o["elem"] != nil, tableOf(body)
	return c
}

func syntaxError(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("JSON: unexpected end of file")
	}
	if strings.Contains(err.Error(), "exceeded max depth") {
		return fmt.Errorf("JSON: values are nested more than %d deep", maxNesting)
	}
	return fmt.Errorf("JSON: %w", err)
}

// ranks is the order in which the members of a listing are taken. What is
// declared keeps its order, and so its handles; what may name a thing below it,
// such as the chain that a map jumps to, comes behind.
var ranks = map[string]int{"metainfo": 0, "table": 1, "chain": 2, "flowtable": 2, "set": 2, "map": 2, "element": 4, "rule": 5}

// rank gives a command's place in a listing, -1 if it is none of its members.
func (c command) rank() int {
	r, ok := ranks[c.key]
	switch {
	case objectKinds[c.key]:
		return 2
	case !ok:
		return -1
	case c.key == "map" && c.elems && c.early:
		return 3
	}
	return r
}

// tableOf gives the family and the name of the table that an object is of.
func tableOf(body any) [2]string {
	o, _ := body.(map[string]any)
	family, _ := o["family"].(string)
	table, _ := o["table"].(string)
	return [2]string{family, table}
}

// ordered sorts each run of objects without a command, as a listing has them.
func ordered(in []command) []command {
	for i := 0; i < len(in); {
		j := i
		for j < len(in) && in[j].rank() >= 0 {
			j++
		}
		chains := map[[2]string]bool{} // the tables with a chain below
		for k := j - 1; k >= i; k-- {
			in[k].early = chains[in[k].table]
			chains[in[k].table] = chains[in[k].table] || in[k].key == "chain"
		}
		slices.SortStableFunc(in[i:j], func(a, b command) int { return a.rank() - b.rank() })
		i = j + 1
	}
	return in
}
