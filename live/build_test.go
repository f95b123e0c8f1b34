//go:build linux

package live_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
)

// builds are the programs that tests run, each built once.
type builds struct {
	mu  sync.Mutex
	dir string
}

// path builds a package's program, unless it is there, and gives its path.
func (b *builds) path(pkg string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dir == "" {
		dir, err := os.MkdirTemp("", "nfvm-live-")
		if err == nil {
			err = os.Chmod(dir, 0o755) // for users without rights
		}
		if err != nil {
			return "", err
		}
		b.dir = dir
	}
	bin := filepath.Join(b.dir, filepath.Base(pkg))
	if _, err := os.Stat(bin); err == nil {
		return bin, nil
	}
	if out, err := exec.Command("go", "build", "-o", bin, pkg).CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", pkg, err, out)
	}
	return bin, nil
}

// TestMain lets more tests run at once than there are processors: they mostly
// wait for programs.
func TestMain(m *testing.M) {
	flag.Parse()
	if n := flag.Lookup("test.parallel"); n.Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		_ = n.Value.Set("4")
	}
	code := m.Run()
	if programs.dir != "" {
		_ = os.RemoveAll(programs.dir)
	}
	os.Exit(code)
}

// buildNfvm gives the command.
func (l *lab) buildNfvm() string {
	l.t.Helper()
	return l.built("nfvm/cmd/nfvm")
}

// build puts a program of testdata into the lab's directory.
func (l *lab) build(name string) {
	l.t.Helper()
	l.must("ln", "-sf", l.built("nfvm/live/testdata/"+name), filepath.Join(l.dir, name))
}

func (l *lab) built(pkg string) string {
	l.t.Helper()
	bin, err := programs.path(pkg)
	if err != nil {
		l.t.Fatal(err)
	}
	return bin
}
