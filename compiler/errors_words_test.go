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
		{"table ip t {\nset s { type mark; }\nset s { type ipv4_addr; }\n}", "datatype (packet mark vs IPv4 address)"},
		{"table ip t {\nset s { type mark; }\nmap s { type mark : mark; }\n}", "Cannot merge map with incompatible existing set"},
		{"table ip t {\nct helper h { type \"fttp\" protocol tcp; }\n}", "did you mean ‘ftp’?"},
		{"table ip t {\nct helper h { type \"rtsp\" protocol tcp; }\n}", "known are Q.931, RAS, amanda, ftp,"},
		{"table ip t {\nchain c { log group 70000; }\n}", "Warning: value too large: 4464 is taken"},
		{"table ip t {\nchain c { iif \"no such\" redirect to :5000; }\n}", "Interface does not exist"},
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
