package main

import (
	"fmt"
	"strings"

	"nfvm/lang"
	"nfvm/listing"
)

// options are what the command line says.
type options struct {
	files    []string
	output   string
	check    bool
	netlink  bool // --debug=netlink
	level    int
	from     string
	includes []string
	defines  []lang.DefineOption
	ifaces   string
	users    string
	json     bool
	list     listing.Options
	guid     bool // users and groups by name
	reverse  bool // addresses by name
	help     bool
	version  bool
	build    bool // -V
	merge    bool // -o of nft: rules are merged
	prompt   bool // -i: commands are typed
	echo     bool // -e: print what was added
	encode   bool // the program is only encoded
}

// A flagSpec is a flag: its names, and what it does with its value.
type flagSpec struct {
	names []string
	value bool // takes a value
	set   func(o *options, v string) error
}

var flagSpecs = []flagSpec{
	{[]string{"-o", "--output"}, true, func(o *options, v string) error { o.output = v; return nil }},
	{[]string{"-f", "--file"}, true, func(o *options, v string) error { o.files = append(o.files, v); return nil }},
	{[]string{"-c", "--check"}, false, func(o *options, _ string) error { o.check = true; return nil }},
	{[]string{"-d", "--debug"}, true, setDebug},
	{[]string{"-O"}, true, setLevel},
	{[]string{"--optimize"}, false, func(o *options, _ string) error { o.merge = true; return nil }},
	{[]string{"--from"}, true, setFrom},
	{[]string{"-I", "--includepath"}, true, func(o *options, v string) error { o.includes = append(o.includes, v); return nil }},
	{[]string{"-D", "--define"}, true, setDefine},
	{[]string{"--ifaces"}, true, func(o *options, v string) error { o.ifaces = v; return nil }},
	{[]string{"--users"}, true, func(o *options, v string) error { o.users = v; return nil }},
	{[]string{"-j", "--json"}, false, func(o *options, _ string) error { o.json = true; return nil }},
	{[]string{"-a", "--handle"}, false, func(o *options, _ string) error { o.list.Handles = true; return nil }},
	{[]string{"-s", "--stateless"}, false, func(o *options, _ string) error { o.list.Stateless = true; return nil }},
	{[]string{"-t", "--terse"}, false, func(o *options, _ string) error { o.list.Terse = true; return nil }},
	{[]string{"-S", "--service"}, false, func(o *options, _ string) error { o.list.Service = true; return nil }},
	{[]string{"-u", "--guid"}, false, func(o *options, _ string) error { o.guid = true; return nil }},
	{[]string{"--nft"}, true, setVersion},
	{[]string{"-n", "--numeric"}, false, setNumeric},
	{[]string{"-y", "--numeric-priority"}, false, func(o *options, _ string) error { o.list.NumericPriority = true; return nil }},
	{[]string{"-p", "--numeric-protocol"}, false, func(o *options, _ string) error { o.list.NumericProto = true; return nil }},
	{[]string{"-T", "--numeric-time"}, false, func(o *options, _ string) error { o.list.NumericTime = true; return nil }},
	{[]string{"-N", "--reversedns"}, false, func(o *options, _ string) error { o.reverse = true; return nil }},
	{[]string{"-i", "--interactive"}, false, func(o *options, _ string) error { o.prompt = true; return nil }},
	{[]string{"-e", "--echo"}, false, func(o *options, _ string) error { o.echo = true; return nil }},
	{[]string{"-h", "--help"}, false, func(o *options, _ string) error { o.help = true; return nil }},
	{[]string{"-v", "--version"}, false, func(o *options, _ string) error { o.version = true; return nil }},
	{[]string{"-V"}, false, func(o *options, _ string) error { o.version, o.build = true, true; return nil }},
}

func setNumeric(o *options, _ string) error {
	o.list.Numeric, o.list.NumericPriority, o.list.NumericProto, o.list.NumericTime = true, true, true, true
	return nil
}

// setVersion chooses whose texts are printed.
func setVersion(o *options, v string) error {
	switch v {
	case "1.0":
		o.list.Newer = false
	case "1.1":
		o.list.Newer = true
	default:
		return fmt.Errorf("--nft=%s: 1.0 or 1.1 is needed", v)
	}
	return nil
}

func setDebug(o *options, v string) error {
	for _, w := range strings.Split(v, ",") {
		switch w {
		case "netlink", "all":
		case "scanner", "parser", "eval", "mnl", "proto-ctx", "segtree":
			return fmt.Errorf("--debug=%s is not supported: netlink is", w)
		default:
			return fmt.Errorf("--debug=%s: there is no such level; netlink is supported", w)
		}
	}
	o.netlink = true
	return nil
}

func setLevel(o *options, v string) error {
	switch v {
	case "0":
		o.level = 0
	case "1":
		o.level = 1
	default:
		return fmt.Errorf("-O%s: the levels are 0 and 1", v)
	}
	return nil
}

// inputs are the languages of --from.
var inputs = []string{"nft", "json", "iptables", "ip6tables", "arptables", "ebtables"}

func setFrom(o *options, v string) error {
	for _, n := range inputs {
		if n == v {
			o.from = v
			return nil
		}
	}
	return fmt.Errorf("--from=%s: one of %s is needed", v, strings.Join(inputs, ", "))
}

func setDefine(o *options, v string) error {
	name, value, ok := strings.Cut(v, "=")
	if !ok || name == "" {
		return fmt.Errorf("-D %s: NAME=VALUE is needed", v)
	}
	o.defines = append(o.defines, lang.DefineOption{Name: name, Value: value})
	return nil
}
