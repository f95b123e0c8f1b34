//go:build linux

package live_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nfvm/internal/testenv"
)

// documentedRules are those of the examples in docs/control.md.
const documentedRules = `table inet fw {
	counter web { }
	set friends {
		type ipv4_addr
		flags timeout
	}
	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		ip saddr @friends icmp type echo-request accept
		tcp dport { 80, 443 } counter name web accept
	}
}
`

// An example is a command of the documentation with what it says.
type example struct{ command, output string }

// examples reads the commands of a page: lines behind "$ ", which go on while a
// quote is open or the line ends with a bar, and then their output.
func examples(page string) (list []example) {
	for line := range strings.Lines(page) {
		text, code := strings.CutPrefix(line, "    ")
		command, begins := strings.CutPrefix(text, "$ ")
		last := &example{}
		if len(list) > 0 {
			last = &list[len(list)-1]
		}
		open := strings.Count(last.command, "'")%2 == 1 || strings.HasSuffix(last.command, "|\n")
		switch {
		case !code && text != "\n":
			list = append(list, example{}) // prose ends an output
		case begins:
			list = append(list, example{command: command})
		case open:
			last.command += text
		case last.command != "":
			last.output += text
		}
	}
	return list
}

var digits, blanks = regexp.MustCompile(`[0-9]+`), regexp.MustCompile(` +`)

// masked leaves of a text what does not depend on when and where it was printed.
func masked(text string) []string {
	for _, m := range []struct{ pattern, by string }{
		{`([0-9a-f]{2}:){5}[0-9a-f]{2}`, "MAC"}, {`trace id [0-9a-f]{8}`, "trace id ID"},
		{`expires [0-9a-z]+`, "expires T"}, {`up [0-9ms]+`, "up T"}, {`uptime":[0-9.]+`, "uptime"},
	} {
		text = regexp.MustCompile(m.pattern).ReplaceAllString(text, m.by)
	}
	text = blanks.ReplaceAllString(digits.ReplaceAllString(text, "N"), " ")
	return strings.Split(strings.TrimSpace(text), "\n")
}

// within reports whether the lines of a are lines of b, in that order.
func within(a, b []string) bool {
	for _, line := range b {
		if len(a) > 0 && line == a[0] {
			a = a[1:]
		}
	}
	return len(a) == 0
}

// TestDocumentedExamples runs each command of docs/control.md and compares what it
// prints, but for numbers, with the page.
func TestDocumentedExamples(t *testing.T) {
	t.Parallel()
	testenv.Need(t, testenv.Program("nc"), testenv.Program("ping"))
	page, err := os.ReadFile("../docs/control.md")
	if err != nil {
		t.Fatal(err)
	}
	c := &controlled{lab: newLab(t)}
	c.must("ip", "link", "add", "p0", "netns", c.ns("client"), "type", "veth", "peer", "name", "a0", "netns", c.ns("router"))
	c.sh("client", "ip addr add 10.77.0.2/24 dev p0; ip link set p0 up")
	c.sh("router", "ip addr add 10.77.0.1/24 dev a0; ip link set a0 up")
	c.rules = filepath.Join(c.dir, "rules.nft")
	c.write(documentedRules)
	if err := os.WriteFile(filepath.Join(c.dir, "new.nft"), []byte(documentedRules), 0o600); err != nil {
		t.Fatal(err)
	}
	c.guard = c.lab.guard("--iface", "a0", "--log-to", "none", "rules.nft")
	c.serve("router", "nc", "-lk", "80")
	c.says("add element inet fw friends { 10.77.0.2 timeout 1h }")
	before := map[string]string{"conntrack": "ping -qc 1 -W 5 10.77.0.1 >/dev/null"}
	count := 0
	for _, e := range examples(string(page)) {
		if e.command == "" {
			continue
		}
		count++
		verb, rest, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(e.command), "nfvm "), " ")
		if action := before[verb]; action != "" {
			c.sh("client", action)
		}
		if verb == "monitor" {
			c.documentedMonitor(rest, e.output)
			continue
		}
		script := strings.ReplaceAll(e.command, "/run/nfvm/control.sock", c.dir+"/control.sock")
		script = strings.ReplaceAll(script, "nfvm "+verb, c.buildNfvm()+" --control "+c.dir+"/control.sock "+verb)
		out, _ := c.try("router", script, 30*time.Second)
		got, want := masked(out), masked(e.output)
		if (verb == "stats" || verb == "top") && within(want, got) { // there may be more of it
			continue
		}
		slices.Sort(got) // standard error may be ahead of the output
		slices.Sort(want)
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("$ %sprints\n%s\nand not\n%s", e.command, out, e.output)
		}
	}
	if count < 15 {
		t.Errorf("the page has only %d examples", count)
	}
}

// documentedMonitor has a monitor see what the page shows.
func (c *controlled) documentedMonitor(args, output string) {
	c.t.Helper()
	p := c.start("router", "bash", "-c", "exec "+c.buildNfvm()+" monitor --control "+c.dir+"/control.sock "+args+" 1>&2")
	defer p.end(os.Interrupt)
	want := masked(output)
	for range 40 {
		if strings.Contains(args, "trace") {
			c.sh("client", "nc -zw 5 10.77.0.1 80")
		} else {
			c.says("flush set inet fw friends")
			c.says("add element inet fw friends { 10.77.0.2 timeout 1h }")
		}
		if time.Sleep(250 * time.Millisecond); within(want, masked(p.stderr.String())) {
			return
		}
	}
	c.t.Errorf("nfvm monitor %s prints\n%s\nand not\n%s", args, p.stderr, output)
}
