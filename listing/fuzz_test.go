package listing

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"nfvm/bytecode"
)

// FuzzListing lists recorded programs in which some numbers, bytes and strings
// have been changed, lengths included: what no compiler would make must not
// panic either.
func FuzzListing(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.bin")
	var programs [][]byte
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		programs = append(programs, data)
	}
	for i := range 20 {
		f.Add(uint64(i), uint8(i), uint8(i*10))
	}
	f.Fuzz(func(t *testing.T, seed uint64, file, rate uint8) {
		p, err := bytecode.Decode(bytes.Clone(programs[int(file)%len(programs)]))
		if err != nil {
			t.Fatal(err)
		}
		m := mutator{rand.New(rand.NewPCG(seed, 1)), int(rate)}
		m.change(reflect.ValueOf(p))
		var b strings.Builder
		_ = Ruleset(&b, p, &Options{Handles: true})
		_ = JSON(&b, p, nil)
	})
}

// A mutator changes one in 1000 values, times rate.
type mutator struct {
	*rand.Rand
	rate int
}

func (m mutator) hit() bool { return m.IntN(1000) < m.rate }

func (m mutator) change(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			m.change(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				m.change(f)
			}
		}
	case reflect.Slice:
		if v.Len() > 0 && m.hit() {
			v.Set(v.Slice(0, m.IntN(v.Len()+1)))
		}
		for i := range v.Len() {
			m.change(v.Index(i))
		}
	case reflect.String:
		if m.hit() {
			v.SetString([]string{"", "s1", "m1", "__chain1", "\xff*", "c"}[m.IntN(6)])
		}
	case reflect.Bool:
		if m.hit() {
			v.SetBool(m.IntN(2) == 0)
		}
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if m.hit() {
			v.SetUint(m.number())
		}
	case reflect.Int8, reflect.Int32:
		if m.hit() {
			v.SetInt(int64(int8(m.Uint32())))
		}
	}
}

func (m mutator) number() uint64 {
	if m.IntN(4) == 0 {
		return m.Uint64()
	}
	return m.Uint64N(300)
}
