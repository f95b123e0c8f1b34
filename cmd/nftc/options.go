package main

import (
	"fmt"
	"strings"

	"nfvm/lang"
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
	handles  bool
	help     bool
	version  bool
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
	{[]string{"-O", "--optimize"}, true, setLevel},
	{[]string{"--from"}, true, setFrom},
	{[]string{"-I", "--includepath"}, true, func(o *options, v string) error { o.includes = append(o.includes, v); return nil }},
	{[]string{"-D", "--define"}, true, setDefine},
	{[]string{"--ifaces"}, true, func(o *options, v string) error { o.ifaces = v; return nil }},
	{[]string{"--users"}, true, func(o *options, v string) error { o.users = v; return nil }},
	{[]string{"-j", "--json"}, false, func(o *options, _ string) error { o.json = true; return nil }},
	{[]string{"-a", "--handle"}, false, func(o *options, _ string) error { o.handles = true; return nil }},
	{[]string{"-h", "--help"}, false, func(o *options, _ string) error { o.help = true; return nil }},
	{[]string{"-v", "--version"}, false, func(o *options, _ string) error { o.version = true; return nil }},
}

func setDebug(o *options, v string) error {
	for _, w := range strings.Split(v, ",") {
		if w != "netlink" && w != "all" {
			return fmt.Errorf("--debug=%s is not supported: netlink is", w)
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

// parseOptions reads flags and operands in any order; after "--" all are
// operands.
func parseOptions(args []string) (*options, error) {
	o := &options{level: 1}
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			o.files = append(o.files, args[i+1:]...)
			break
		}
		if a == "-" || !strings.HasPrefix(a, "-") {
			o.files = append(o.files, a)
			continue
		}
		used, err := o.flag(a, args[i+1:])
		if err != nil {
			return nil, err
		}
		i += used
	}
	return o, nil
}

// flag takes in one flag and tells how many of the following arguments it used.
func (o *options) flag(a string, rest []string) (int, error) {
	name, value, has := a, "", false
	if strings.HasPrefix(a, "--") {
		name, value, has = strings.Cut(a, "=")
	} else if len(a) > 2 {
		name, value, has = a[:2], a[2:], true
	}
	for i := range flagSpecs {
		s := &flagSpecs[i]
		if !s.named(name) {
			continue
		}
		switch {
		case !s.value && has && !strings.HasPrefix(a, "--"):
			// Joined flags: -cj.
			if err := s.set(o, ""); err != nil {
				return 0, err
			}
			return o.flag("-"+value, rest)
		case !s.value && has:
			return 0, fmt.Errorf("%s takes no value", name)
		case s.value && !has:
			if len(rest) == 0 {
				return 0, fmt.Errorf("%s needs a value", name)
			}
			return 1, s.set(o, rest[0])
		}
		return 0, s.set(o, value)
	}
	return 0, fmt.Errorf("unknown flag %s (see nftc --help)", name)
}

func (s *flagSpec) named(name string) bool {
	for _, n := range s.names {
		if n == name {
			return true
		}
	}
	return false
}
