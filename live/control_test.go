//go:build linux

package live_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// controlRules are those that the tests of commands ask about.
const controlRules = `table inet t {
	counter web { }
	quota few { 10 mbytes }
	set friends {
		type ipv4_addr
		flags timeout
	}
	set ports {
		type inet_service
		flags interval
		elements = { 80, 8000-8010 }
	}
	map where {
		type inet_service : verdict
	}
	chain f {
		type filter hook forward priority 0; policy drop;
		ct state established,related counter accept
		ip saddr @friends icmp type echo-request accept
		tcp dport @ports counter name web accept
		tcp dport vmap @where
	}
	chain p {
		type nat hook postrouting priority 100;
		oifname r2 masquerade
	}
	chain elsewhere {
		counter quota name few accept
	}
}
`

// A controlled is a lab whose router runs nfvm with controlRules.
type controlled struct {
	*lab
	guard *process
	rules string // the file
}

func newControlled(t *testing.T) *controlled {
	l := newLab(t)
	c := &controlled{lab: l, rules: filepath.Join(l.dir, "rules.nft")}
	c.write(controlRules)
	c.guard = l.guard("--iface", "r1", "--iface", "r2", c.rules)
	return c
}

func (c *controlled) write(rules string) {
	c.t.Helper()
	if err := os.WriteFile(c.rules, []byte(rules), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// nfvm runs a command and gives what it prints, errors included.
func (c *controlled) nfvm(args string) (string, error) {
	verb, rest, _ := strings.Cut(args, " ")
	return c.try("router", c.buildNfvm()+" "+verb+" --control "+c.dir+"/control.sock "+rest, 30*time.Second)
}

// says runs a command that must succeed and print all of the words.
func (c *controlled) says(args string, words ...string) string {
	c.t.Helper()
	out, err := c.nfvm(args)
	if err != nil {
		c.t.Errorf("nfvm %s: %v\n%s", args, err, out)
	}
	for _, w := range words {
		if !strings.Contains(out, w) {
			c.t.Errorf("nfvm %s does not print %q:\n%s", args, w, out)
		}
	}
	return out
}

// refuses runs a command that must fail and print all of the words.
func (c *controlled) refuses(args string, words ...string) {
	c.t.Helper()
	out, err := c.nfvm(args)
	if err == nil {
		c.t.Errorf("nfvm %s succeeds:\n%s", args, out)
	}
	for _, w := range words {
		if !strings.Contains(out, w) {
			c.t.Errorf("nfvm %s does not print %q:\n%s", args, w, out)
		}
	}
}

func (c *controlled) pings() bool {
	_, err := c.try("client", "ping -qc 1 -W 1 10.9.2.2", 5*time.Second)
	return err == nil
}

// TestControlElements: elements come and go while packets flow, and mistakes are
// shown where they are.
func TestControlElements(t *testing.T) {
	t.Parallel()
	c := newControlled(t)
	if c.pings() {
		t.Error("pings pass without being friends")
	}
	c.says("add element inet t friends '{ 10.9.1.2 timeout 1h, 10.9.1.3 timeout 2s comment \"b\" }'")
	c.says("list set inet t friends", "10.9.1.2 timeout 1h expires ", "10.9.1.3 timeout 2s", `comment "b"`)
	if !c.pings() {
		t.Error("a friend's ping does not pass")
	}
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		out := c.says("list set inet t friends", "10.9.1.2")
		if !strings.Contains(out, "10.9.1.3") {
			break
		}
		if time.Now().After(end) {
			t.Errorf("an element outlives its timeout:\n%s", out)
			break
		}
	}
	c.says("delete element inet t friends { 10.9.1.2 }")
	if c.pings() {
		t.Error("pings pass when the element is gone")
	}
	c.says("add element inet t ports { 9000-9100, 443 }")
	c.says("list set inet t ports", "80, 443, 8000-8010,", "9000-9100")
	c.says("delete element inet t ports { 80 }")
	c.says("add element inet t where { 22 : jump elsewhere }")
	c.says("list map inet t where", "22 : jump elsewhere")
	c.says("flush set inet t ports")
	if out := c.says("list set inet t ports"); strings.Contains(out, "443") {
		t.Errorf("flushed, but there are still elements:\n%s", out)
	}
	c.refuses("add element inet t friends { 10.9.1.300 }", "Error: ", "10.9.1.300", "^^^^")
	c.refuses("add element inet t friend { 10.9.1.3 }", "^^^", "friends")
	c.refuses("delete element inet t friends { 10.9.1.77 }", "^^^")
	c.refuses("add element inet t ports { 70-60 }", "Range has zero or negative size")
	c.refuses("add rule inet t f accept", "rules change by nfvm apply")
	c.refuses("add element inet t where { 22 : jump nowhere }", "nowhere")
	if !strings.Contains(c.guard.stderr.String(), "ready") {
		t.Error("nfvm has said nothing")
	}
}

// TestControlApply: applied rules return unless they are confirmed.
func TestControlApply(t *testing.T) {
	t.Parallel()
	c := newControlled(t)
	file := filepath.Join(c.dir, "new.nft")
	if err := os.WriteFile(file, []byte(strings.Replace(controlRules, "ip saddr @friends ", "", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	c.says("add element inet t friends { 10.9.1.77 timeout 1h }")
	c.says("apply --confirm 3s "+file, "nfvm confirm")
	if !c.pings() {
		t.Error("the applied rules are not in force")
	}
	c.says("stats", "pending")
	c.refuses("apply "+file, "waits for its confirmation")
	c.refuses("reload", "waits for its confirmation")
	for i := 0; strings.Count(c.guard.stderr.String(), "rolled back") == 0; i++ {
		if time.Sleep(100 * time.Millisecond); i > 100 {
			t.Fatalf("never rolled back:\n%s", c.guard.stderr)
		}
	}
	if c.pings() {
		t.Error("the applied rules are still in force after their time")
	}
	c.says("list set inet t friends", "10.9.1.77")
	c.refuses("confirm", "nothing waits")
	c.refuses("rollback", "nothing waits")
	c.says("apply --confirm 60s " + file)
	c.says("confirm")
	if !c.pings() {
		t.Error("confirmed rules are not in force")
	}
	c.write(controlRules)
	c.says("reload")
	if c.pings() {
		t.Error("after a reload the file's rules are not in force")
	}
	c.says("apply --confirm 60s " + file)
	c.says("rollback")
	if c.pings() {
		t.Error("rolled back, but the applied rules are in force")
	}
	c.says("apply " + file)
	if !c.pings() {
		t.Error("rules applied for good are not in force")
	}
	c.write("table inet t { chain f { akzept } }")
	c.refuses("reload", "akzept", "^^^")
	c.refuses("apply --confirm 60s "+c.rules, c.rules+":1:", "akzept", "^^^")
	c.refuses("apply --confirm never "+c.rules, "invalid")
	if !c.pings() {
		t.Error("refused rules have changed those in force")
	}
}

// TestControlLists: what is in force and what it has counted, as nft and
// conntrack show it.
func TestControlLists(t *testing.T) {
	t.Parallel()
	c := newControlled(t)
	c.serve("server", "nc", "-lk", "8000")
	c.waitFor("server", "nc -z 10.9.2.2 8000")
	c.must("ip", "netns", "exec", c.ns("client"), "nc", "-zw", "2", "10.9.2.2", "8000")
	c.says("list ruleset", "table inet t {", "tcp dport @ports counter name \"web\" accept")
	c.says("list tables", "table inet t")
	c.says("list -a chain inet t f", "# handle", "policy drop")
	c.says("list -j counters", `{"nftables":[{"metainfo"`, `"name":"web"`)
	c.says("list sets", "set friends", "set ports")
	c.says("reset counters", "packets 1 ")
	c.says("list counter inet t web", "packets 0 bytes 0")
	if out := c.says("reset rules inet t f"); strings.Contains(out, "counter packets 0") {
		t.Errorf("reset rules lists counters after the reset:\n%s", out)
	}
	c.says("list chain inet t f", "established,related counter packets 0 bytes 0")
	c.refuses("list chain inet t g", "No such file or directory")
	c.refuses("list tabels", "^^^")
	c.says("conntrack -L", "tcp      6", "dport=8000", "1 flow entries have been shown")
	c.says("conntrack -C", "1")
	c.says("conntrack -L -p tcp --dport 8000 -s 10.9.1.0/24 --state TIME_WAIT -o xml", "<state>TIME_WAIT</state>", "</conntrack>")
	c.says("conntrack -L -p udp", "0 flow entries")
	c.refuses("conntrack -D -p tcp --dport 9", "0 flow entries have been deleted")
	c.says("conntrack -U -s 10.9.1.0/24 -p tcp --dport 8000 -m 7", "mark=7", "1 flow entries have been updated")
	c.says("conntrack -I -s 10.9.1.9 -d 10.9.2.9 -p udp --sport 5 --dport 53 -t 60", "1 flow entries have been created")
	c.refuses("conntrack -I -s 10.9.1.9 -d 10.9.2.9 -p udp --sport 5 --dport 53 -t 60", "Such conntrack exists")
	c.says("conntrack -G -s 10.9.1.9 -d 10.9.2.9 -p udp --sport 5 --dport 53", "udp      17 ")
	c.says("conntrack -D -p tcp --dport 8000", "dport=8000", "1 flow entries have been deleted")
	c.says("conntrack -F", "emptied")
	c.refuses("conntrack -L -s nowhere", "Invalid IP address `nowhere'")
	c.refuses("conntrack -L --nonsense", "unknown option `--nonsense'")
	c.says("stats", "connections", "r1", "conntrack")
	c.says("stats -j", `"pid":`)
	c.says("top -n 2 -d 0.2", "PROTO", "connections")
	c.refuses("release r1", "guards it")
}

// TestControlMonitor: two clients watch, one is killed, one does not read.
func TestControlMonitor(t *testing.T) {
	t.Parallel()
	c := newControlled(t)
	watch := func(args string) *process {
		p := c.start("router", "bash", "-c", "exec "+c.buildNfvm()+" monitor --control "+c.dir+"/control.sock "+args+" 1>&2")
		time.Sleep(300 * time.Millisecond)
		return p
	}
	saw := func(p *process, words ...string) {
		t.Helper()
		for _, w := range words {
			for i := 0; !strings.Contains(p.stderr.String(), w); i++ {
				if time.Sleep(50 * time.Millisecond); i > 100 {
					t.Fatalf("the monitor does not print %q:\n%s", w, p.stderr)
				}
			}
		}
	}
	trace, killed, events, rules := watch("--all trace"), watch("--all trace"), watch("events"), watch("ruleset")
	objects := watch("-j")
	killed.end(syscall.SIGKILL)
	c.says("add element inet t friends { 10.9.1.2 }")
	if !c.pings() {
		t.Fatal("no ping passes")
	}
	saw(trace, "trace id ", "inet t f packet: iif \"r1\" oif \"r2\"", "icmp type echo-request", "(verdict accept)")
	saw(events, "[NEW]", "icmp", "type=8")
	saw(rules, "add element inet t friends { 10.9.1.2 }", "# new generation")
	saw(objects, `{"add": {"element": {"family": "inet", "table": "t", "name": "friends", "elem": {"set": ["10.9.1.2"]}}}}`+"\n")
	trace.end(os.Interrupt)
	c.says("reload")
	c.write(strings.Replace(controlRules, "policy drop", "policy accept", 1))
	c.says("reload")
	saw(rules, "delete rule inet t p handle ", "delete set inet t where\n", "delete table inet t", "add chain inet t f { type filter hook forward priority filter; policy accept; }",
		"add rule inet t f handle ", " ip saddr @friends icmp type echo-request accept\n", "add set inet t ports { type inet_service; flags interval;")
	saw(objects, `{"delete": {"rule": {"family": "inet", "table": "t", "chain": "p", "handle": `, `{"add": {"rule": {"family": "inet", "table": "t", "chain": "f", `)
	c.refuses("monitor nonsense", "can't monitor")
	c.refuses("monitor -j events", "json is for traces and the ruleset")
	stuck := watch("--all trace")
	_ = stuck.cmd.Process.Signal(syscall.SIGSTOP)
	c.sh("client", "ping -qf -c 3000 -w 20 10.9.2.2 >/dev/null")
	c.says("stats")
	_ = stuck.cmd.Process.Signal(syscall.SIGCONT)
	if !c.pings() {
		t.Error("a client that did not read has stopped the packets")
	}
	saw(stuck, "events were lost")
	if out := c.says("stats"); strings.Contains(out, "lost events   0\n") {
		t.Errorf("lost events are not counted:\n%s", out)
	}
}

// TestControlRelease: an interface that was left closed can be opened, and two
// instances do not share a socket.
func TestControlRelease(t *testing.T) {
	t.Parallel()
	c := newControlled(t)
	other := c.start("router", c.buildNfvm(), "--control", c.dir+"/control.sock", "--iface", "r2", c.rules)
	<-other.done
	if !strings.Contains(other.stderr.String(), "another process is serving it") {
		t.Errorf("a second nfvm at the socket says:\n%s", other.stderr)
	}
	c.refuses("release r1", "a running nfvm")
	if out, err := c.try("router", c.buildNfvm()+" release r1", time.Minute); err == nil || !strings.Contains(out, "a running nfvm guards it") {
		t.Errorf("without its socket: %v\n%s", err, out)
	}
	c.guard.end(os.Interrupt)
	c.refuses("stats", "no nfvm answers")
	nowhere := c.start("router", c.buildNfvm(), "--control", c.dir+"/none/control.sock", "--iface", "r2", c.rules)
	if <-nowhere.done; nowhere.cmd.ProcessState.ExitCode() != 1 || !strings.Contains(nowhere.stderr.String(), "no such file or directory") {
		t.Errorf("a socket that can't be made: %v\n%s", nowhere.cmd.ProcessState, nowhere.stderr)
	}
	p := c.lab.guard("--on-exit", "closed", "--iface", "r1", c.rules)
	p.end(syscall.SIGKILL)
	if c.pinged("10.9.1.1", false) {
		t.Error("the interface is open when nfvm is killed")
	}
	c.says("release r1")
	if !c.pinged("10.9.1.1", true) {
		t.Error("the interface is closed after its release")
	}
	c.refuses("release nosuch", "nosuch")
}
