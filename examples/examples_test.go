// Package examples holds recordings of real traffic; see README.md.
package examples

import (
	"bytes"
	"path/filepath"
	"testing"

	"nfvm/netio"
)

// dirs lists the examples.
func dirs(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("*/rules.*")
	if err != nil || len(found) < 3 {
		t.Fatalf("examples: %v, %v", found, err)
	}
	for i := range found {
		found[i] = filepath.Dir(found[i])
	}
	return found
}

func capture(t *testing.T, path string) []recorded {
	t.Helper()
	frames, err := readCapture(path)
	if err != nil {
		t.Fatal(err)
	}
	return frames
}

// TestRecordings checks what README.md says of the captures themselves.
func TestRecordings(t *testing.T) {
	for _, dir := range dirs(t) {
		t.Run(dir, func(t *testing.T) {
			x, err := readExceptions(dir)
			if err != nil {
				t.Fatal(err)
			}
			traffic, kernel := capture(t, filepath.Join(dir, "traffic.pcapng")), capture(t, filepath.Join(dir, "kernel.pcapng"))
			sent := map[string]int{} // by any interface: what a bridge sends leaves by a port
			for _, list := range [][]recorded{traffic, kernel} {
				var last int64
				for _, f := range list {
					if f.Time < last || f.Direction == netio.DirectionUnknown {
						t.Fatalf("frame %d: time %d, direction %d", f.Number, f.Time, f.Direction)
					}
					last = f.Time
				}
			}
			for _, f := range kernel {
				if f.Direction == netio.DirectionOutbound {
					sent[string(f.Data)]++
				}
			}
			for _, f := range traffic {
				if f.Direction != netio.DirectionOutbound {
					continue
				}
				if sent[string(f.Data)]--; sent[string(f.Data)] < 0 {
					t.Errorf("traffic frame %d, of the host, did not leave", f.Number)
				}
			}
			if d := x.difference(kernel, kernel); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestExceptions sees that exceptions hide what they name and nothing else, and that
// there are packets of each class.
func TestExceptions(t *testing.T) {
	for dir, want := range map[string][]string{
		"dual-stack": {"router-error", "refragmented"}, "kubernetes": {"router-error", "translated-error"}, "ddos": {"cookie"},
	} {
		hidden := hiddenFields(t, dir)
		for _, class := range want {
			if hidden[class] == 0 {
				t.Errorf("%s: no packet of class %s", dir, class)
			}
		}
	}
}

// hiddenFields counts by class the packets of an example in which what is named is
// hidden, and nothing else.
func hiddenFields(t *testing.T, dir string) map[string]int {
	t.Helper()
	x, err := readExceptions(dir)
	if err != nil {
		t.Fatal(err)
	}
	hidden := map[string]int{}
	for _, f := range capture(t, filepath.Join(dir, "kernel.pcapng")) {
		if f.Direction != netio.DirectionOutbound || len(f.Data) < 54 {
			continue
		}
		other := f
		other.Data = bytes.Clone(f.Data)
		p := other.Data[14:]
		class := x.class(p)
		for _, line := range x.lines {
			if line[1] == class {
				blank[line[0]](p)
			}
		}
		if x.difference([]recorded{f}, []recorded{other}) == "" {
			hidden[class]++
		}
		other.Data[len(other.Data)-1] ^= 1
		if x.difference([]recorded{f}, []recorded{other}) == "" {
			t.Errorf("%s: frame %d: a changed payload is not seen", dir, f.Number)
		}
	}
	return hidden
}
