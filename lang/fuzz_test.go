package lang

import (
	"errors"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzParse feeds any bytes to the parser: it must come back soon, without a
// panic, and every place in its messages must be in the input.
func FuzzParse(f *testing.F) {
	for _, file := range []string{"commands", "blocks", "statements", "expressions", "errors"} {
		a, err := txtar.ParseFile("testdata/" + file + ".txtar")
		if err != nil {
			f.Fatal(err)
		}
		for i := 0; i < len(a.Files); i += 2 {
			f.Add(a.Files[i].Data)
		}
	}
	f.Add([]byte("include \"self\"\n"))
	f.Add([]byte("add element t s { 1, 10.0.0.0/8 timeout 1h, \"a\" . 3-4 : jump x, ::1 counter packets 1 bytes 2, tcp # no\n}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		start := time.Now()
		opt := Options{ReadFile: func(name string) ([]byte, error) {
			if name == "self" {
				return data, nil
			}
			return nil, errors.New("no such file")
		}, Glob: func(string) ([]string, error) { return []string{"self"}, nil }}
		file, list := Parse("in", data, opt)
		for _, c := range file.Commands {
			if !c.At().Valid() {
				t.Errorf("%T has no place", c)
			}
		}
		if len(data) < 10000 {
			_ = list.String()
			sameFolded(t, data, opt)
		}
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("took %v for %d bytes", d, len(data))
		}
	})
}
