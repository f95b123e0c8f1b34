package json

import (
	"fmt"
	"regexp"
)

// free are the keys whose strings are written in quotes, or as expressions that
// quote what they must; all others hold words of the language or names.
var free = map[string]bool{
	"comment": true, "op": true, "release_name": true, "prefix": true, "context": true, "left": true, "right": true, "value": true, "val": true,
	"elem": true, "data": true, "addr": true, "port": true, "num": true, "set": true, "expr": true, "range": true, "concat": true,
	"dev": true, "|": true, "&": true, "^": true, "<<": true, ">>": true, "ct helper": true, "ct timeout": true,
	"ct expectation": true, "secmark": true, "counter": true, "quota": true, "limit": true, "synproxy": true,
}

var aWord = regexp.MustCompile(`^@?[A-Za-z0-9_./* \[\]-]*$`)

// checkWords sees that no word could be read as more than one thing.
func checkWords(key string, v any) error {
	switch v := v.(type) {
	case string:
		if !free[key] && !aWord.MatchString(v) {
			return fmt.Errorf("%s: %q is neither a word nor a name", key, v)
		}
	case []any:
		for _, x := range v {
			if err := checkWords(key, x); err != nil {
				return err
			}
		}
	case map[string]any:
		for k, x := range v {
			if err := checkWords(k, x); err != nil {
				return err
			}
		}
	}
	return nil
}
