//go:build linux

package rtnetlink

import (
	"testing"

	"nfvm/host"
	"nfvm/internal/testenv"
)

// BenchmarkRead is the description of a machine with 10,000 routes: from the
// kernel, and made into a host.
func BenchmarkRead(b *testing.B) {
	testenv.Need(b, testenv.Root, testenv.Program("ip"))
	ns := testenv.NewNamespace(b)
	ns.Shell(b, `
ip link set lo up
ip link add d0 type veth peer name p0; ip link set d0 up; ip link set p0 up
ip addr add 10.0.0.1/24 dev d0
for i in $(seq 1 100); do for j in $(seq 1 100); do echo route add 192.$i.$j.0/24 via 10.0.0.9; done; done | ip -batch -`)
	var conn *Conn
	var err error
	ns.Do(func() { conn, err = Open() })
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	var c host.Config
	b.Run("dump", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if c, err = conn.Read(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(c.Routes)), "routes")
	})
	b.Run("host", func(b *testing.B) {
		for b.Loop() {
			if _, err := host.New(c); err != nil {
				b.Fatal(err)
			}
		}
	})
}
