package testenv

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A Namespace is a network namespace of a test's own, with a thread in it. It
// ends with the test.
type Namespace struct {
	calls chan func()
}

// NewNamespace makes a network namespace in which lo is down and nothing else
// is. It needs Root.
func NewNamespace(t testing.TB) *Namespace {
	t.Helper()
	n := &Namespace{calls: make(chan func())}
	made := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread is not to be used again
		err := unix.Unshare(unix.CLONE_NEWNET)
		made <- err
		for f := range n.calls {
			f()
		}
	}()
	if err := <-made; err != nil {
		close(n.calls)
		t.Fatalf("new network namespace: %v", err)
	}
	t.Cleanup(func() { close(n.calls) })
	return n
}

// Do runs f in the namespace. f must not end the test (t.Fatal) nor call Do.
func (n *Namespace) Do(f func()) {
	done := make(chan struct{})
	n.calls <- func() {
		defer close(done)
		f()
	}
	<-done
}

// Shell runs a bash script in the namespace, which ends at the first command
// that fails, and gives its standard output. A script that fails ends the test.
func (n *Namespace) Shell(t testing.TB, script string) string {
	t.Helper()
	var stdout, stderr strings.Builder
	var err error
	n.Do(func() {
		cmd := exec.Command("bash", "-e")
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(script), &stdout, &stderr
		err = cmd.Run()
	})
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	return stdout.String()
}
