package compiler

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// jobsEach is how many jobs a worker takes at a time.
const jobsEach = 64

// parallel calls f for numbers below n, in no order, on all processors. The
// state of the transaction must not change meanwhile.
func (c *compiler) parallel(n int, f func(w *compiler, i int)) {
	var next atomic.Int64
	work := func() {
		w := c.worker()
		for {
			end := int(next.Add(jobsEach))
			if end-jobsEach >= n {
				return
			}
			for i := end - jobsEach; i < min(end, n); i++ {
				f(w, i)
			}
		}
	}
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (n+jobsEach-1)/jobsEach) - 1 {
		all.Go(work)
	}
	work()
	all.Wait()
}

// worker gives a compiler that works ahead of c.
func (c *compiler) worker() *compiler {
	w := *c
	w.ahead, w.listing, w.spare, w.settler = true, nil, nil, settler{}
	w.diags.Items = nil
	w.pos = c.pos.fixed()
	return &w
}
