package osf

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	const list = `# a comment

S4:64:1:60:M*,S,T,N,W7:	Linux:2.6:x:Linux 2.6: newer
 %8192:128:0:48:M1460,N,N,S: @Windows:XP::Windows XP
*:255:1:40:.:	*NMAP:syn::scan`
	d, err := Parse(strings.NewReader(list))
	if err != nil || d.Len() != 3 {
		t.Fatal(d.Len(), err)
	}
	var got []string
	for f := range d.All() {
		got = append(got, f.Genre+"/"+f.Version+"/"+f.Subtype)
	}
	if s := strings.Join(got, " "); s != "Windows/XP/ Linux/2.6/x NMAP/syn/" {
		t.Error(s)
	}
	if f := d.list[1][0]; f.Window != (Window{WindowMSS, 4}) || f.TTL != 64 || f.Size != 60 || len(f.Options) != 5 || f.Options[2] != (Option{8, 10}) {
		t.Errorf("%+v", f)
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"S4:64:1:60:M*", "line 1: 5 fields, want 9"},
		{"X4:64:1:60:M*:a:b:c:d", `window "X4" is not a number`},
		{":64:1:60:M*:a:b:c:d", `window "" is not a number`},
		{"4:640:1:60:M*:a:b:c:d", `TTL "640" is not a number of 8 bits`},
		{"4:64:2:60:M*:a:b:c:d", `DF "2"`},
		{"4:64:1:70000:M*:a:b:c:d", `packet size "70000"`},
		{"4:64:1:60:M*,Q:a:b:c:d", `unknown TCP option "Q"`},
		{"4:64:1:60:T,T,T,T,T:a:b:c:d", "more than 40 bytes"},
		{"4:64:1:60:M*:@:b:c:d", "has no name"},
		{"\n4:64:1:60:M*:a:b:c", "line 2: 8 fields"},
	} {
		if _, err := Parse(strings.NewReader(c.line)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.line, err, c.want)
		}
	}
}

// What is parsed is within what the kernel takes, whatever the bytes.
func FuzzParse(f *testing.F) {
	f.Add("S4:64:1:60:M*,S,T,N,W7:Linux:2.6::Linux 2.6")
	f.Add("%0:255:0:40:.:@x:::")
	f.Fuzz(func(t *testing.T, list string) {
		d, err := Parse(strings.NewReader(list))
		if err != nil {
			return
		}
		for f := range d.All() {
			n := 0
			for _, o := range f.Options {
				n += int(o.Len)
			}
			if n > maxOptions || f.Genre == "" {
				t.Errorf("%+v", f)
			}
		}
	})
}
