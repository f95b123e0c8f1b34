package nflog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"nfvm/bytecode"
	"nfvm/internal/testenv"
	"nfvm/netio"
	"nfvm/nf"
	"nfvm/packet"
)

// udp is a packet of 10.0.0.1:1000 to 10.0.0.2:53 with n bytes behind its headers,
// that came in by eth0.
func udp(t *testing.T, n int) *packet.Packet {
	t.Helper()
	b := append([]byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0,
		0x45, 0, 0, 0, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
		1000 >> 8, 1000 & 0xff, 0, 53, 0, 0, 0, 0}, make([]byte, n)...)
	b[16], b[17] = byte((28+n)>>8), byte(28+n)
	b[38], b[39] = byte((8+n)>>8), byte(8+n)
	var p packet.Packet
	p.Reset(b, true)
	if p.ParseEther() != packet.OK {
		t.Fatal("the packet is malformed")
	}
	p.ParseIP()
	p.In = nf.NewLink(2, "eth0")
	p.Time = 1700000000_123456789
	p.Mark = 7
	return &p
}

var (
	plain = &bytecode.Log{Prefix: "in: "}
	level = &bytecode.Log{Prefix: "two\nlines ", HasLevel: true, Level: 6}
	group = &bytecode.Log{Prefix: "ulog", HasGroup: true, Group: 3, HasSnaplen: true, Snaplen: 24}
)

// program has the three statements in one rule.
func program() *bytecode.Program {
	r := &bytecode.Rule{Handle: 5, Pos: bytecode.Pos{Line: 12}, Exprs: []bytecode.Expr{plain, level, group}}
	return &bytecode.Program{Files: []string{"r.nft"}, Tables: []*bytecode.Table{{Family: nf.FamilyInet, Name: "t",
		Chains: []*bytecode.Chain{{Name: "in", Rules: []*bytecode.Rule{r}}}}}}
}

const line = "[1700000000.123456] in: IN=eth0 OUT= MAC=02:00:00:00:00:02:02:00:00:00:00:01:08:00 SRC=10.0.0.1 DST=10.0.0.2 LEN=38 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=UDP SPT=1000 DPT=53 LEN=18 MARK=0x7 \n"

// logged has sinks take the three statements' packets, and one that is sent.
func logged(t *testing.T, g *Logger) {
	t.Helper()
	g.Rules(program())
	for _, l := range []*bytecode.Log{plain, level, group} {
		g.Log(udp(t, 10), nf.HookInput, l)
	}
	p := udp(t, 10)
	p.Data, p.Network, p.Link = p.Data[14:], 0, false
	p.In, p.Out = nil, nf.NewLink(3, "eth1")
	g.Log(p, nf.HookOutput, plain)
}

func TestText(t *testing.T) {
	var b bytes.Buffer
	g := &Logger{}
	g.Add("text", NewText(&b), func(err error) { t.Error(err) })
	logged(t, g)
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(b.String(), "\n")
	if lines[0] != line || strings.Contains(b.String(), "ulog") || !strings.Contains(b.String(), "IN= OUT=eth1 SRC=") {
		t.Errorf("got %s", &b)
	}
	if s := g.Stats()[0]; s != (Stats{"text", 3, 0}) {
		t.Errorf("counts %+v", s)
	}
}

// TestReopen: a file that was renamed keeps what it has.
func TestReopen(t *testing.T) {
	name := filepath.Join(t.TempDir(), "log")
	for _, open := range []func(string) (Sink, error){OpenText, func(n string) (Sink, error) { return OpenPcapng(n, nil) }} {
		s, err := open(name)
		if err != nil {
			t.Fatal(err)
		}
		g := &Logger{Direct: true}
		g.Add("file", s, func(err error) { t.Error(err) })
		g.Log(udp(t, 10), nf.HookInput, plain)
		if err := errors.Join(os.Rename(name, name+".1"), s.reopen()); err != nil {
			t.Fatal(err)
		}
		g.Log(udp(t, 10), nf.HookInput, plain)
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
		first, err1 := os.ReadFile(name + ".1")
		second, err2 := os.ReadFile(name)
		if err1 != nil || err2 != nil || len(first) == 0 || !bytes.Equal(first, second) {
			t.Errorf("%v %v: %d and %d bytes", err1, err2, len(first), len(second))
		}
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v %v", info.Mode(), err)
		}
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}

// frames reads a capture: interface, direction, lengths, comment.
func frames(t *testing.T, b []byte) (out []string) {
	t.Helper()
	r, err := netio.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	for {
		var f netio.Frame
		err := r.Next(&f)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%s %d %d of %d at %d: %s", r.Interfaces()[f.Interface].Name, f.Direction, len(f.Data), f.OrigLen, f.Time, f.Comment))
	}
}

