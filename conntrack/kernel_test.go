package conntrack_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nfvm/conntrack"
	"nfvm/ct"
	"nfvm/internal/testenv"
)

// A said is what a command has printed, and its exit status.
type said struct {
	out, err string
	status   int
}

// runTool runs a command line on a table.
func runTool(t *testing.T, m *conntrack.Memory, args []string) said {
	t.Helper()
	var out, warnings bytes.Buffer
	c, err := conntrack.Parse(slices.Clone(args), conntrack.Env{Warnings: &warnings})
	if mistake, ok := err.(*conntrack.Error); ok {
		return said{"", warnings.String() + mistake.Text(), mistake.Status}
	}
	tool := &conntrack.Tool{Source: m, Out: &out, Err: &warnings}
	status, err := tool.Run(c)
	if err != nil {
		t.Fatal(err)
	}
	return said{out.String(), warnings.String(), status}
}

// runKernel runs command lines with conntrack(8), in turn, in a namespace.
func runKernel(t *testing.T, ns *testenv.Namespace, lines []string) []said {
	t.Helper()
	var script strings.Builder
	dir := t.TempDir()
	for i, line := range lines {
		fmt.Fprintf(&script, "conntrack %s >%s/%d.out 2>%s/%d.err </dev/null && s=0 || s=$?; echo $s >%s/%d.status\n", quote(line), dir, i, dir, i, dir, i)
	}
	ns.Shell(t, script.String())
	all := make([]said, len(lines))
	for i := range lines {
		read := func(what string) string {
			b, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%d.%s", i, what)))
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		status, err := strconv.Atoi(strings.TrimSpace(read("status")))
		if err != nil {
			t.Fatal(err)
		}
		all[i] = said{read("out"), read("err"), status}
	}
	return all
}

// quote keeps the shell from reading a command line.
func quote(line string) string {
	words := strings.Fields(line)
	for i, w := range words {
		words[i] = "'" + w + "'"
	}
	return strings.Join(words, " ")
}

var (
	seconds  = regexp.MustCompile(`^(?:ipv[46] +\d+ )?\w+ +\d+ (\d+) |^-[AUD] -t (\d+) |<timeout>(\d+)<`)
	identity = regexp.MustCompile(`( id=|<id>)\d+($|</id>)`)
)

// split sorts lines, whose order is not the same, and takes the seconds out of
// them, as time passes for the kernel only.
func split(text string) (lines []string, left []int) {
	lines = strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	type timed struct {
		line string
		left int
	}
	all := make([]timed, len(lines))
	for i, line := range lines {
		m := seconds.FindStringSubmatchIndex(line)
		all[i].line = line
		for g := 2; g+1 < len(m); g += 2 {
			if m[g] >= 0 {
				all[i].left, _ = strconv.Atoi(line[m[g]:m[g+1]])
				all[i].line = line[:m[g]] + "T" + line[m[g+1]:]
			}
		}
		all[i].line = identity.ReplaceAllString(all[i].line, "${1}N$2")
	}
	slices.SortStableFunc(all, func(a, b timed) int { return strings.Compare(a.line, b.line) })
	for i := range all {
		lines[i] = all[i].line
		left = append(left, all[i].left)
	}
	return lines, left
}

// onOneProcessor adds the counters of all processors up, as there is one only here.
func onOneProcessor(text string) string {
	if !strings.HasPrefix(text, "cpu=0") {
		return text
	}
	var names []string
	sums := map[string]int{}
	for line := range strings.Lines(text) {
		_, line, _ = strings.Cut(line, "\t")
		names = names[:0]
		for _, word := range strings.Fields(line) {
			name, value, _ := strings.Cut(word, "=")
			n, _ := strconv.Atoi(value)
			sums[name] += n
			names = append(names, name)
		}
	}
	sum := "cpu=0   \t"
	for _, name := range names {
		sum += fmt.Sprintf("%s=%d ", name, sums[name])
	}
	return sum + "\n"
}

// compare compares what both have said of a command.
func compare(t *testing.T, line string, got, want said) {
	t.Helper()
	gotLines, gotLeft := split(got.out)
	want.out = onOneProcessor(want.out)
	wantLines, wantLeft := split(want.out)
	same := slices.Equal(gotLines, wantLines) && got.err == want.err && got.status == want.status
	for i := 0; same && i < len(gotLeft); i++ {
		late := gotLeft[i] - wantLeft[i]
		same = late >= 0 && late < 60
	}
	if !same {
		t.Errorf("conntrack %s:\n%s%sstatus %d, but of the kernel's table:\n%s%sstatus %d",
			line, got.out, got.err, got.status, want.out, want.err, want.status)
	}
}

func newMemory() *conntrack.Memory {
	return conntrack.Saved(&ct.Saved{Time: 1700000000e9}, rand.New(rand.NewPCG(1, 2)).Uint32)
}

func commandLines(t *testing.T) (lines []string) {
	t.Helper()
	b, err := os.ReadFile("testdata/commands.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(b), "\n") {
		if line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	return lines
}

// TestSameAsTool gives the same command lines to conntrack(8) and to this package,
// and compares all that they say.
func TestSameAsTool(t *testing.T) {
	testenv.Need(t, testenv.Root, testenv.Program("conntrack"))
	lines := commandLines(t)
	kernel := runKernel(t, testenv.NewNamespace(t), lines)
	m := newMemory()
	for i, line := range lines {
		compare(t, line, runTool(t, m, strings.Fields(line)), kernel[i])
	}
}

// traffic makes connections of all kinds with real packets, some translated, some
// in zones, and commands that show them.
const traffic = `
ip link set lo up
ip addr add 10.5.0.1/24 dev lo; ip addr add 10.5.0.2/24 dev lo
sysctl -qw net.netfilter.nf_conntrack_acct=0
nft -f - <<'RULES'
table inet t {
	chain raw { type filter hook output priority -300; udp dport 1001 ct zone set 7; udp dport 1002 ct original zone set 8; }
	chain out { type nat hook output priority -100; tcp dport 1003 dnat ip to 10.5.0.2:1004; }
	chain post { type nat hook postrouting priority 100; udp dport 1005 snat ip to 10.5.0.2:2000; }
	chain marks { type filter hook output priority 0; udp dport 1006 ct mark set 0x99; }
}
RULES
ping -qc1 -W1 10.5.0.1 >/dev/null
ping -qc1 -W1 ::1 >/dev/null
for port in 1001 1002 1005 1006 1007; do echo x >/dev/udp/10.5.0.1/$port || true; done
timeout 2 bash -c 'echo >/dev/tcp/10.5.0.2/1009' 2>/dev/null || true
(sleep 2 | nc -l 10.5.0.2 1004 >/dev/null &)
for i in 1 2 3 4 5 6 7 8 9 10; do ss -Hltn | grep -q :1004 && break; sleep 0.1; done
exec 3<>/dev/tcp/10.5.0.1/1003
echo hello >&3
`

// TestTrafficOfTheKernel has connections that packets have made in the kernel
// loaded from conntrack -o save, and compares what both show of them.
func TestTrafficOfTheKernel(t *testing.T) {
	testenv.Need(t, testenv.Root, testenv.Program("conntrack"), testenv.Program("nft"), testenv.Program("nc"))
	ns := testenv.NewNamespace(t)
	ns.Shell(t, traffic)
	saved := ns.Shell(t, "conntrack -L -o save 2>/dev/null")
	all, err := conntrack.ParseFile(strings.NewReader(saved), conntrack.Env{})
	if err != nil {
		t.Fatal(err)
	}
	m := newMemory()
	var out, told bytes.Buffer
	tool := &conntrack.Tool{Source: m, Out: &out, Err: &told}
	if status, err := tool.RunFile(all); status != 0 || err != nil || out.Len()+told.Len() != 0 {
		t.Fatalf("loading: status %d, %v\n%s%s", status, err, out.String(), told.String())
	}
	// The form of save has no marks.
	mark := "-U -s 10.5.0.1 -p udp --dport 1006 -m 0x99"
	if s := runTool(t, m, strings.Fields(mark)); s.status != 0 {
		t.Fatalf("conntrack %s: %s", mark, s.err)
	}
	lines := []string{
		"-L", "-L -o extended,id", "-L -o xml", "-L -o save", "-L -p tcp", "-L -p udp -o xml", "-L -f ipv6", "-L -n -p udp",
		"-L -g -p tcp", "-L -j -p tcp", "-L -u ASSURED", "-L -u !SEEN_REPLY", "-L -w 7", "-L --orig-zone 8", "-L -m 0x99",
		"-L -p tcp --state ESTABLISHED", "-L -p icmp", "-C", "-D -p udp --dport 1007", "-D -g -p tcp", "-L",
	}
	for i, want := range runKernel(t, ns, lines) {
		compare(t, lines[i], runTool(t, m, strings.Fields(lines[i])), want)
	}
}
