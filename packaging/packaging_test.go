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
		"./etc/nfvm/nfvm.env", "./etc/nfvm/rules.nft", "./usr/share/doc/nfvm/live.md", "./usr/share/doc/nfvm/copyright"} {
		if !strings.Contains(list, " "+name+"\n") {
			t.Errorf("%s is not there", name)
		}
	}
	root := t.TempDir()
	run(t, "dpkg-deb", "-x", file, root)
	if got := run(t, filepath.Join(root, "usr/bin/nfvm"), "--version"); !strings.HasPrefix(got, "nfvm ") {
		t.Errorf("version: %s", got)
	}
	run(t, filepath.Join(root, "usr/bin/nftc"), "-c", filepath.Join(root, "etc/nfvm/rules.nft"))
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
	if got := run(t, filepath.Join(layer, config.Config.Entrypoint[0]), "--version"); !strings.HasPrefix(got, "nfvm ") {
		t.Errorf("version: %s", got)
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