func TestPcapng(t *testing.T) {
	var b bytes.Buffer
	g := &Logger{}
	g.Add("pcapng", NewPcapng(&b, nil), func(err error) { t.Error(err) })
	logged(t, g)
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	const where = "inet t in, handle 5 (r.nft:12); hook "
	want := []string{
		`eth0 1 52 of 52 at 1700000000123456789: prefix "in: "; ` + where + "input; mark 0x7",
		`eth0 1 52 of 52 at 1700000000123456789: prefix "two\nlines "; ` + where + "input; mark 0x7",
		`eth0 1 38 of 52 at 1700000000123456789: prefix "ulog"; ` + where + "input; group 3; mark 0x7",
		`eth1 2 52 of 52 at 1700000000123456789: prefix "in: "; ` + where + "output; mark 0x7",
	}
	if got := frames(t, b.Bytes()); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	testenv.Need(t, testenv.Program("tcpdump"))
	name := filepath.Join(t.TempDir(), "c.pcapng")
	if err := os.WriteFile(name, append(bytes.Clone(b.Bytes()), b.Bytes()...), 0o600); err != nil { // two sections
		t.Fatal(err)
	}
	out, err := exec.Command("tcpdump", "-nr", name, "udp port 53").CombinedOutput()
	if err != nil || strings.Count(string(out), "10.0.0.1.1000 > 10.0.0.2.53") != 8 {
		t.Errorf("tcpdump: %v\n%s", err, out)
	}
}

// TestGroup: a capture of one group has its packets only.
func TestGroup(t *testing.T) {
	for n, want := range []int{0, 0, 0, 1} {
		var b bytes.Buffer
		number := uint16(n)
		g := &Logger{Direct: true}
		g.Add("nflog", NewPcapng(&b, &number), func(err error) { t.Error(err) })
		logged(t, g)
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
		if s := g.Stats()[0]; s.Written != uint64(want) || want > 0 && len(frames(t, b.Bytes())) != want {
			t.Errorf("group %d: %+v", n, s)
		}
	}
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	g := &Logger{Direct: true}
	g.Add("json", NewJSON(&b), func(err error) { t.Error(err) })
	logged(t, g)
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(&b)
	for i, want := range []string{"in", "two", "out"} {
		var o map[string]string
		if err := dec.Decode(&o); err != nil {
			t.Fatal(err)
		}
		wants := map[string]string{"level": "WARN", "hook": "input", "table": "t", "chain": "in", "position": "r.nft:12", "rule": "5",
			"prefix": "in: ", "in": "eth0", "src": "10.0.0.1", "dst": "10.0.0.2", "proto": "17", "spt": "1000", "dpt": "53", "mark": "7"}
		switch i {
		case 1:
			wants["level"], wants["prefix"] = "INFO", level.Prefix
		case 2:
			wants["hook"], wants["out"], wants["in"] = "output", "eth1", ""
		}
		for name, value := range wants {
			if o[name] != value {
				t.Errorf("%s: %s is %q, want %q", want, name, o[name], value)
			}
		}
		if when, err := time.Parse(time.RFC3339Nano, o["time"]); err != nil || when.Unix() != 1700000000 || !strings.Contains(o["msg"], "SRC=10.0.0.1 DST=") {
			t.Errorf("%s: %v", want, o)
		}
	}
}

