package compiler_test

import (
	"strings"
	"testing"

	"nfvm/compiler"
	"nfvm/lang"
)

// TestReasons checks what messages say beside what nft says.
func TestReasons(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"table ip t {\ncounter hits { }\nchain c { ip saddr @hits; }\n}", "a counter has this name"},
		{"table ip t {\nmap pmap { type inet_service : verdict; }\nchain c { tcp dport vmap @pmpa; }\n}", "did you mean map ‘pmap’ in table ip ‘t’?"},
		{"table ip t {\nmap m { type ipv4_addr : conter; }\n}", "did you mean ‘counter’?"},
	} {
		f, list := lang.Parse("in.nft", []byte(c.text+"\n"), lang.Options{})
		_, more := compiler.Compile([]*lang.File{f}, compiler.Options{})
		list.Append(more)
		if len(list.Items) != 1 || !strings.Contains(list.String(), c.want) {
			t.Errorf("%s\ngave\n%swhich lacks %q", c.text, list.String(), c.want)
		}
	}
}
