package netfilter

import (
	"testing"

	"nfvm/packet"
)

// TestFragmentsExpired: only the receiver of an IPv4 datagram tells the sender
// that fragments are missing, with and without conntrack.
func TestFragmentsExpired(t *testing.T) {
	for _, dst := range []string{"10.0.1.1", "203.0.113.9"} {
		b := newBench(t, natProgram())
		first := udp("10.0.1.2", dst, 1, 2, 64, 100)
		first[6] = 0x20 // more fragments
		packet.FixIPv4Checksum(first)
		b.send("lan0", first)
		b.out = nil
		b.e.Advance(29e9)
		if len(b.out) != 0 {
			t.Errorf("%s: too early: %q", dst, b.out)
		}
		b.e.Advance(31e9)
		if dst == "10.0.1.1" {
			want(t, b.out, "sent lan0 10.0.1.1:0>10.0.1.2:0 proto 1 ttl 64 ")
		} else {
			want(t, b.out)
		}
	}
}
