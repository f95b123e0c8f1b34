// Package packaging_test builds the packages and looks into them.
package packaging_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"nfvm/internal/testenv"
)

// build runs a recipe and gives the file that it writes.
func build(t *testing.T, recipe string) string {
	t.Helper()
	cmd := exec.Command(recipe, t.TempDir())
	cmd.Env = append(os.Environ(), "VERSION=1.2.3", "SOURCE_DATE_EPOCH=1700000000")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", recipe, err)
	}
	return strings.TrimSpace(string(out))
}

// twice runs a recipe two times; the bytes must be the same.
func twice(t *testing.T, recipe string) string {
	t.Helper()
	first, second := build(t, recipe), build(t, recipe)
	a, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(second)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Errorf("%s and %s differ", first, second)
	}
	return first
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// TestDebian: the package holds what it should, and the programs run.
func TestDebian(t *testing.T) {
	testenv.Need(t, testenv.Program("dpkg-deb"))
	file := twice(t, "deb/build")
	if got := run(t, "dpkg-deb", "-f", file, "Package", "Version"); got != "Package: nfvm\nVersion: 1.2.3\n" {
		t.Errorf("fields:\n%s", got)
	}
	list := run(t, "dpkg-deb", "-c", file)
	for _, name := range []string{"./usr/bin/nfvm", "./usr/bin/nftc", "./lib/systemd/system/nfvm.service",
		"./etc/nfvm/nfvm.env", "./etc/nfvm/rules.nft", "./usr/share/doc/nfvm/live.md", "./usr/share/man/man8/nfvm.8.gz", "./usr/share/man/man8/nftc.8.gz",
		"./usr/share/bash-completion/completions/nfvm", "./usr/share/doc/nfvm/copyright"} {
		if !strings.Contains(list, " "+name+"\n") {
			t.Errorf("%s is not there", name)
		}
	}
	install(t, file)
}

// runs has the programs below a directory tell their version, and compile the
// rules that come with them.
func runs(t *testing.T, root string) {
	t.Helper()
	for _, args := range [][]string{{"nfvm", "--version"}, {"nftc", "--version"}, {"nftc", "-c", filepath.Join(root, "etc/nfvm/rules.nft")}} {
		if got := run(t, filepath.Join(root, "usr/bin", args[0]), args[1:]...); args[1] == "--version" && !strings.HasSuffix(got, " 1.2.3\n") {
			t.Errorf("version: %s", got)
		}
	}
}

// install has dpkg install a package into a directory of its own, and take all of
// it away again.
func install(t *testing.T, file string) {
	t.Helper()
	testenv.Need(t, testenv.Root, testenv.Program("dpkg"))
	root := t.TempDir()
	for _, dir := range []string{"info", "updates"} {
		if err := os.MkdirAll(filepath.Join(root, "var/lib/dpkg", dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "var/lib/dpkg/status"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	dpkg := func(args ...string) string {
		t.Helper()
		return run(t, "dpkg", append([]string{"--root=" + root, "--force-script-chrootless", "--log=/dev/null"}, args...)...)
	}
	dpkg("-i", file)
	if got := dpkg("-V", "nfvm") + dpkg("-s", "nfvm"); !strings.Contains(got, "Status: install ok installed") || strings.Contains(got, "??") {
		t.Errorf("installed:\n%s", got)
	}
	runs(t, root)
	dpkg("-P", "nfvm")
	for _, name := range []string{"usr/bin/nfvm", "etc/nfvm", "lib/systemd/system/nfvm.service"} {
		if _, err := os.Stat(filepath.Join(root, name)); !os.IsNotExist(err) {
			t.Errorf("%s after the purge: %v", name, err)
		}
	}
}

// TestOCI follows an image from its index to the program in its layer.
func TestOCI(t *testing.T) {
	testenv.Need(t, testenv.Program("tar"), testenv.Program("sha256sum"))
	file := twice(t, "oci/build")
	root, layer := t.TempDir(), t.TempDir()
	run(t, "tar", "-xf", file, "-C", root)
	type descriptor struct {
		Digest string
		Size   int
	}
	blob := func(d descriptor, v any) string {
		t.Helper()
		hash := strings.TrimPrefix(d.Digest, "sha256:")
		name := filepath.Join(root, "blobs/sha256", hash)
		data, err := os.ReadFile(name)
		if err != nil || len(data) != d.Size || !strings.HasPrefix(run(t, "sha256sum", name), hash) {
			t.Fatalf("blob %+v: %d bytes, %v", d, len(data), err)
		}
		if v != nil {
			if err := json.Unmarshal(data, v); err != nil {
				t.Fatal(err)
			}
		}
		return name
	}
	data, err := os.ReadFile(filepath.Join(root, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var index struct{ Manifests []descriptor }
	if err := json.Unmarshal(data, &index); err != nil || len(index.Manifests) != 1 {
		t.Fatalf("index: %v\n%s", err, data)
	}
	var manifest struct {
		Config descriptor
		Layers []descriptor
	}
	blob(index.Manifests[0], &manifest)
	var config struct {
		Config struct{ Entrypoint []string }
	}
	blob(manifest.Config, &config)
	if len(manifest.Layers) != 1 || len(config.Config.Entrypoint) != 1 {
		t.Fatalf("%+v %+v", manifest, config)
	}
	run(t, "tar", "-xzf", blob(manifest.Layers[0], nil), "-C", layer)
	runs(t, layer)
	guards(t, layer, config.Config.Entrypoint[0])
}

// container runs the image's program on an interface, with nothing but what is in
// the image, and asks it for its chains.
const container = `ip link set lo up; ip link add a0 type veth peer name b0; ip link set a0 up; ip link set b0 up
mkdir -p proc dev/net; mount -t proc proc proc; touch dev/net/tun; mount --bind /dev/net/tun dev/net/tun
chroot . $0 --iface a0 /etc/nfvm/rules.nft 2>log & p=$!
for i in $(seq 200); do ! grep -q ready log || break; sleep 0.1; done
chroot . $0 list chains; cat log; kill $p; wait $p`

func guards(t *testing.T, root, program string) {
	t.Helper()
	testenv.Need(t, testenv.Root, testenv.Device("/dev/net/tun"), testenv.Program("unshare"), testenv.Program("ip"))
	cmd := exec.Command("unshare", "-n", "-m", "bash", "-ec", container, program)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "type filter hook input") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestUnit: systemd understands the unit and finds it well confined.
func TestUnit(t *testing.T) {
	testenv.Need(t, testenv.Program("systemd-analyze"))
	text, err := os.ReadFile("systemd/nfvm.service")
	if err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(t.TempDir(), "nfvm.service")
	if err := os.WriteFile(unit, bytes.ReplaceAll(text, []byte("/usr/bin/nfvm"), []byte("/bin/true")), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := run(t, "systemd-analyze", "verify", "--man=no", unit); got != "" {
		t.Errorf("verify:\n%s", got)
	}
	run(t, "systemd-analyze", "security", "--offline=true", "--threshold=30", unit)
}
