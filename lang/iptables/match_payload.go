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
	}, lower: lowerString},
	{name: "u32", opts: []option{{name: "u32", args: 1, negate: true, needed: true, lower: lowerU32}}},
}

// lowerString fills in a search for a pattern.
func lowerString(r *lowering, x *use) {
	info := xt.String{To: 0xffff}
	pattern, hexa := x.option("string"), x.option("hex-string")
	if (pattern == nil) == (hexa == nil) {
		r.lacks(x, x.at.span, "string needs --string or --hex-string")
		return
	}
	if g := x.option("algo"); g.args[0].text != "bm" && g.args[0].text != "kmp" {
		r.errorf(g.args[0].span, "the algorithm is bm or kmp")
	} else {
		copy(info.Algo[:], g.args[0].text)
	}
	for _, o := range []struct {
		name string
		to   *uint16
	}{{"from", &info.From}, {"to", &info.To}} {
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
		r.lacks(x, x.at.span, "--from lies behind --to")
		return
	}
	info.PatternSize = uint8(copy(info.Pattern[:], text))
	if g.negated() {
		info.Flags |= xt.StringInvert
	}
	if x.has("icase") {
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
