package json

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"nfvm/compiler"
	"nfvm/lang"
)

// FuzzDecode reads texts with the decoder and with encoding/json.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"a": [1, -2.5e+3, 0, "x", true, false, null, {}], "b": {"c": "d"}}`, `[]`, `"\u00e4\n\"\\"`, "\"\xff\"", `"ä"`, `01`, `-`, `1.`,
		`{"a":1,}`, `[1,]`, `{"a" 1}`, `nul`, `tru`, "\"\t\"", `{"a":1,"a":[2]}`, ` [ [ ] , { } ] `, `[1 2]`, `-0`, `1e5`, `+1`, `{,}`, `"\`,
		"[" + strings.Repeat(`{"a": ["x", 2]},`, manyMembers+5) + "3]", strings.Repeat("[", 500) + strings.Repeat("]", 500),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := decoder{src: []byte(s)}
		got, ok := d.value("", 1, true)
		ok = ok && d.space() == 0 && d.at == len(s)
		theirs := json.NewDecoder(strings.NewReader(s))
		theirs.UseNumber()
		var want any
		if err := theirs.Decode(&want); ok != (err == nil && json.Valid([]byte(s))) {
			t.Fatalf("read: %v; encoding/json says %v", ok, err)
		} else if ok && !reflect.DeepEqual(whole(got), want) {
			t.Fatalf("%v, not %v", whole(got), want)
		}
	})
}

// whole reads the long arrays in a value.
func whole(v any) any {
	switch v := v.(type) {
	case long:
		return whole(list(v))
	case []any:
		out := []any{}
		for _, x := range v {
			out = append(out, whole(x))
		}
		return out
	case map[string]any:
		for k, x := range v {
			v[k] = whole(x)
		}
	}
	return v
}

// TestNesting: as deep as encoding/json goes, and no deeper.
func TestNesting(t *testing.T) {
	for depth, want := range map[int]bool{maxNesting: true, maxNesting + 1: false} {
		d := decoder{src: []byte(strings.Repeat("[", depth) + strings.Repeat("]", depth))}
		if _, ok := d.value("", 1, true); ok != want {
			t.Errorf("depth %d: %v", depth, ok)
		}
	}
}

// TestLongArrays: sets, maps and rules with many elements are as those of the
// same text in nft's language.
func TestLongArrays(t *testing.T) {
	const n = 3 * manyMembers
	array := func(f string) string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf(f, i))
		}
		return "[" + strings.Join(all, ", ") + "]"
	}
	set := `{"set": {"family": "ip", "table": "t", "name": "s", "type": "mark", "stmt": [{"counter": null}, {"last": null}], "elem": ` +
		array(`{"elem": {"val": %d, "counter": {"packets": 1, "bytes": 2}}}`) + `}}`
	prefixes := `{"set": {"family": "ip", "table": "t", "name": "p", "type": "ipv4_addr", "flags": "interval", "elem": ` +
		array(`{"prefix": {"addr": "10.%d.0.0", "len": 16}}`) + `}}`
	dataMap := `{"map": {"family": "ip", "table": "t", "name": "m", "type": "ipv4_addr", "map": "mark", "elem": ` + array(`["10.0.0.%d", 7]`) + `}}`
	rule := rule(`{"match": {"op": "==", "left": {"meta": {"key": "mark"}}, "right": {"set": ` + array(`%d`) + `}}}`)
	f, diags := Parse("in.json", []byte(`{"nftables": [`+strings.Join([]string{tableT, chainC, set, prefixes, dataMap, rule}, ",")+`]}`), lang.Options{})
	res, more := compiler.Compile([]*lang.File{f}, compiler.Options{})
	if diags.Append(more); diags.HasErrors() {
		t.Fatal(diags.String())
	}
	for _, s := range res.Program.Tables[0].Sets {
		want := n
		if s.Name == "p" {
			want = 2*n + 1 // where each begins and ends, and zero
		}
		if len(s.Elements) != want {
			t.Errorf("set %s has %d elements, not %d", s.Name, len(s.Elements), want)
		}
		if s.Name == "s" && len(s.Elements[n-1].Exprs) != 2 {
			t.Error("a statement of an element is missing")
		}
	}
	bad := strings.Replace(set, `"val": 150`, `"val": 150, "timeout": "1;2"`, 1)
	_, diags = Parse("in.json", []byte(`{"nftables": [`+bad+`]}`), lang.Options{})
	if !strings.Contains(diags.String(), `timeout: "1;2" is neither a word nor a name`) {
		t.Errorf("%s", diags.String())
	}
}

// TestPrefixes: prefixes that are read at once are written as the others are.
func TestPrefixes(t *testing.T) {
	for in, want := range map[string]string{
		`{"prefix": {"addr": "10.0.0.0", "len": 8}}`:                                        "10.0.0.0/8",
		` { "prefix" : {"addr":"2001:db8::","len":32}}`:                                     "2001:db8::/32",
		`{"prefix": {"len": 8, "addr": "10.0.0.0"}}`:                                        "10.0.0.0/8",
		`{"prefix": {"addr": "example", "len": 8}}`:                                         `"example"/8`,
		`{"prefix": {"addr": "10.0.0.0", "len": "8"}}`:                                      "10.0.0.0/8",
		`{"prefix": {"addr": {"payload": {"protocol": "ip", "field": "saddr"}}, "len": 8}}`: "ip saddr/8",
	} {
		array := long("[1," + in + ",2]")
		got := (&writer{}).set(array)
		if got != "{ 1, "+want+", 2 }" {
			t.Errorf("%s\ngot  %s\nwant { 1, %s, 2 }", in, got, want)
		}
	}
}
