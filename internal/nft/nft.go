// Package nft asks the nft program of this machine what it makes of a ruleset,
// in a network namespace of its own, and brings its listing and ours to one
// form. Only tests use it.
package nft

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"nfvm/internal/testenv"
)

// Need skips the test where nft cannot be asked.
func Need(t testing.TB) {
	t.Helper()
	testenv.Need(t, testenv.Root, testenv.Program("nft"), testenv.Program("unshare"))
}

// Check gives what `nft --debug=netlink -c -f` prints of a ruleset, in the form
// of Normal, and the messages of nft if it refuses the ruleset.
func Check(t testing.TB, src string) (listing, refused string) {
	t.Helper()
	in := filepath.Join(t.TempDir(), "rules.nft")
	if err := os.WriteFile(in, []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("unshare", "-n", "nft", "--debug=netlink", "-c", "-f", in)
	cmd.Env = append(os.Environ(), "TZ=UTC")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", strings.ReplaceAll(string(out), in, "rules.nft")
	}
	return Normal(string(out)), ""
}
