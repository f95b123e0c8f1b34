// Package testenv decides whether a test that needs more than a Go toolchain
// can run here.
//
// A test that needs root, a program or a kernel facility says so through Need;
// where it is missing the test is skipped with that reason, except under
// NFVM_REQUIRE_KERNEL=1 (set in CI), where a missing need is a failure, so that
// a green run can't hide tests that never ran.
package testenv

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// RequireVar is the environment variable that turns every skip into a failure.
const RequireVar = "NFVM_REQUIRE_KERNEL"

// A Requirement reports why it is not met, or "" when it is.
type Requirement func() string

// Root requires the effective user to be root.
func Root() string {
	if os.Geteuid() != 0 {
		return "needs root"
	}
	return ""
}

// Program requires an executable on PATH.
func Program(name string) Requirement {
	return func() string {
		if _, err := exec.LookPath(name); err != nil {
			return fmt.Sprintf("needs the program %s", name)
		}
		return ""
	}
}

// Device requires a device node, such as /dev/net/tun.
func Device(path string) Requirement {
	return func() string {
		if _, err := os.Stat(path); err != nil {
			return fmt.Sprintf("needs %s", path)
		}
		return ""
	}
}

// Need skips the test when a requirement is not met, or fails it under
// NFVM_REQUIRE_KERNEL=1.
func Need(t testing.TB, reqs ...Requirement) {
	t.Helper()
	for _, r := range reqs {
		why := r()
		if why == "" {
			continue
		}
		if os.Getenv(RequireVar) == "1" {
			t.Fatalf("%s, and %s=1 forbids skipping", why, RequireVar)
		}
		t.Skip(why)
	}
}
