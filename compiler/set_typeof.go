package compiler

import (
	"strings"

	"nfvm/datatype"
	"nfvm/lang"
	"nfvm/nf"
	"nfvm/proto"
)

// typeSpec reads `type a . b` or `typeof e . e` of what, a set or a map.
func (r *rule) typeSpec(t *lang.TypeSpec, what string) (info, lang.Expr, bool) {
	if t.Typeof != nil {
		i, ok := r.typeof(t.Typeof)
		return i, t.Typeof, ok
	}
	var parts []info
	for _, w := range t.Types {
		d := datatype.ByName(w.Text)
		if d == nil {
			hint := didYouMean("", w.Text, append(datatype.Names(), keys(objectKinds)...))
			if hint == "" {
				hint = orKnown(w.Text, datatype.Names())
			}
			r.errorf(w.Span, "unknown datatype %s%s", w.Text, hint)
			return info{}, nil, false
		}
		if d.Size == 0 {
			r.unsized(t, w, what)
			return info{}, nil, false
		}
		i := typeInfo(d)
		i.width = bytesOf(i.width) * 8
		parts = append(parts, i)
	}
	return joinParts(parts, t.Span), nil, true
}

// unsized reports a type without a size in the declaration of what, a set or map.
func (r *rule) unsized(t *lang.TypeSpec, w lang.Word, what string) {
	if len(t.Types) > 1 {
		r.errorf(w.Span, "can not use variable sized data types (%s) in concat expressions", w.Text).Note(t.Span, "")
		return
	}
	r.errorf(w.Span, "unqualified type %s specified in %s definition. Try \"typeof expression\" instead of \"type datatype\".", w.Text, what)
}

// joinParts makes the info of a concatenation, or of the single part.
func joinParts(parts []info, at span) info {
	if len(parts) == 1 {
		return parts[0]
	}
	i := info{parts: parts, at: at}
	types := make([]*datatype.Type, len(parts))
	for j, p := range parts {
		types[j] = p.typ
		i.width += words(p.width) * 32
	}
	i.typ = datatype.Concat(types...)
	return i
}

// typeof evaluates the expression of a typeof for its type alone, where any
// protocol may come by, as in the bridge family, whatever the table's.
func (r *rule) typeof(e lang.Expr) (info, bool) {
	sym, isSym := e.(*lang.Symbol)
	if isSym && sym.Text == "queue" {
		return queueNumber, true
	}
	if isSym {
		r.errorf(e.At(), "primary expression type 'symbol' lacks typeof serialization")
		return info{}, false
	}
	list := []lang.Expr{e}
	if c, ok := e.(*lang.Concat); ok {
		list = c.Parts
	}
	var parts []info
	for _, p := range list {
		i, ok := r.typeofPart(p)
		if !ok {
			return info{}, false
		}
		parts = append(parts, i)
	}
	return joinParts(parts, e.At()), true
}

func (r *rule) typeofPart(e lang.Expr) (info, bool) {
	sub := &rule{compiler: r.compiler, table: r.table, ctx: newProtoCtx(nf.FamilyBridge), loose: true}
	x := sub.eval(e, info{})
	if x == nil {
		r.failed = true
		return info{}, false
	}
	i := contextOf(x)
	if i.typ == nil || isConstant(x) {
		r.errorf(e.At(), "this expression has no type for typeof")
		return info{}, false
	}
	return i, true
}

// bareKeys are the meta keys that nft prints without the word meta.
var bareKeys = map[string]bool{"iif": true, "oif": true, "iifname": true, "oifname": true, "iifgroup": true, "oifgroup": true}

// typeofText is a typeof as nft prints it.
func (r *rule) typeofText(t *lang.TypeSpec) string {
	if t.Typeof == nil {
		return ""
	}
	list := []lang.Expr{t.Typeof}
	if c, ok := t.Typeof.(*lang.Concat); ok {
		list = c.Parts
	}
	var parts []string
	for _, e := range list {
		text := r.pos.text(e.At())
		if m, ok := e.(*lang.Meta); ok {
			text = "meta " + m.Key.Text
			if bareKeys[m.Key.Text] {
				text = m.Key.Text
			}
		}
		parts = append(parts, printedSelector(text))
	}
	return strings.Join(parts, " . ")
}

// printedSelector is a selector under the name that nft prints, where it has
// several.
func printedSelector(text string) string {
	w := strings.Fields(text)
	switch {
	case len(w) == 2 && w[0] == "exthdr":
		return w[1] + " nexthdr"
	case len(w) > 1 && w[0] == "osf":
		w[len(w)-1] = "name" // the version is in what it is compared with
	case len(w) == 4 && w[1] == "option":
		w[2] = proto.PrintedOption(w[0], w[2], w[3])
	}
	return strings.Join(w, " ")
}
