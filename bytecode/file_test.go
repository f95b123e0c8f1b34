package bytecode

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"reflect"
	"strings"
	"testing"

	"nfvm/nf"
)

// filled sets every field of every expression to something that is not zero.
func filled(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		filled(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() { // not what stands in for other fields
				filled(f)
			}
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int8, reflect.Int32, reflect.Int64:
		v.SetInt(-3)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(200)
	case reflect.String:
		v.SetString("text")
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]uint32{"established": 5, "close": 6}))
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[[]byte]() {
			v.SetBytes([]byte{1, 2, 3, 0})
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			filled(v.Index(i))
		}
	case reflect.Interface:
		if v.Type() == reflect.TypeFor[ElementSource]() {
			return // stands in for Elements
		}
		v.Set(reflect.ValueOf(&Counter{1, 2}))
	}
}

// everything is a program that holds every structure and every expression
// with every field set.
func everything() *Program {
	p := new(Program)
	filled(reflect.ValueOf(p).Elem())
	r := p.Tables[0].Chains[0].Rules[0]
	for _, f := range exprKinds {
		e := f()
		filled(reflect.ValueOf(e).Elem())
		r.Exprs = append(r.Exprs, e)
	}
	return p
}

// TestRoundTrip fails when a field is missing from the coder.
func TestRoundTrip(t *testing.T) {
	p := everything()
	data, err := Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := Encode(everything())
	if !bytes.Equal(data, again) {
		t.Error("equal programs give different bytes")
	}
	got, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, p) {
		t.Errorf("decoded program differs\n got %+v\nwant %+v", got.Tables[0], p.Tables[0])
	}
}

func TestKeyLengths(t *testing.T) {
	s := &Set{Name: "s", KeyLen: 4, Elements: []Element{
		{Key: []byte{1, 2, 3, 4}}, {Key: []byte{1}, Comment: "short"}, {CatchAll: true, Verdict: nf.Accept},
		{Key: []byte{1, 2, 3, 5}, KeyEnd: []byte{1, 2, 3, 9}, IntervalEnd: true, Pos: Pos{Line: 7, Col: 3, EndLine: 7, EndCol: 9}},
	}}
	p := &Program{Tables: []*Table{{Name: "t", Sets: []*Set{s}}}}
	data, err := Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(data)
	if err != nil || !reflect.DeepEqual(got, p) {
		t.Errorf("got %+v, %v", got.Tables[0].Sets[0], err)
	}
}

// sealed puts a correct header before a body.
func sealed(body []byte) []byte {
	h := append([]byte(Magic), FormatVersion, 0, 0, 0)
	h = binary.LittleEndian.AppendUint64(h, uint64(len(body)))
	sum := sha256.Sum256(body)
	return append(append(h, sum[:]...), body...)
}

func TestDecodeErrors(t *testing.T) {
	good, _ := Encode(everything())
	version := bytes.Clone(good)
	version[8] = 9
	flipped := bytes.Clone(good)
	flipped[headerSize+20] ^= 1
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "not a rules.bin file"},
		{"text", []byte("table ip t {}"), "not a rules.bin file"},
		{"header", good[:30], "cut off in the header"},
		{"version", version, "format version 9 is unknown"},
		{"cut", good[:len(good)-1], "the header promises"},
		{"longer", append(bytes.Clone(good), 0), "the header promises"},
		{"flipped", flipped, "checksum mismatch"},
		{"trailing", sealed(append(bytes.Clone(good[headerSize:]), 0)), "1 bytes follow the program"},
		{"lying list", sealed([]byte{0xff, 0xff, 0xff, 0xff, 0x0f}), "a list of"},
		{"long number", sealed([]byte{0x80, 0}), "not in its shortest form"},
	} {
		_, err := Decode(c.data)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// TestDecodeDamaged cuts and changes a body at every byte behind a correct
// checksum: an error or another program, never a panic.
func TestDecodeDamaged(t *testing.T) {
	good, _ := Encode(everything())
	body := good[headerSize:]
	for i := range body {
		if _, err := Decode(sealed(body[:i])); err == nil {
			t.Errorf("cut at %d: no error", i)
		}
		for _, x := range []byte{1, 0x80, 0xff} {
			b := bytes.Clone(body)
			b[i] ^= x
			if p, err := Decode(sealed(b)); err == nil {
				_ = Verify(p)
			}
		}
	}
}

func bigSet(n int) *Program {
	s := &Set{Name: "s", KeyLen: 4, Elements: make([]Element, n)}
	for i := range s.Elements {
		s.Elements[i].Key = binary.BigEndian.AppendUint32(nil, uint32(i)*2654435761)
		s.Elements[i].Pos = Pos{Line: uint32(i), Col: 4, EndLine: uint32(i), EndCol: 12}
	}
	return &Program{Tables: []*Table{{Family: nf.FamilyIPv4, Name: "t", Sets: []*Set{s}}}}
}

func BenchmarkEncodeMillion(b *testing.B) {
	p := bigSet(1e6)
	for b.Loop() {
		if _, err := Encode(p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeMillion(b *testing.B) {
	data, _ := Encode(bigSet(1e6))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := Decode(data); err != nil {
			b.Fatal(err)
		}
	}
}
