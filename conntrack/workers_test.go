package conntrack_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"nfvm/conntrack"
	"nfvm/ct"
	"nfvm/nat"
	"nfvm/nf"
	"nfvm/packet"
)

// A shared is a table that workers take in turn, as those of live interfaces do.
type shared struct {
	mu sync.Mutex
	conntrack.Memory
}

func (s *shared) Do(f func(*ct.Table, *nat.Engine)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Memory.Do(f)
}

// udp is a datagram of 28 bytes without a checksum.
func udp(src uint32, sport uint16) []byte {
	b := make([]byte, 28)
	b[0], b[3], b[8], b[9] = 0x45, 28, 64, nf.ProtoUDP
	binary.BigEndian.PutUint32(b[12:], 0x0a000000|src)
	binary.BigEndian.PutUint32(b[16:], 0x0a010101)
	binary.BigEndian.PutUint16(b[20:], sport)
	b[23], b[25] = 53, 8
	binary.BigEndian.PutUint16(b[10:], packet.Checksum(b[:20]))
	return b
}

// TestFourWorkers has four workers send packets through one table while the tool
// lists, changes and ends connections; go test -race watches.
func TestFourWorkers(t *testing.T) {
	s := &shared{Memory: *newMemory()}
	now := s.Table.Now()
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(w)))
			for range 200 {
				s.Do(func(table *ct.Table, n *nat.Engine) {
					now += 1e7
					for range 16 {
						p := packet.Packet{Data: udp(r.Uint32N(64), uint16(1+r.IntN(64)))}
						table.Track(&p, nf.FamilyIPv4, nf.HookPrerouting, now)
						n.NullBinding(p.CT, nat.Src)
						table.Confirm(&p, now)
						table.Release(&p)
					}
				})
			}
		})
	}
	for _, line := range []string{"-L -o xml", "-L -p udp --sport 5", "-U -s 10.0.0.1 -p udp -m 7", "-D -s 10.0.0.2", "-C", "-S", "-F"} {
		wg.Go(func() {
			c, err := conntrack.Parse(strings.Fields(line), conntrack.Env{})
			if err != nil {
				t.Error(err)
				return
			}
			for range 5 {
				var out, told bytes.Buffer
				tool := &conntrack.Tool{Source: s, Out: &out, Err: &told}
				if _, err := tool.Run(c); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	found := 0
	if err := conntrack.Walk(s, func(*ct.Table, *nat.Engine, *ct.Entry) error { found++; return nil }, nil); err != nil {
		t.Error(err)
	}
	if found == 0 || found != s.Table.Count() {
		t.Errorf("%d connections are found, %d counted", found, s.Table.Count())
	}
}
