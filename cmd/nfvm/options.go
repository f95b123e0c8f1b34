package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"nfvm/diag"
	"nfvm/metrics"
	"nfvm/nflog"
)

// options are what the command line says.
type options struct {
	rules   string
	ifaces  []string
	pcap    string
	host    string
	dir     string // where relative includes are, "" for the working directory
	include []string
	defines []define
	sysctls []define

	write, conntrack, expect, ruleset, trace, events, verdicts, log string

	logTo []nflog.Target

	json, traceAll, dropped bool

	saveTo   string // connections, for a restart or another run
	loadFrom string

	// Of live interfaces.
	onExit     string
	observe    bool
	driver     string
	queues     int // 0 for one a processor
	fastFlows  string
	logFormat  string
	logLevel   slog.Level
	logRate    int // dropped packets logged a second, below 0 for all
	saveEvery  time.Duration
	control    string // the socket's path, or none
	cpuProfile string
	metrics    *metrics.Address
	allRules   bool // metrics of every rule

	systems string // file of fingerprints of operating systems
	seed    uint64
	advance time.Duration
	version bool
}

// maxQueues is the most that a TAP device has (MAX_TAP_QUEUES of the kernel).
const maxQueues = 256

// A define is one NAME=VALUE.
type define struct{ name, value string }

// wantsOutput tells whether any flag asks for a file.
func (o *options) wantsOutput() bool {
	return o.write+o.conntrack+o.expect+o.ruleset+o.trace+o.events+o.verdicts+o.log+o.saveTo != "" || len(o.logTo) > 0
}

// flags declares the flags; names and meanings are those of the contract.
func (o *options) flags() *flag.FlagSet {
	f := flag.NewFlagSet("nfvm", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&o.pcap, "pcap", "", "")
	f.StringVar(&o.host, "host", "", "")
	f.StringVar(&o.write, "write", "", "")
	f.StringVar(&o.conntrack, "conntrack", "", "")
	f.StringVar(&o.expect, "expect", "", "")
	f.StringVar(&o.ruleset, "ruleset", "", "")
	f.StringVar(&o.trace, "trace", "", "")
	f.StringVar(&o.events, "events", "", "")
	f.StringVar(&o.verdicts, "verdicts", "", "")
	f.StringVar(&o.log, "log", "", "")
	f.Func("log-to", "", func(s string) error {
		t, err := nflog.ParseTarget(s)
		o.logTo = append(o.logTo, t)
		return err
	})
	o.logFormat, o.logRate = "text", defaultLogRate
	f.Func("log-format", "", func(s string) error { return oneOf(&o.logFormat, s, "text", "json") })
	f.Func("log-level", "", o.setLogLevel)
	f.Func("log-rate", "", o.setLogRate)
	f.BoolVar(&o.json, "json", false, "")
	f.BoolVar(&o.json, "j", false, "")
	f.BoolVar(&o.traceAll, "trace-all", false, "")
	f.BoolVar(&o.dropped, "write-dropped", false, "")
	f.StringVar(&o.cpuProfile, "cpuprofile", "", "")
	f.StringVar(&o.control, "control", defaultControl, "")
	f.StringVar(&o.driver, "driver", "auto", "")
	f.IntVar(&o.queues, "queues", 0, "")
	f.Func("fast-flows", "", func(s string) error { return oneOf(&o.fastFlows, s, "auto", "off") })
	f.Func("metrics", "", func(s string) error {
		a, err := metrics.ParseAddress(s)
		o.metrics = &a
		return err
	})
	f.BoolVar(&o.allRules, "metrics-rules", false, "")
	f.BoolVar(&o.observe, "observe", false, "")
	f.Func("on-exit", "", func(s string) error { return oneOf(&o.onExit, s, "open", "closed") })
	f.StringVar(&o.saveTo, "conntrack-save", "", "")
	f.StringVar(&o.loadFrom, "conntrack-load", "", "")
	o.saveEvery = 30 * time.Second
	f.Func("state-every", "", func(s string) (err error) { o.saveEvery, err = parseTime(s); return err })
	f.Func("state", "", func(s string) error { o.saveTo, o.loadFrom = s, s; return nil })
	f.StringVar(&o.systems, "osf-fingerprints", "", "")
	f.Uint64Var(&o.seed, "seed", 1, "")
	f.Func("advance", "", o.setAdvance)
	f.Func("iface", "", func(s string) error { return appendTo(&o.ifaces, s) })
	f.Func("I", "", func(s string) error { return appendTo(&o.include, s) })
	f.Func("includepath", "", func(s string) error { return appendTo(&o.include, s) })
	f.Func("D", "", func(s string) error { return assign(&o.defines, s) })
	f.Func("define", "", func(s string) error { return assign(&o.defines, s) })
	f.Func("sysctl", "", func(s string) error { return assign(&o.sysctls, s) })
	f.BoolVar(&o.version, "version", false, "")
	f.BoolVar(&o.version, "v", false, "")
	return f
}

func appendTo(list *[]string, s string) error {
	if s == "" {
		return errors.New("must not be empty")
	}
	*list = append(*list, s)
	return nil
}

// defaultLogRate is how many dropped packets are logged a second.
const defaultLogRate = 20

// setLogRate reads a number of packets a second, or all.
func (o *options) setLogRate(s string) error {
	if s == "all" {
		o.logRate = -1
		return nil
	}
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		return errors.New("want packets a second, or all")
	}
	o.logRate = int(n)
	return nil
}

