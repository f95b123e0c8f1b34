package ct

import (
	"bytes"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"testing"
)

// FuzzRestore reads any bytes, with a sum that is right, into a table: nothing
// may panic, the invariants must hold, and traffic goes on.
func FuzzRestore(f *testing.F) {
	_, s := saved(f)
	var file bytes.Buffer
	if err := s.Write(&file); err != nil {
		f.Fatal(err)
	}
	body := file.Bytes()[:file.Len()-sha256.Size]
	f.Add(body)
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		bad := bytes.Clone(body)
		for range 1 + r.IntN(8) {
			bad[r.IntN(len(bad))] = byte(r.Uint32())
		}
		f.Add(bad)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		sum := sha256.Sum256(data)
		s, err := ReadSaved(io.MultiReader(bytes.NewReader(data), bytes.NewReader(sum[:])))
		if err != nil {
			return
		}
		m := newModel()
		n := s.Len()
		got := m.t.Restore(s, m.now, onEth8)
		if got.Flows+got.Expired+got.Clashing+got.Full+got.Unusable != n {
			t.Fatalf("%d connections, %+v", n, got)
		}
		invariants(t, m.t)
		flow{m, 1}.open()
		m.send('a', udpPacket(a4, b4, 1, 53, 10))
		m.send('b', sctpPacket(b4, a4, 2, 1, 0, initChunk(2, 2)))
		if err := m.t.WriteList(io.Discard, m.now); err != nil {
			t.Fatal(err)
		}
		m.t.Sweep(m.now + 1e18)
		invariants(t, m.t)
	})
}
