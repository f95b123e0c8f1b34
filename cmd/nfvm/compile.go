package main

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"time"

	"nfvm/bytecode"
	"nfvm/compiler"
	"nfvm/datatype"
	"nfvm/diag"
	"nfvm/host"
	"nfvm/lang"
	"nfvm/lang/iptables"
	nftjson "nfvm/lang/json"
)

// compile compiles a text for a host; with mistakes the error is a *diag.List.
func compile(o *options, text []byte, h *host.Host, std streams) (*bytecode.Program, error) {
	name := o.rules
	if name == "-" {
		name = "/dev/stdin"
	}
	file, diags := parse(o, name, text)
	res, more := compiler.Compile([]*lang.File{file}, compilerOptions(h))
	diags.Append(more)
	diags.Sort()
	if err := diags.Err(); err != nil {
		return nil, err
	}
	_, err := fmt.Fprint(std.err, diags.String()) // warnings
	return res.Program, err
}

func compilerOptions(h *host.Host) compiler.Options {
	return compiler.Options{Level: 1, Iface: ifaceIndex(h), User: userID, Group: groupID,
		Location: datatype.LocalZone(os.Getenv("TZ")), Now: time.Now()}
}

// parse reads rules in the language they are written in: nft's, its JSON,
// or what iptables-save and its sisters print.
func parse(o *options, name string, text []byte) (*lang.File, diag.List) {
	if tool := iptables.Tool(text); tool != "" {
		return iptables.Parse(name, text, iptables.Options{Family: iptables.Family(tool)})
	}
	opt := lang.Options{IncludeDirs: o.include}
	if o.dir != "" {
		opt.ReadFile = func(name string) ([]byte, error) { return os.ReadFile(o.within(name)) }
		opt.Glob = func(pattern string) ([]string, error) { return filepath.Glob(o.within(pattern)) }
	}
	if nftjson.Looks(text) {
		return nftjson.Parse(name, text, opt)
	}
	for _, d := range o.defines {
		opt.Defines = append(opt.Defines, lang.DefineOption{Name: d.name, Value: d.value})
	}
	return lang.Parse(name, text, opt)
}

// within gives the place of a relative name: in the directory of the client whose
// rules these are.
func (o *options) within(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(o.dir, name)
}

// ifaceIndex finds the interfaces of a host.
func ifaceIndex(h *host.Host) func(string) (uint32, bool) {
	return func(name string) (uint32, bool) {
		if l := h.LinkByName(name); l != nil {
			return uint32(l.Index), true
		}
		return 0, false
	}
}

// userID and groupID ask this machine, as nft does.
func userID(name string) (uint32, bool) {
	u, err := user.Lookup(name)
	if err != nil {
		return 0, false
	}
	return number(u.Uid)
}

func groupID(name string) (uint32, bool) {
	g, err := user.LookupGroup(name)
	if err != nil {
		return 0, false
	}
	return number(g.Gid)
}

func number(s string) (uint32, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err == nil
}
