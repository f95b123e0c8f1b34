//go:build linux

package main

import (
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// hold keeps n connections busy, each with a byte there and back at a time. One
// that does not open, or has no answer for 20 seconds, is broken.
func hold(addr string, n int, d time.Duration) {
	var broken, answers atomic.Int64
	var wait sync.WaitGroup
	end := time.Now().Add(d)
	for range n {
		wait.Go(func() {
			c, err := net.DialTimeout("tcp", addr, 20*time.Second)
			if err != nil {
				broken.Add(1)
				return
			}
			defer c.Close()
			b := []byte{1}
			for err == nil && time.Now().Before(end) {
				_ = c.SetDeadline(time.Now().Add(20 * time.Second))
				if _, err = c.Write(b); err == nil {
					_, err = io.ReadFull(c, b)
				}
				answers.Add(1)
				time.Sleep(20 * time.Millisecond)
			}
			if err != nil {
				broken.Add(1)
			}
		})
	}
	wait.Wait()
	fmt.Println(broken.Load(), "broken", answers.Load(), "answers")
}
