//go:build linux

package live_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"nfvm/internal/testenv"
)

const openRules = "table inet t {\n chain c {\n type filter hook forward priority 0; policy accept;\n }\n}\n"

// asNobody runs what follows as a user without rights but for the capabilities
// named, where everybody may open TAP devices, as on most machines.
func asNobody(caps string) []string {
	return []string{"unshare", "-m", "sh", "-c", "mount -t tmpfs none /mnt; mknod -m 666 /mnt/tun c 10 200; mount --bind /mnt/tun /dev/net/tun\n" +
		"exec setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all," + caps + " --ambient-caps=-all," + caps +
		" --bounding-set=-all," + caps + ` --no-new-privs "$0" "$@"`}
}

// TestRights: nfvm keeps three capabilities, in all threads and sets, and works
// with them: as root, as a user who has just them, and when the rules need one
// more to be read.
func TestRights(t *testing.T) {
	t.Parallel()
	testenv.Need(t, testenv.Program("setpriv"), testenv.Program("unshare"))
	l := newLab(t)
	rules, locked := filepath.Join(l.dir, "rules.nft"), filepath.Join(l.dir, "locked.nft")
	for _, name := range []string{rules, locked} {
		if err := os.WriteFile(name, []byte(openRules), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	l.must("chown", "65534", locked)
	l.must("chmod", "600", locked)
	l.must("chmod", "755", filepath.Dir(l.dir), l.dir)
	const three = 1<<12 | 1<<13 | 1<<39
	const readSearch = 1 << 2
	for _, c := range []struct {
		name, rules string
		prefix      []string
		want        uint64
	}{
		{"root", rules, nil, three},
		{"nobody", rules, asNobody("+net_admin,+net_raw,+bpf"), three},
		{"another's rules", locked, nil, three | readSearch},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := l.guardBy(c.prefix, "--control", "none", "--iface", "r1", "--iface", "r2", c.rules)
			l.sh("client", "ping -qc 2 -i .2 -W 2 10.9.1.1")
			_ = p.cmd.Process.Signal(syscall.SIGHUP)
			p.says(t, "reloaded")
			want := fmt.Sprintf("%016x", c.want)
			for _, status := range threads(t, p.cmd.Process.Pid) {
				for _, set := range []string{"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"} {
					if status[set] != want {
						t.Errorf("thread %s: %s %s, want %s", status["Pid"], set, status[set], want)
					}
				}
				if status["NoNewPrivs"] != "1" {
					t.Errorf("thread %s: NoNewPrivs %s", status["Pid"], status["NoNewPrivs"])
				}
			}
			if kept := strings.Contains(p.stderr.String(), "CAP_DAC_READ_SEARCH is kept"); kept != (c.want != three) {
				t.Errorf("says that a right is kept: %v", kept)
			}
			p.end(os.Interrupt)
		})
	}
}

// TestMissingRights: without one of the capabilities nfvm says which, and changes
// nothing.
func TestMissingRights(t *testing.T) {
	t.Parallel()
	testenv.Need(t, testenv.Program("setpriv"), testenv.Program("unshare"))
	l := newLab(t)
	l.must("chmod", "755", filepath.Dir(l.dir), l.dir)
	for missing, caps := range map[string]string{
		"CAP_BPF": "+net_admin,+net_raw", "CAP_NET_RAW": "+net_admin,+bpf", "CAP_NET_ADMIN": "+net_raw,+bpf",
	} {
		p := l.start("router", append(asNobody(caps), l.buildNfvm(), "--control", "none", "--iface", "r1", "rules.nft")...)
		<-p.done
		if want := "nfvm: " + missing + " is missing"; !strings.HasPrefix(p.stderr.String(), want) || p.cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("exit %d, %s\nwant %s", p.cmd.ProcessState.ExitCode(), p.stderr, want)
		}
	}
}

// threads gives what /proc says of each thread of a process.
func threads(t *testing.T, pid int) (list []map[string]string) {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(files) < 2 {
		t.Fatalf("%d threads, %v", len(files), err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has just ended
		}
		status := map[string]string{}
		for line := range strings.Lines(string(text)) {
			key, value, _ := strings.Cut(line, ":")
			status[key] = strings.TrimSpace(value)
		}
		list = append(list, status)
	}
	return list
}
