package nftsuite

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/diag"
	"nfvm/lang"
	nftjson "nfvm/lang/json"
	"nfvm/listing"
)

// users are those that nft's tests name.
var users = map[string]uint32{"root": 0, "daemon": 1, "bin": 2}

// A machine says what names mean where a text is compiled and printed.
type machine struct {
	anyIface bool // every name is an interface, not lo alone
	ifaces   []string
}

func (m *machine) index(name string) (uint32, bool) {
	for i, known := range m.ifaces {
		if known == name {
			return uint32(i + 1), true
		}
	}
	if _, err := strconv.Atoi(name); err == nil || !m.anyIface {
		return 0, false
	}
	m.ifaces = append(m.ifaces, name)
	return uint32(len(m.ifaces)), true
}

func (m *machine) name(index uint32) (string, bool) {
	if index == 0 || int(index) > len(m.ifaces) {
		return "", false
	}
	return m.ifaces[index-1], true
}

// zone is that of nft's tests.
var zone = time.FixedZone("", 2*60*60)

// compile compiles texts, of either language, as one transaction.
func (m *machine) compile(texts ...string) (*compiler.Result, error) {
	sources := diag.NewSources()
	all := diag.List{Sources: sources}
	var files []*lang.File
	for i, text := range texts {
		opt := lang.Options{Sources: sources}
		parse := lang.Parse
		if nftjson.Looks([]byte(text)) {
			parse = nftjson.Parse
		}
		f, list := parse(fmt.Sprintf("text %d", i+1), []byte(text), opt)
		all.Append(list)
		files = append(files, f)
	}
	user := func(name string) (uint32, bool) { id, ok := users[name]; return id, ok }
	res, list := compiler.Compile(files, compiler.Options{Iface: m.index, User: user, Group: user,
		Cgroup: func(string) (uint64, bool) { return 1, true }, Location: zone, Now: time.Unix(0, 0)})
	all.Append(list)
	if all.HasErrors() {
		return nil, fmt.Errorf("%s", all.String())
	}
	return res, nil
}

// options are those of the listings in nft's tests.
func (m *machine) options(numbers bool) *listing.Options {
	o := &listing.Options{Stateless: numbers, Newer: true}
	o.NumericProto = numbers
	o.IfaceName = m.name
	o.SetZone(zone, time.Unix(0, 0))
	return o
}

// text prints a ruleset.
func (m *machine) text(p *bytecode.Program, numbers bool) string {
	var b strings.Builder
	if err := listing.Ruleset(&b, p, m.options(numbers)); err != nil {
		return err.Error()
	}
	return b.String()
}

// json prints a ruleset as the members of its JSON, without handles.
func (m *machine) json(p *bytecode.Program, numbers bool) ([]map[string]map[string]any, error) {
	var b strings.Builder
	if err := listing.JSON(&b, p, m.options(numbers)); err != nil {
		return nil, err
	}
	return members(b.String())
}

// members reads a ruleset in JSON.
func members(text string) ([]map[string]map[string]any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var doc struct {
		Nftables []map[string]map[string]any
	}
	if err := d.Decode(&doc); err != nil {
		return nil, err
	}
	for _, m := range doc.Nftables {
		for _, body := range m {
			delete(body, "handle")
		}
	}
	return doc.Nftables, nil
}
