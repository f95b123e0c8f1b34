package main

import (
	"nfvm/lang/iptables"
	nftjson "nfvm/lang/json"
)

// guess tells the language of an input by its first lines.
func guess(src []byte) string {
	if nftjson.Looks(src) {
		return "json"
	}
	if tool := iptables.Tool(src); tool != "" {
		return tool
	}
	return "nft"
}
