package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/txtar"

	"nfvm/osf"
)

// A Case is one file of cases/.
type Case struct {
	Name    string // file name without .txtar
	Comment string
	Host    *Host
	Rules   string
	Saved   []Saved
	Systems *osf.Database // fingerprints, nil for none
	Steps   []Step
	Mask    *Mask
	Want    *Outcome // nil before the first recording
	Events  bool     // the case has a section want/events, perhaps empty
	Expect  bool     // the same for want/expect
	Expects bool     // the same for want/expect-events
	Variant Variant  // what loads Saved into a kernel
	archive *txtar.Archive
}

// Outcome is what a run leaves behind, as the texts of the want sections.
type Outcome struct {
	Packets   []string // lines of want/packets
	Conntrack []string // lines of conntrack -L -o extended, sorted
	Ruleset   string   // nft list ruleset
	Counters  []string // of the saved rules
	Trace     []string // lines of nft monitor trace from the table on
	Events    []string // lines of conntrack -E
	Expect    []string // lines of conntrack -L expect, sorted
	Expects   []string // lines of conntrack -E expect
}

// ReadCase reads one case file.
func ReadCase(path string) (*Case, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c, err := ParseCase(strings.TrimSuffix(filepath.Base(path), ".txtar"), data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// ParseCase reads a case from the text of its file.
func ParseCase(name string, data []byte) (*Case, error) {
	a := txtar.Parse(data)
	c := &Case{Name: name, Comment: string(a.Comment), archive: a}
	section := map[string]string{"host": "router"}
	for _, f := range a.Files {
		section[f.Name] = string(f.Data)
	}
	var err error
	if c.Host, err = ParseHost(section["host"]); err != nil {
		return nil, err
	}
	c.Rules, c.Saved = section["rules.nft"], savedRules(section)
	if c.Mask, err = ParseMask(section["mask"], section["rules.nft"], section["packets"], section["rules.iptables"], section["rules.ip6tables"],
		section["rules.arptables"], section["rules.ebtables"]); err != nil {
		return nil, err
	}
	if list, ok := section["pf.os"]; ok {
		if c.Systems, err = osf.Parse(strings.NewReader(list)); err != nil {
			return nil, fmt.Errorf("pf.os: %w", err)
		}
	}
	if c.Steps, err = ParseSteps(section["packets"]); err != nil {
		return nil, err
	}
	for i, s := range c.Steps {
		if s.Load == "" {
			continue
		}
		text, ok := section[s.Load]
		if !ok {
			return nil, fmt.Errorf("packets: %q: there is no such section", s.String())
		}
		c.Steps[i].Rules = text
	}
	_, c.Events = section["want/events"]
	_, c.Expect = section["want/expect"]
	_, c.Expects = section["want/expect-events"]
	if _, recorded := section["want/packets"]; recorded {
		c.Want = &Outcome{
			Packets:   lines(section["want/packets"]),
			Conntrack: lines(section["want/conntrack"]),
			Ruleset:   section["want/ruleset"],
			Counters:  lines(section["want/counters"]),
			Trace:     lines(section["want/trace"]),
			Events:    lines(section["want/events"]),
			Expect:    lines(section["want/expect"]),
			Expects:   lines(section["want/expect-events"]),
		}
	}
	return c, nil
}

// Record gives the file's text with the outcome as its want sections.
func (c *Case) Record(o *Outcome) []byte {
	a := &txtar.Archive{Comment: c.archive.Comment}
	for _, f := range c.archive.Files {
		if !strings.HasPrefix(f.Name, "want/") {
			a.Files = append(a.Files, f)
		}
	}
	add := func(name, text string) {
		a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(text)})
	}
	add("want/packets", joined(o.Packets))
	add("want/conntrack", joined(o.Conntrack))
	add("want/ruleset", o.Ruleset)
	if len(c.Saved) > 0 {
		add("want/counters", joined(o.Counters))
	}
	if Traces(c.Rules) {
		add("want/trace", joined(o.Trace))
	}
	if c.Events {
		add("want/events", joined(o.Events))
	}
	if c.Expect {
		add("want/expect", joined(o.Expect))
	}
	if c.Expects {
		add("want/expect-events", joined(o.Expects))
	}
	return txtar.Format(a)
}

// lines splits text into lines without blank ones.
func lines(text string) []string {
	var out []string
	for _, l := range strings.Split(text, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func joined(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\n") + "\n"
}
