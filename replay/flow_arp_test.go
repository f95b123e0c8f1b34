package replay

import (
	"encoding/hex"
	"testing"

	"nfvm/netfilter"
	"nfvm/nf"
)

// TestFlowARP shows ARP by addresses, and what is no ARP for IPv4 by its type.
func TestFlowARP(t *testing.T) {
	const header = "ffffffffffff0200000000010806"
	for in, want := range map[string]string{
		header + "0001080006040001" + "020000000001c0a8010a" + "000000000000c0a80101": "arp    192.168.1.10 → 192.168.1.1 request",
		header + "0001080006040002" + "020000000001c0a8010a" + "020000000002c0a80101": "arp    192.168.1.10 → 192.168.1.1 reply",
		header + "0006080006040001" + "020000000001c0a8010a" + "000000000000c0a80101": "ethertype 0x0806",
		header + "00010800060400": "ethertype 0x0806",
	} {
		frame, err := hex.DecodeString(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := flowOf(&netfilter.Outcome{Frame: frame, Ether: true, EtherType: nf.EtherTypeARP}).String(); got != want {
			t.Errorf("%s: %q, not %q", in, got, want)
		}
	}
}
