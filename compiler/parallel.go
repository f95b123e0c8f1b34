package compiler

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// mostJobs is how many jobs a worker takes at a time, or fewer if there are few.
const mostJobs = 64

// parallel calls f for numbers below n, in no order, on all processors. The
// state of the transaction must not change meanwhile.
func (c *compiler) parallel(n int, f func(w *compiler, i int)) {
	var next atomic.Int64
	workers := runtime.GOMAXPROCS(0)
	each := min(mostJobs, n/(workers*8)+1)
	work := func() {
		w := c.worker()
		for {
			end := int(next.Add(int64(each)))
			if end-each >= n {
				return
			}
			for i := end - each; i < min(end, n); i++ {
				f(w, i)
			}
		}
	}
	var all sync.WaitGroup
	for range min(workers, (n+each-1)/each) - 1 {
		all.Go(work)
	}
	work()
	all.Wait()
}

// worker gives a compiler that works ahead of c.
func (c *compiler) worker() *compiler {
	w := *c
	w.ahead, w.listing, w.spare, w.unborn, w.cells, w.settler = true, nil, nil, nil, nil, settler{}
	w.diags.Items = nil
	w.speller.Stop() // a rule with a mistake is compiled again, in its turn
	w.pos = c.pos.fixed()
	return &w
}