// TestPipe: each reader of a named pipe gets a capture of its own, and what nobody
// reads is lost.
func TestPipe(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := OpenPcapng(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	var failures []error
	g := &Logger{Direct: true}
	g.Add("pipe", s, func(err error) { failures = append(failures, err) })
	for range 2 {
		g.Log(udp(t, 10), nf.HookInput, plain)
		g.Log(udp(t, 10), nf.HookInput, plain)
		r, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		g.Log(udp(t, 10), nf.HookInput, plain)
		b := make([]byte, 4096)
		n, err := r.Read(b)
		if err != nil || len(frames(t, b[:n])) != 1 {
			t.Errorf("read %d bytes, %v", n, err)
		}
		r.Close()
	}
	if len(failures) != 1 || !errors.Is(failures[0], errNoReader) {
		t.Errorf("failures: %v", failures)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	if s := g.Stats()[0]; s.Written != 2 || s.Dropped != 4 {
		t.Errorf("counts %+v", s)
	}
}

// listen serves a datagram socket.
func listen(t *testing.T, path string) *net.UnixConn {
	t.Helper()
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return c
}

func receive(t *testing.T, c *net.UnixConn) string {
	t.Helper()
	b := make([]byte, 8192)
	n, err := c.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

func TestSyslog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	server := listen(t, path)
	s, err := OpenSyslog(path, 16)
	if err != nil {
		t.Fatal(err)
	}
	g := &Logger{}
	g.Add("syslog", s, func(err error) { t.Error(err) })
	g.Log(udp(t, 10), nf.HookInput, plain)
	when := time.Unix(1700000000, 0).Format(time.Stamp)
	want := fmt.Sprintf("<132>%s nfvm[%d]: %s", when, os.Getpid(), strings.TrimSuffix(line[len("[1700000000.123456] "):], "\n"))
	if got := receive(t, server); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	server.Close()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	server = listen(t, path) // anew
	g.Log(udp(t, 10), nf.HookInput, level)
	if got := receive(t, server); !strings.HasPrefix(got, "<134>") {
		t.Errorf("got %q", got)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	if _, err := OpenSyslog(path+"none", 0); err == nil {
		t.Error("a socket that is not there can be opened")
	}
}

func TestJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	server := listen(t, path)
	s, err := OpenJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	g := &Logger{}
	g.Add("journal", s, func(err error) { t.Error(err) })
	logged(t, g)
	got := receive(t, server)
	for _, want := range []string{"MESSAGE=" + line[len("[1700000000.123456] "):], "PRIORITY=4\n", "SYSLOG_IDENTIFIER=nfvm\n",
		"NFVM_HOOK=input\n", "NFVM_PREFIX=in: \n", "NFVM_FAMILY=inet\n", "NFVM_TABLE=t\n", "NFVM_CHAIN=in\n", "NFVM_RULE=5\n",
		"NFVM_POSITION=r.nft:12\n", "NFVM_IN=eth0\n", "NFVM_SRC=10.0.0.1\n", "NFVM_DST=10.0.0.2\n", "NFVM_PROTO=17\n",
		"NFVM_SPT=1000\n", "NFVM_DPT=53\n", "NFVM_MARK=7\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
	if got := receive(t, server); !strings.Contains(got, "NFVM_PREFIX\n\x0a\x00\x00\x00\x00\x00\x00\x00two\nlines \n") {
		t.Errorf("a value of two lines: %q", got)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

// A stuck sink does not come back from write before it is told to.
type stuck struct {
	lines
	release chan struct{}
}

func (s *stuck) write(*Record) error { <-s.release; return nil }
func (s *stuck) close() error        { return nil }

// TestSlow: who logs does not wait for a place that does, nor do other places.
func TestSlow(t *testing.T) {
	slow := &stuck{release: make(chan struct{})}
	var b bytes.Buffer
	g := &Logger{}
	g.Add("slow", slow, nil)
	g.Add("text", NewText(&b), nil)
	p := udp(t, 1400)
	const n = 3 * queueSize
	for i := range n {
		g.Log(p, nf.HookInput, plain)
		if i%100 == 0 {
			time.Sleep(time.Millisecond) // for the other one
		}
	}
	if s := g.Stats()[0]; s.Dropped < n-queueSize-1 {
		t.Errorf("slow: %+v", s)
	}
	begun := time.Now()
	if err := g.Close(); err == nil || time.Since(begun) > closeTime+10*time.Second {
		t.Errorf("closed after %v: %v", time.Since(begun), err)
	}
	close(slow.release)
	<-g.queues[1].done
	if s := g.Stats()[1]; s.Written+s.Dropped != n || s.Written < queueSize {
		t.Errorf("text: %+v", s)
	}
	<-g.queues[0].done
	if left := g.waiting.Load(); left != 0 {
		t.Errorf("%d bytes are still waiting", left)
	}
}

// TestBytes: what waits is bounded in bytes, too.
func TestBytes(t *testing.T) {
	r, w := io.Pipe()
	g := &Logger{}
	g.Add("pcapng", NewPcapng(w, nil), nil)
	p := udp(t, 60000)
	for range 2 * queueBytes / 60000 {
		g.Log(p, nf.HookInput, plain)
	}
	if s := g.Stats()[0]; s.Dropped == 0 || g.waiting.Load() > queueBytes {
		t.Errorf("%+v, %d bytes wait", s, g.waiting.Load())
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

func TestLogAllocates(t *testing.T) {
	done := &stuck{release: make(chan struct{})}
	close(done.release)
	g := &Logger{Direct: true}
	g.Add("nowhere", done, nil)
	g.Rules(program())
	p := udp(t, 100)
	if n := testing.AllocsPerRun(100, func() { g.Log(p, nf.HookInput, plain) }); n > 0 {
		t.Errorf("%v allocations a packet", n)
	}
}

func TestTarget(t *testing.T) {
	for in, want := range map[string]string{
		"syslog": "syslog", "syslog:local0": "syslog:local0", "syslog:kern": "syslog", "journal": "journal", "stderr": "stderr",
		"nflog:3:a:b": "nflog:3:a:b", "nflog:0:-": "nflog:0:-", "nflog:3": "want nflog:GROUP:PATH", "nflog:65536:a": "want nflog:GROUP:PATH",
		"none": "none", "file:a:b": "file:a:b", "pcapng:-": "pcapng:-",
		"syslog:": "no facility", "syslog:what": "no facility", "journal:x": "takes no value", "file:": "want file:PATH",
		"pcapng": "want pcapng:PATH", "log": "want syslog[:FACILITY], journal",
	} {
		target, err := ParseTarget(in)
		got := target.String()
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, want) && !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
