package main

import (
	"bytes"

	"nfvm/lang/iptables"
)

// guess tells the language of an input by its first lines.
func guess(src []byte) string {
	if bytes.HasPrefix(bytes.TrimLeft(src, " \t\r\n"), []byte("{")) {
		return "json"
	}
	if tool := iptables.Tool(src); tool != "" {
		return tool
	}
	return "nft"
}
