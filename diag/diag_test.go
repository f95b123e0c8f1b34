package diag

import (
	"encoding/json"
	"strings"
	"testing"
)

// at finds the span of a text in a source.
func at(src *Source, text string) Span {
	i := strings.Index(string(src.Text), text)
	start := src.Base() + uint32(i)
	return Span{Start: start, End: start + uint32(len(text))}
}

func TestRender(t *testing.T) {
	s := NewSources()
	main := s.Add("in.nft", []byte("table ip t {\n\tip saddr @s drop\n\ttcp dport {\n\t1 }\n}"), Span{})
	inc := s.Add("inc.nft", []byte("first\nsecond one\n"), at(main, "table"))
	end := Span{Start: main.Base() + uint32(len(main.Text)), End: main.Base() + uint32(len(main.Text))}
	for _, c := range []struct {
		d    Diagnostic
		want string
	}{
		{Diagnostic{Span: at(main, "@s"), Message: "no"}, "in.nft:2:11-12: Error: no\n\tip saddr @s drop\n\t         ^^\n"},
		{Diagnostic{Span: at(main, "@s"), Message: "mismatch", Notes: []Note{{Span: at(main, "ip saddr")}}},
			"in.nft:2:11-12: Error: mismatch\n\tip saddr @s drop\n\t~~~~~~~~ ^^\n"},
		{Diagnostic{Severity: Warning, Span: at(main, "drop"), Message: "w", Notes: []Note{{at(main, "table"), "here"}}},
			"in.nft:2:14-17: Warning: w\n\tip saddr @s drop\n\t            ^^^^\nin.nft:1:1-5: Note: here\ntable ip t {\n^^^^^\n"},
		{Diagnostic{Span: at(main, "{\n\t1 }"), Message: "two lines"}, "in.nft:3:12-4: Error: two lines\n\ttcp dport {\n\t          ^\n"},
		{Diagnostic{Span: end, Message: "eof"}, "in.nft:5:2-2: Error: eof\n}\n ^\n"},
		{Diagnostic{Span: at(inc, "one"), Message: "x"}, "In file included from in.nft:1:1-5:\ninc.nft:2:8-10: Error: x\nsecond one\n       ^^^\n"},
		{Diagnostic{Message: "nowhere"}, "Error: nowhere\n"},
	} {
		l := List{Sources: s, Items: []Diagnostic{c.d}}
		if got := l.String(); got != c.want {
			t.Errorf("got\n%swant\n%s", got, c.want)
		}
	}
}

func TestVisible(t *testing.T) {
	s := NewSources()
	src := s.Add("f", []byte("a \"Zürich\" \x1b[31m\xff\x7f\u009b b"), Span{})
	l := List{Sources: s}
	l.Errorf(at(src, " b"), "no \x1b[2J")
	want := "f:1:22-23: Error: no ␛[2J\na \"Zürich\" ␛[31m\ufffd␡\ufffd b\n" + strings.Repeat(" ", 19) + "^^\n"
	if got := l.String(); got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	l = List{Sources: s}
	l.Errorf(at(src, "Zürich"), "no")
	if got := l.String(); !strings.HasSuffix(got, "\n   ^^^^^^\n") {
		t.Errorf("%q", got)
	}
}

func TestList(t *testing.T) {
	s := NewSources()
	src := s.Add("f", []byte("a b c"), Span{})
	l := List{Sources: s}
	l.Warnf(at(src, "c"), "w")
	if l.Err() != nil || l.HasErrors() {
		t.Error("a warning counts as an error")
	}
	l.Errorf(at(src, "b"), "no %s", "b").Note(at(src, "a"), "see")
	l.Errorf(at(src, "b"), "no b")
	l.Sort()
	if len(l.Items) != 2 || l.Items[0].Message != "no b" || l.Err() == nil {
		t.Errorf("%+v", l.Items)
	}
	got, err := json.Marshal(&l)
	want := `[{"severity":"error","file":"f","line":1,"column":3,"end_line":1,"end_column":3,"message":"no b","source":"a b c",` +
		`"notes":[{"file":"f","line":1,"column":1,"end_line":1,"end_column":1,"message":"see"}]},` +
		`{"severity":"warning","file":"f","line":1,"column":5,"end_line":1,"end_column":5,"message":"w","source":"a b c"}]`
	if err != nil || string(got) != want {
		t.Errorf("%s %v", got, err)
	}
	inc := s.Add("g", []byte("x"), at(src, "b"))
	k := List{Sources: s}
	k.Errorf(at(inc, "x"), "no x")
	got, err = json.Marshal(&k)
	want = `[{"severity":"error","file":"g","line":1,"column":1,"end_line":1,"end_column":1,"message":"no x","source":"x",` +
		`"included":[{"file":"f","line":1,"column":3,"end_line":1,"end_column":3}]}]`
	if err != nil || string(got) != want {
		t.Errorf("%s %v", got, err)
	}
	var m List
	m.Append(l)
	if m.Sources != s || len(m.Items) != 2 {
		t.Error("Append lost something")
	}
}

func TestNowhere(t *testing.T) {
	var s *Sources
	if p := s.Position(Span{Start: 1, End: 2}); p.Line != 0 || s.Text(Span{1, 2}) != nil {
		t.Error("a nil Sources knows places")
	}
	if (Span{}).To(Span{3, 4}) != (Span{3, 4}) || (Span{1, 2}).To(Span{}) != (Span{1, 2}) || (Span{1, 2}).To(Span{3, 4}) != (Span{1, 4}) {
		t.Error("To")
	}
}

func TestClosest(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"acept", "accept"}, {"accpet", "accept"}, {"drp", "drop"}, {"x", ""}, {"foo", ""}, {"accept", ""}, {"", ""}, {"ACCEPT", "accept"}, {"Drop", "drop"},
	} {
		if got := Closest(c.name, []string{"drop", "accept"}); got != c.want {
			t.Errorf("Closest(%q) = %q, want %q", c.name, got, c.want)
		}
	}
}
