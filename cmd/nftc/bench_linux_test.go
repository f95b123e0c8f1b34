package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"nfvm/internal/testenv"
)

// BenchmarkCompile compiles a large ruleset and has nft check it in the same
// run. It gives the processor time of nftc as a part of the time nft spends
// outside the kernel (x-nft), the time on the clock as a part of nft's
// (x-nft-wall), and the most memory each had (MB, nft-MB).
func BenchmarkCompile(b *testing.B) {
	testenv.Need(b, testenv.Root, testenv.Program("nft"), testenv.Program("unshare"))
	dir := b.TempDir()
	nftc := filepath.Join(dir, "nftc")
	if out, err := exec.Command("go", "build", "-o", nftc, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	for _, in := range []struct {
		name, text string
	}{
		{"rules10k", manyRules(10_000)},
		{"rules100k", manyRules(100_000)},
		{"sets10k", manySets(10_000)},
		{"addresses100k", manyKeys(100_000, "", "")},
		{"prefixes100k", manyKeys(100_000, "flags interval;", "/24")},
		{"addresses1M", manyKeys(1_000_000, "", "")},
		{"prefixes1M", manyKeys(1_000_000, "flags interval;", "/24")},
	} {
		b.Run(in.name, func(b *testing.B) {
			file := filepath.Join(dir, in.name+".nft")
			if err := os.WriteFile(file, []byte(in.text), 0o644); err != nil {
				b.Fatal(err)
			}
			theirs := spent(b, "unshare", "-n", "nft", "-c", "-f", file)
			var ours spending
			for b.Loop() {
				ours = spent(b, nftc, file, "-o", filepath.Join(dir, "out"))
			}
			b.ReportMetric((ours.User+ours.System).Seconds()/theirs.User.Seconds(), "x-nft")
			b.ReportMetric(ours.Wall.Seconds()/theirs.Wall.Seconds(), "x-nft-wall")
			b.ReportMetric(float64(ours.KB)/1024, "MB")
			b.ReportMetric(float64(theirs.KB)/1024, "nft-MB")
		})
	}
}

// A spending is what a program used.
type spending struct {
	User, System, Wall time.Duration
	KB                 int64 // the most memory
}

// runnerEnv has this test binary run its arguments and print what they used.
const runnerEnv = "NFTC_TEST_RUNNER"

func init() {
	if os.Getenv(runnerEnv) != "" {
		runner()
	}
}

// runner runs a program for spent. It is a process of its own because a new
// process counts the memory of the one that started it as its own, which here
// holds the rulesets.
func runner() {
	os.Unsetenv(runnerEnv)
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	start := time.Now()
	out, err := cmd.CombinedOutput()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%.1000s", err, out)
		os.Exit(1)
	}
	u := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	_ = json.NewEncoder(os.Stdout).Encode(spending{time.Duration(u.Utime.Nano()), time.Duration(u.Stime.Nano()), time.Since(start), u.Maxrss})
	os.Exit(0)
}

// spent runs a program and gives what it used.
func spent(b *testing.B, args ...string) (u spending) {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), runnerEnv+"=1")
	out, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(out, &u)
	}
	if err != nil {
		b.Fatalf("%v: %v", args, err)
	}
	return u
}

// manySets is a ruleset of n rules with a set each.
func manySets(n int) string {
	var b strings.Builder
	b.WriteString("table ip t {\n\tchain c {\n")
	for i := range n {
		fmt.Fprintf(&b, "\t\ttcp dport { %d, %d, %d } accept\n", i%50000, i%50000+3, i%50000+9)
	}
	b.WriteString("\t}\n}\n")
	return b.String()
}

// manyRules is a chain of n rules of several kinds. None has an anonymous
// set: the kernel takes minutes to undo thousands of them.
func manyRules(n int) string {
	var b strings.Builder
	b.WriteString("table inet t {\n chain c {\n  type filter hook input priority 0; policy accept;\n")
	for i := range n {
		addr := fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255)
		switch i % 5 {
		case 0:
			fmt.Fprintf(&b, "  ip saddr %s tcp dport %d accept\n", addr, i%65535+1)
		case 1:
			fmt.Fprintf(&b, "  iifname \"eth%d\" ip daddr %s/24 counter drop\n", i%8, addr)
		case 2:
			fmt.Fprintf(&b, "  ip saddr %s udp sport 53 udp dport %d counter accept\n", addr, 1024+i%60000)
		case 3:
			fmt.Fprintf(&b, "  ct state established,related ip saddr %s accept\n", addr)
		case 4:
			fmt.Fprintf(&b, "  ip6 saddr 2001:db8::%x tcp dport %d-%d log prefix \"x \" drop\n", i&0xffff, 1+i%30000, 30001+i%30000)
		}
	}
	b.WriteString(" }\n}\n")
	return b.String()
}

// manyKeys is a set of n addresses in no order, each with a suffix.
func manyKeys(n uint32, flags, suffix string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "table ip t {\n set s {\n  type ipv4_addr; %s\n  elements = {\n", flags)
	for i := range n {
		k := i * 0x9e3779b1 & (1<<24 - 1) // odd: a permutation
		last := "0"
		if suffix == "" {
			last = "1"
		}
		fmt.Fprintf(&b, "%d.%d.%d.%s%s,\n", k>>16, k>>8&255, k&255, last, suffix)
	}
	b.WriteString("  }\n }\n}\n")
	return b.String()
}
