//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// churn opens n connections a second, each with up to 20000 bytes there and back,
// every second one aborted in the end, and sends a datagram from a new port with
// each.
func churn(addr string, n int, d time.Duration) {
	var broken, done atomic.Int64
	var wait sync.WaitGroup
	tick := time.NewTicker(time.Second / time.Duration(n))
	defer tick.Stop()
	for end := time.Now().Add(d); time.Now().Before(end); <-tick.C {
		wait.Go(func() {
			if err := errors.Join(once(addr), message(addr)); err != nil {
				fmt.Println(err)
				broken.Add(1)
			}
			done.Add(1)
		})
	}
	wait.Wait()
	fmt.Println(broken.Load(), "broken", done.Load(), "done")
}

// once is one connection.
func once(addr string) error {
	c, err := net.DialTimeout("tcp", addr, 30*time.Second)
	if err != nil {
		return err
	}
	defer c.Close()
	if rand.IntN(2) == 0 {
		_ = c.(*net.TCPConn).SetLinger(0)
	}
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return err
	}
	b := make([]byte, 1+rand.IntN(20000))
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	if _, err := c.Write(b); err != nil {
		return err
	}
	got := make([]byte, len(b))
	if _, err := io.ReadFull(c, got); err != nil {
		return err
	}
	if !bytes.Equal(b, got) {
		return fmt.Errorf("%d bytes came back as others", len(b))
	}
	return nil
}

// message is a datagram there and back; it may be lost.
func message(addr string) error {
	c, err := net.Dial("udp", addr)
	if err != nil {
		return err
	}
	defer c.Close()
	b := []byte{0}
	for try := range 10 {
		b[0] = byte(try)
		if _, err = c.Write(b); err != nil {
			continue // an error that came for the one before
		}
		_ = c.SetReadDeadline(time.Now().Add(time.Second))
		if _, err = c.Read(b); err == nil {
			return nil
		}
	}
	return err
}
