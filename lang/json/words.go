package json

// free are the keys whose strings are written in quotes, or as expressions that
// quote what they must; all others hold words of the language or names.
var free = map[string]bool{
	"comment": true, "op": true, "release_name": true, "prefix": true, "context": true, "left": true, "right": true, "value": true, "val": true,
	"elem": true, "data": true, "addr": true, "port": true, "num": true, "set": true, "expr": true, "range": true, "concat": true,
	"dev": true, "|": true, "&": true, "^": true, "<<": true, ">>": true, "ct helper": true, "ct timeout": true,
	"ct expectation": true, "secmark": true, "counter": true, "quota": true, "limit": true, "synproxy": true,
}

// wordBytes are those that words of the language and names are made of.
var wordBytes = func() (t [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./* []-") {
		t[c] = true
	}
	return t
}()

// isWord tells whether a string can be read as no more than one thing; it may
// name a set by an @ before the name.
func isWord(s string) bool {
	for i := range len(s) {
		if !wordBytes[s[i]] && (i > 0 || s[0] != '@') {
			return false
		}
	}
	return true
}