func (o *options) setLogLevel(s string) error {
	if err := oneOf(new(string), s, "debug", "info", "warn", "error"); err != nil {
		return err
	}
	return o.logLevel.UnmarshalText([]byte(s))
}

// oneOf takes one of a few words.
func oneOf(dst *string, s string, words ...string) error {
	if !slices.Contains(words, s) {
		return fmt.Errorf("want %s", strings.Join(words, " or "))
	}
	*dst = s
	return nil
}

var errTime = errors.New(`want a time such as "1.604s" or "5m"`)

// parseTime reads a span of time as Go writes it; a bare number is seconds.
func parseTime(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		if d, err = time.ParseDuration(s + "s"); err != nil {
			return 0, errTime
		}
	}
	return d, nil
}

// setAdvance reads how long time runs on.
func (o *options) setAdvance(s string) error {
	d, err := parseTime(s)
	if err != nil {
		return err
	}
	if d < 0 || d > math.MaxInt64/4 {
		return errors.New("time can't run backwards or for centuries")
	}
	o.advance = d
	return nil
}

func assign(list *[]define, s string) error {
	name, value, ok := strings.Cut(s, "=")
	if !ok || name == "" {
		return errors.New("want NAME=VALUE")
	}
	*list = append(*list, define{name, value})
	return nil
}

// parseOptions reads the command line; flags may stand before and behind the
// ruleset.
func parseOptions(args []string) (*options, error) {
	o := &options{}
	f := o.flags()
	var files []string
	for len(args) > 0 {
		if err := f.Parse(args); err != nil {
			return nil, err
		}
		args = f.Args()
		if len(args) > 0 {
			files, args = append(files, args[0]), args[1:]
		}
	}
	if o.version {
		return o, nil
	}
	if err := o.misplaced(f); err != nil {
		return nil, err
	}
	return o, o.check(files)
}

// check sees whether the flags make sense together.
func (o *options) check(files []string) error {
	switch {
	case o.pcap == "" && len(o.ifaces) == 0:
		return nothingToFilter(files)
	case len(files) == 0:
		return errors.New("no ruleset: name a rules.bin or a .nft file")
	case len(files) > 1:
		return fmt.Errorf("one ruleset is enough, but there are %d: %s (nftc compiles several files into one)", len(files), strings.Join(files, ", "))
	case o.pcap == "-" && (files[0] == "-" || o.host == "-") || files[0] == "-" && o.host == "-":
		return errors.New("standard input can be only one of capture, ruleset and host description")
	case o.pcap == "" && repeated(o.ifaces) != "":
		return fmt.Errorf("--iface %s is there twice", repeated(o.ifaces))
	case o.saveEvery <= 0:
		return errors.New("--state-every: want a time above 0, such as 30s")
	case o.queues < 0 || o.queues > maxQueues:
		return fmt.Errorf("--queues: want a number from 1 to %d", maxQueues)
	case o.allRules && o.metrics == nil:
		return errors.New("--metrics-rules adds to --metrics, which is not there")
	case o.json && o.ruleset == "":
		return errors.New("--json is the form of --ruleset, which is not there")
	case o.dropped && o.write == "":
		return errors.New("--write-dropped adds to --write, which is not there")
	case o.traceAll && o.trace == "":
		return errors.New("--trace-all says which packets --trace prints, which is not there")
	}
	o.rules = files[0]
	return nil
}

// repeated gives a word that is in a list more than once, "" if there is none.
func repeated(list []string) string {
	for i, w := range list {
		if slices.Contains(list[:i], w) {
			return w
		}
	}
	return ""
}

// replayFlags and liveFlags are those that mean something to one of the two only.
const (
	replayFlags = " host seed advance write write-dropped verdicts trace trace-all events log conntrack expect ruleset json j "
	liveFlags   = " on-exit driver queues fast-flows observe state state-every control metrics metrics-rules " +
		"log-format log-level log-rate cpuprofile "
)

// misplaced finds a flag that would do nothing.
func (o *options) misplaced(f *flag.FlagSet) (err error) {
	if o.pcap == "" && len(o.ifaces) == 0 {
		return nil
	}
	f.Visit(func(g *flag.Flag) {
		name := " " + g.Name + " "
		switch {
		case o.pcap == "" && strings.Contains(replayFlags, name):
			err = fmt.Errorf("--%s is for replays, which need --pcap FILE", g.Name)
		case o.pcap != "" && strings.Contains(liveFlags, name):
			err = fmt.Errorf("--%s is for live interfaces, not for the replay of a capture", g.Name)
		}
	})
	return err
}

// nothingToFilter says what is missing where no packets come from. A word that is
// no file was meant to be a command.
func nothingToFilter(files []string) error {
	if len(files) > 0 {
		if _, err := os.Stat(files[0]); err != nil && !strings.ContainsAny(files[0], "./") && files[0] != "" {
			hint := ""
			if best := diag.Closest(files[0], slices.Collect(maps.Keys(clientCommands))); best != "" {
				hint = fmt.Sprintf("; did you mean %s?", best)
			}
			return fmt.Errorf("there is no command %q%s", files[0], hint)
		}
	}
	return errors.New("nothing to filter: give a capture with --pcap FILE, or interfaces with --iface NAME")
}
