package procsys

import "testing"

func BenchmarkRead(b *testing.B) {
	r := Open()
	defer r.Close()
	n := 0
	for b.Loop() {
		n = len(r.Read())
	}
	b.ReportMetric(float64(n), "settings")
}
