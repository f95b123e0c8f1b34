package conntrack

import (
	"fmt"
	"strings"
)

const usageText = `nfvm conntrack - connections and expectations, with the words of conntrack(8)

  -L [TABLE]    list            -D [TABLE]    delete those that options pick
  -G [TABLE]    show one        -F [TABLE]    delete all
  -I [TABLE]    make one        -C [TABLE]    how many there are
  -A            make one, or leave the one that is there
  -U            change those that options pick
  -E [TABLE]    follow what happens
  -S [TABLE]    counters        -R FILE       commands of a file, one a line
  -V, -h

TABLE is conntrack, expect, dying or unconfirmed; the last two are always empty.

  -s, -d ADDR[/N]         original source, destination; --mask-src, --mask-dst ADDR
  -r, -q ADDR             reply source, destination
  -n, -g, -j [ADDR[:PORT]]  source, destination, any translation
  -p PROTO  -f ipv4|ipv6  -w, --orig-zone, --reply-zone ZONE
  -m MARK[/MASK]  -l LABEL,...  -u STATUS,...  -t SECONDS  -i ID
  --label-add, --label-del LABEL,...    with -U
  --tuple-src, --tuple-dst ADDR         of an expectation
  -o extended,id,timestamp,ktimestamp,labels,xml,save,proc
  -e ALL,NEW,UPDATES,DESTROY            with -E
  -z                                    counters begin anew, with -L
`

// usage is the help, with that of a protocol when one was named.
func (c *Command) usage() string {
	if c.options&optProto == 0 {
		return usageText
	}
	if c.protocol == nil {
		return fmt.Sprintf("%s\nProtocol %d has no options.\n", usageText, c.proto)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nOptions of protocol %s:\n", usageText, c.protocol.name)
	for _, o := range c.protocol.opts {
		fmt.Fprintf(&b, "  --%s\n", o.name)
	}
	if states := c.protocol.states(); states != nil {
		fmt.Fprintf(&b, "States: %s\n", strings.Join(states, " "))
	}
	return b.String()
}
