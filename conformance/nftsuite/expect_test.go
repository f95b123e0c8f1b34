package nftsuite

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// expected holds what a file says of rules: blocks headed by "# rule". It is nil
// where there is no such file.
type expected map[string]string

func readExpected(name string) (expected, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := expected{}
	rule := ""
	var block []string
	end := func() {
		if _, twice := out[rule]; !twice && rule != "" && len(block) > 0 {
			out[rule] = strings.Join(block, "\n")
		}
		block = nil
	}
	for _, text := range strings.Split(string(data), "\n") {
		if strings.HasPrefix(text, "#") {
			end()
			rule = strings.TrimSpace(text[1:])
			continue
		}
		if strings.TrimSpace(text) == "" {
			end()
			rule = ""
			continue
		}
		block = append(block, text)
	}
	end()
	return out, nil
}

// program keeps the expressions and elements of a listing. The elements of a set
// come in no order, and the heads of sets and rules name handles.
func program(listing string) []string {
	var out []string
	for _, text := range strings.Split(listing, "\n") {
		text = strings.TrimSpace(text)
		switch {
		case strings.HasPrefix(text, "element "):
			elements := strings.Split(text, "element ")[1:]
			for i, e := range elements {
				elements[i] = "element " + strings.Join(strings.Fields(e), " ")
			}
			slices.Sort(elements)
			out = append(out, slices.Compact(elements)...)
		case strings.HasPrefix(text, "["):
			out = append(out, text)
		}
	}
	return out
}

// sameText compares the texts of rules; elements between braces come in no order.
func sameText(a, b string) bool {
	return a == b || sortedBraces(a) == sortedBraces(b)
}

// sortedBraces sorts what stands between the innermost braces.
func sortedBraces(s string) string {
	var b strings.Builder
	for {
		end := strings.IndexByte(s, '}')
		start := strings.LastIndexByte(s[:max(end, 0)], '{')
		if start < 0 {
			return b.String() + s
		}
		elements := strings.Split(s[start+1:end], ",")
		for i := range elements {
			elements[i] = strings.ReplaceAll(elements[i], " ", "")
		}
		slices.Sort(elements)
		b.WriteString(s[:start+1] + strings.Join(elements, ",") + "}")
		s = s[end+1:]
	}
}

// canonical writes a JSON text with sorted keys, or gives an error as text.
func canonical(text string) string {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return err.Error()
	}
	out, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(out)
}
