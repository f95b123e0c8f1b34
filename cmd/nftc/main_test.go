package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nfvm/bytecode"
)

// runWith runs the command and gives exit status, output and errors.
func runWith(stdin string, args ...string) (int, string, string) {
	var out, errs bytes.Buffer
	code := run(args, streams{strings.NewReader(stdin), &out, &errs})
	return code, out.String(), errs.String()
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return p
}

const rules = "table ip t {\n\tchain c {\n\t\ttype filter hook input priority 0; policy drop;\n\t\ttcp dport 22 accept\n\t}\n}\n"

// TestCompile writes a file with the operand before the flag, and reads it back.
func TestCompile(t *testing.T) {
	in := write(t, "rules.nft", rules)
	out := filepath.Join(t.TempDir(), "rules.bin")
	if code, _, errs := runWith("", in, "-o", out); code != 0 {
		t.Fatal(errs)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bytecode.Decode(data); err != nil {
		t.Fatal(err)
	}
	code, list, errs := runWith("", "list", out)
	if code != 0 || !strings.Contains(list, "tcp dport 22 accept") {
		t.Errorf("list: %d %s %s", code, list, errs)
	}
	code, dump, errs := runWith("", "dump", out)
	if code != 0 || !strings.Contains(dump, "[ payload load 2b @ transport header + 2 => reg 1 ]") {
		t.Errorf("dump: %d %s %s", code, dump, errs)
	}
}

// TestNothingWritten leaves an older output alone when the input is wrong.
func TestNothingWritten(t *testing.T) {
	in := write(t, "rules.nft", "table ip t { chain c { tcp dport 70000 accept; }; }\n")
	out := write(t, "rules.bin", "old")
	code, _, errs := runWith("", "-o", out, in)
	if code != 1 || !strings.Contains(errs, "rules.nft:1:34-38: Error: Service out of range") {
		t.Errorf("got %d %s", code, errs)
	}
	data, _ := os.ReadFile(out)
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(out), "*"))
	if string(data) != "old" || len(left) != 1 {
		t.Errorf("the output was touched: %q %v", data, left)
	}
}

// TestTransaction compiles two inputs as one, the second from standard input.
func TestTransaction(t *testing.T) {
	in := write(t, "a.nft", "add table ip t\nadd chain ip t c\n")
	code, out, errs := runWith("add rule ip t c counter\n", "--debug=netlink", in, "-")
	if code != 0 || !strings.Contains(out, "[ counter pkts 0 bytes 0 ]") {
		t.Errorf("got %d %s %s", code, out, errs)
	}
}

// TestNames takes interfaces, users and definitions from the command line.
func TestNames(t *testing.T) {
	ifaces := write(t, "ifaces", "lo\t1\neth7\t9\n")
	users := write(t, "users", "alice\t1234\n")
	in := "table ip t {\n\tchain c {\n\t\tiif eth7 meta skuid alice tcp dport $port\n\t}\n}\n"
	code, out, errs := runWith(in, "--debug=netlink", "-D", "port=80", "--ifaces", ifaces, "--users", users, "-")
	if code != 0 {
		t.Fatal(errs)
	}
	for _, want := range []string{"0x00000009", "0x000004d2", "0x00005000"} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is missing in\n%s", want, out)
		}
	}
	code, _, errs = runWith(in, "-c", "-Dport=80", "--ifaces="+ifaces, "--users", write(t, "none", ""), "-")
	if code != 1 || !strings.Contains(errs, "User does not exist") {
		t.Errorf("got %d %s", code, errs)
	}
}

// TestRefusals are command lines and inputs that give a clear error.
func TestRefusals(t *testing.T) {
	tests := []struct {
		args []string
		in   string
		want string
	}{
		{[]string{}, "", "a file is needed"},
		{[]string{"-"}, "", "nothing to do"},
		{[]string{"-c", "/nonexistent"}, "", "no such file"},
		{[]string{"--frob", "-"}, "", "unknown flag --frob"},
		{[]string{"-o"}, "", "-o needs a value"},
		{[]string{"-O7", "-c", "-"}, "", "levels are 0 and 1"},
		{[]string{"--from=pf", "-c", "-"}, "", "--from=pf"},
		{[]string{"-c", "-"}, "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n", "iptables is not supported"},
		{[]string{"-c", "-"}, "{\"nftables\": []}", "json is not supported"},
		{[]string{"list", "-"}, "junk", "nftc: -: "},
		{[]string{"dump"}, "", "one compiled file is needed"},
	}
	for _, tt := range tests {
		code, _, errs := runWith(tt.in, tt.args...)
		if code != 1 || !strings.Contains(errs, tt.want) {
			t.Errorf("%v: got %d %q, want %q", tt.args, code, errs, tt.want)
		}
	}
}

// TestLevels compiles to the same bytes at both levels, and the same each time.
func TestLevels(t *testing.T) {
	in := write(t, "rules.nft", rules)
	var files []string
	for _, level := range []string{"-O0", "-O1", "-O0"} {
		out := filepath.Join(t.TempDir(), "out")
		if code, _, errs := runWith("", level, "-o", out, in); code != 0 {
			t.Fatal(errs)
		}
		data, _ := os.ReadFile(out)
		files = append(files, string(data))
	}
	if files[0] != files[2] || files[0] != files[1] {
		t.Error("the output differs between runs")
	}
}

// TestListJSON prints a compiled file as nft -j does.
func TestListJSON(t *testing.T) {
	in := write(t, "rules.nft", rules)
	out := filepath.Join(t.TempDir(), "rules.bin")
	if code, _, errs := runWith("", in, "-o", out); code != 0 {
		t.Fatal(errs)
	}
	for _, args := range [][]string{{"list", "-j", out}, {"list", out, "--json"}} {
		code, text, errs := runWith("", args...)
		if code != 0 || !strings.Contains(text, `"policy": "drop"`) {
			t.Errorf("%v: %d %s %s", args, code, text, errs)
		}
	}
}
