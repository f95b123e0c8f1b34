package main

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"nfvm/bytecode"
	"nfvm/host"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"nfvm": main})
}

// TestScripts runs the command as a person would. $EX is the directory of the
// examples, $BIN that of the command alone.
func TestScripts(t *testing.T) {
	examples, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("EX", examples)
			e.Setenv("BIN", filepath.SplitList(e.Getenv("PATH"))[0])
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"cut":    cut,
			"garble": garble,
			"only":   only,
			"binary": binary,
		},
	})
}

// cut SOURCE DEST PERCENT copies the first part of a file.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	data, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	percent := map[string]int{"1": 1, "50": 50, "99": 99}[args[2]]
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), data[:len(data)*percent/100], 0o666))
}

// garble DEST writes bytes that are no format at all.
func garble(ts *testscript.TestScript, _ bool, args []string) {
	b := make([]byte, 4096)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o666))
}

// binary RULES DEST [BYTE] compiles rules for a host without interfaces to a
// rules.bin, of which it changes one byte.
func binary(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	p, err := compile(&options{rules: args[0]}, text, host.Implicit(), streams{err: os.Stderr})
	ts.Check(err)
	data, err := bytecode.Encode(p)
	ts.Check(err)
	if len(args) > 2 {
		n, err := strconv.Atoi(args[2])
		ts.Check(err)
		data[n] ^= 0x40
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), data, 0o666))
}

// only FILE... sees that the directory holds these files and nothing else.
func only(ts *testscript.TestScript, _ bool, args []string) {
	entries, err := os.ReadDir(ts.MkAbs("."))
	ts.Check(err)
	want := map[string]bool{".tmp": true}
	for _, a := range args {
		want[a] = true
	}
	for _, e := range entries {
		if !want[e.Name()] {
			ts.Fatalf("there is a file %s", e.Name())
		}
	}
}
