package iptables

import (
	"encoding/hex"
	"strings"

	"nfvm/xt"
)

var payloadMatches = []extension{
	{name: "string", opts: []option{
		{name: "algo", args: 1, needed: true}, {name: "from", args: 1}, {name: "to", args: 1},
		{name: "string", args: 1, negate: true}, {name: "hex-string", args: 1, negate: true}, {name: "icase"},
	}, lower: func(r *lowering, x *use) {
		lowerString(r, x, &stringOptions{"algo", "from", "to", "string", "hex-string", "icase"})
	}},
	{name: "u32", opts: []option{{name: "u32", args: 1, negate: true, needed: true, lower: lowerU32}}},
}

// stringOptions are the names of the options of string, of which ebtables has
// others than iptables.
type stringOptions struct{ algo, from, to, text, hex, icase string }

// lowerString fills in a search for a pattern.
func lowerString(r *lowering, x *use, names *stringOptions) {
	info := xt.String{To: 0xffff}
	pattern, hexa := x.option(names.text), x.option(names.hex)
	if (pattern == nil) == (hexa == nil) {
		r.lacks(x, x.at.span, "string needs --%s or --%s", names.text, names.hex)
		return
	}
	if g := x.option(names.algo); g == nil {
		r.lacks(x, x.at.span, "string needs --%s", names.algo)
		return
	} else if g.args[0].text != "bm" && g.args[0].text != "kmp" {
		r.errorf(g.args[0].span, "the algorithm is bm or kmp")
	} else {
		copy(info.Algo[:], g.args[0].text)
	}
	for _, o := range []struct {
		name string
		to   *uint16
	}{{names.from, &info.From}, {names.to, &info.To}} {
		if g := x.option(o.name); g != nil {
			n, _ := r.number(g.args[0], 0, 0xffff)
			*o.to = uint16(n)
		}
	}
	g, text, ok := pattern, []byte(nil), true
	if pattern != nil {
		text = []byte(pattern.args[0].text)
	} else {
		g = hexa
		if text, ok = hexString(hexa.args[0].text); !ok {
			r.errorf(g.args[0].span, "hexadecimal bytes stand between bars, in pairs of digits: |0d 0a|")
			return
		}
	}
	if len(text) == 0 || len(text) > len(info.Pattern) {
		r.errorf(g.args[0].span, "a pattern has 1 to %d bytes", len(info.Pattern))
		return
	}
	if info.From > info.To {
		r.lacks(x, x.at.span, "--%s lies behind --%s", names.from, names.to)
		return
	}
	info.PatternSize = uint8(copy(info.Pattern[:], text))
	if g.negated() {
		info.Flags |= xt.StringInvert
	}
	if x.has(names.icase) {
		info.Flags |= xt.StringIgnoreCase
	}
	r.matchXT("string", 1, &info)
}

// hexString reads text in which |…| holds bytes in hexadecimal; a backslash
// takes the next character as it is.
func hexString(s string) ([]byte, bool) {
	var out []byte
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			out = append(out, s[i])
		case s[i] == '|':
			end := strings.IndexByte(s[i+1:], '|')
			if end < 0 {
				return nil, false
			}
			b, err := hex.DecodeString(strings.ReplaceAll(s[i+1:i+1+end], " ", ""))
			if err != nil {
				return nil, false
			}
			out = append(out, b...)
			i += end + 1
		default:
			out = append(out, s[i])
		}
	}
	return out, true
}
