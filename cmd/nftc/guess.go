package main

import "bytes"

// guess tells the language of an input by its first lines.
func guess(src []byte) string {
	t := bytes.TrimLeft(src, " \t\r\n")
	if bytes.HasPrefix(t, []byte("{")) {
		return "json"
	}
	for n := 0; len(t) > 0 && n < 50; n++ {
		line, rest, _ := bytes.Cut(t, []byte("\n"))
		t = rest
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		if line[0] == '*' && bytes.IndexByte(line, ' ') < 0 {
			return "iptables"
		}
		return "nft"
	}
	return "nft"
}
