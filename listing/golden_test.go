package listing

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nfvm/bytecode"
	"nfvm/internal/testenv"
)

var update = flag.Bool("update", false, "record testdata from nft and the kernel")

// TestGolden compares listings of recorded programs. For each NAME.nft in
// testdata, NAME.bin is the bytecode that the kernel holds after nft has loaded
// it, NAME.txt nft's own listing of that, NAME.json ours, and NAME.newer ours with
// the texts of nft 1.1.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.nft")
	if err != nil || len(files) == 0 {
		t.Fatal("no test data", err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(f, ".nft")
		t.Run(filepath.Base(name), func(t *testing.T) {
			if *update {
				record(t, name)
			}
			golden(t, name)
		})
	}
}

func golden(t *testing.T, name string) {
	data, err := os.ReadFile(name + ".bin")
	if err != nil {
		t.Fatal(err)
	}
	p, err := bytecode.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	var text, newer, js strings.Builder
	if err := Ruleset(&text, p, nil); err != nil {
		t.Fatal(err)
	}
	if err := Ruleset(&newer, p, &Options{Newer: true}); err != nil {
		t.Fatal(err)
	}
	if err := JSON(&js, p, nil); err != nil {
		t.Fatal(err)
	}
	if *update {
		for file, text := range map[string]string{".json": js.String(), ".newer": newer.String()} {
			if err := os.WriteFile(name+file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	compareFile(t, name+".newer", newer.String())
	compareFile(t, name+".txt", text.String())
	compareFile(t, name+".json", js.String())
}

func compareFile(t *testing.T, file, got string) {
	t.Helper()
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	w, g := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		switch {
		case i >= len(w):
			t.Fatalf("%s: more lines than wanted: %s", file, g[i])
		case i >= len(g):
			t.Fatalf("%s: missing %s", file, w[i])
		case w[i] != g[i]:
			t.Errorf("%s:%d:\nwant %s\n got %s", file, i+1, w[i], g[i])
		}
	}
}

// record loads NAME.nft in a namespace and writes what the kernel and nft say.
func record(t *testing.T, name string) {
	testenv.Need(t, testenv.Root, testenv.Program("nft"))
	rules, err := os.ReadFile(name + ".nft")
	if err != nil {
		t.Fatal(err)
	}
	inNamespace(t, func(ns *namespace) {
		if out, err := ns.nft(string(rules), "-f", "-"); err != nil {
			t.Errorf("%s: %s", name, out)
			return
		}
		text, _ := ns.nft("", "list", "ruleset")
		p := ns.program()
		freeze(p)
		declare(p, text)
		data, err := bytecode.Encode(p)
		if err != nil {
			t.Error(err)
			return
		}
		for file, content := range map[string]string{".bin": string(data), ".txt": volatile.ReplaceAllString(text, "")} {
			if err := os.WriteFile(name+file, []byte(content), 0o644); err != nil {
				t.Error(err)
			}
		}
	})
}

// freeze removes what differs from run to run: what is left of timeouts.
func freeze(p *bytecode.Program) {
	for _, t := range p.Tables {
		for _, s := range t.Sets {
			for i := range s.Elements {
				s.Elements[i].Expires = 0
			}
		}
	}
}

// declare takes the declarations of sets with typeof from nft's text: the kernel
// holds them in a form of nft's own.
func declare(p *bytecode.Program, text string) {
	for _, t := range p.Tables {
		for _, s := range t.Sets {
			if s.TypeofKey == "" {
				continue
			}
			_, rest, _ := strings.Cut(text, " "+s.Name+" {\n")
			line, _, _ := strings.Cut(strings.TrimSpace(rest), "\n")
			of, isTypeof := strings.CutPrefix(line, "typeof ")
			s.TypeofKey = ""
			if isTypeof {
				s.TypeofKey, s.TypeofData, _ = strings.Cut(of, " : ")
			}
		}
	}
}

// TestLive compares listings with those of nft on the machine at hand.
func TestLive(t *testing.T) {
	testenv.Need(t, testenv.Root, testenv.Program("nft"))
	inNamespace(t, func(ns *namespace) {
		for _, name := range []string{"ip", "inet"} {
			rules, err := os.ReadFile("testdata/" + name + ".nft")
			if err != nil {
				t.Error(err)
				return
			}
			_, diffs := compareLive(t, ns, string(rules))
			for _, d := range diffs {
				t.Error(d)
			}
		}
	})
}
