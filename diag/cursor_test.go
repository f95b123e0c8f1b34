package diag

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// A cursor finds what Position finds, wherever it was before.
func TestCursor(t *testing.T) {
	s := NewSources()
	a := s.Add("a", []byte(strings.Repeat("one\n\ntwo three\n", 20)), Span{})
	b := s.Add("b", []byte("x"), Span{})
	g := s.Add("g", []byte("made\nof a\n"), Span{Start: a.Base() + 5, End: a.Base() + 14})
	g.Generated = true
	end := g.Base() + uint32(len(g.Text))
	c, d, e := s.Cursor(), s.Cursor(), s.Cursor()
	rnd := rand.New(rand.NewPCG(1, 2))
	at := uint32(1)
	for range 5000 {
		if at += rnd.Uint32N(9); at > end || rnd.IntN(9) == 0 {
			at = rnd.Uint32N(end)
		}
		sp := Span{Start: at, End: at + rnd.Uint32N(30)}
		got, src := c.Position(sp)
		want := s.Position(s.Written(sp))
		if got != want {
			t.Fatalf("%v: got %+v, want %+v", sp, got, want)
		}
		if on, _ := d.On(sp, e.LineCol(sp)); on != want {
			t.Fatalf("%v: got %+v of its line and column, want %+v", sp, on, want)
		}
		if want.File != "" && (src == nil || src.Name != want.File) {
			t.Fatalf("%v lies in %v", sp, src)
		}
	}
	if p, src := c.Position(Span{}); p != (Position{}) || src != nil || b.Base() == 0 {
		t.Error("nowhere is somewhere")
	}
}
