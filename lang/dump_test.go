package lang

import (
	"fmt"
	"reflect"
	"strings"
)

// dump writes a node as text: type and fields that are set, without places.
func dump(v any) string {
	var b strings.Builder
	dumpValue(&b, reflect.ValueOf(v))
	return b.String()
}

func dumpValue(b *strings.Builder, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			b.WriteString("nil")
			return
		}
		dumpValue(b, v.Elem())
	case reflect.Slice:
		b.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				b.WriteByte(' ')
			}
			dumpValue(b, v.Index(i))
		}
		b.WriteByte(']')
	case reflect.Struct:
		dumpStruct(b, v)
	case reflect.String:
		fmt.Fprintf(b, "%q", v.String())
	default:
		fmt.Fprintf(b, "%v", v.Interface())
	}
}

func dumpStruct(b *strings.Builder, v reflect.Value) {
	switch x := v.Interface().(type) {
	case Word:
		if x.Quoted {
			fmt.Fprintf(b, "%q", x.Text)
		} else {
			b.WriteString(x.Text)
		}
		return
	case Number:
		fmt.Fprint(b, x.Value)
		return
	case Duration:
		fmt.Fprintf(b, "%dms", x.Millis)
		if x.Never {
			b.WriteString("(never)")
		}
		return
	case Symbol:
		fmt.Fprintf(b, "%s'%s'", [...]string{"", "quoted", "ip", "ip6", "mac", "time", "classid", "big"}[x.Kind], x.Text)
		return
	case VarRef:
		fmt.Fprintf(b, "$%s", x.Name)
		return
	case SetRef:
		fmt.Fprintf(b, "@%s", x.Name)
		return
	}
	b.WriteString(v.Type().Name())
	b.WriteByte('{')
	n := dumpFields(b, v, 0)
	_ = n
	b.WriteByte('}')
}

// dumpFields writes the fields that are set, those of embedded nodes in line.
func dumpFields(b *strings.Builder, v reflect.Value, n int) int {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || f.Type == reflect.TypeFor[Pos]() || f.Type == reflect.TypeFor[Span]() || v.Field(i).IsZero() {
			continue
		}
		if f.Anonymous {
			n = dumpFields(b, v.Field(i), n)
			continue
		}
		if n > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(f.Name + ":")
		dumpValue(b, v.Field(i))
		n++
	}
	return n
}
