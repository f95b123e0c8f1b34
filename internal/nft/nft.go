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
// of Normal, and the messages of nft if it or the kernel refuses the ruleset.
func Check(t testing.TB, src string) (listing, refused string) {
	t.Helper()
	out, refused := run(t, src, "--debug=netlink", "-c")
	return Normal(out), refused
}

// Load is Check, but the kernel takes the ruleset.
func Load(t testing.TB, src string) (listing, refused string) {
	t.Helper()
	out, refused := run(t, src, "--debug=netlink")
	return Normal(out), refused
}

// Refused gives the messages of nft if it or the kernel refuses to load the
// ruleset. The kernel checks some things only when a transaction commits, and
// Check does not come to that.
func Refused(t testing.TB, src string) string {
	t.Helper()
	_, refused := run(t, src)
	return refused
}

// run runs nft in a network namespace of its own.
func run(t testing.TB, src string, args ...string) (out, refused string) {
	t.Helper()
	in := filepath.Join(t.TempDir(), "rules.nft")
	if err := os.WriteFile(in, []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("unshare", append(append([]string{"-n", "nft"}, args...), "-f", in)...)
	cmd.Env = append(os.Environ(), "TZ=UTC")
	all, err := cmd.CombinedOutput()
	if err != nil {
		return string(all), strings.ReplaceAll(string(all), in, "rules.nft")
	}
	return string(all), ""
}

// OnlyAbsent reports whether a refusal says nothing but that the kernel does not
// have what the ruleset names: a statement whose module was not built. The
// listing, which nft makes itself, stands all the same.
func OnlyAbsent(refused string) bool {
	for line := range strings.Lines(refused) {
		if strings.Contains(line, ": Error: ") && !strings.Contains(line, "Could not process rule: No such file or directory") {
			return false
		}
	}
	return true
}
