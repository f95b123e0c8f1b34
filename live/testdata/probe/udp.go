//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

func echo(addr string) {
	u, err := net.ListenPacket("udp", addr)
	check(err)
	go func() {
		b := make([]byte, 65536)
		for {
			n, from, err := u.ReadFrom(b)
			if err == nil { // else an earlier answer was refused
				_, _ = u.WriteTo(b[:n], from)
			}
		}
	}()
	l, err := net.Listen("tcp", addr)
	check(err)
	for {
		c, err := l.Accept()
		check(err)
		go func() {
			_, _ = io.Copy(c, c)
			c.Close()
		}()
	}
}

// talk sends n datagrams, one after the other.
func talk(addr string, n int, noSum bool) {
	c, err := net.Dial("udp", addr)
	check(err)
	raw, err := c.(*net.UDPConn).SyscallConn()
	check(err)
	if noSum {
		check(raw.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_NO_CHECK, 1) }))
		check(err)
	}
	back, got := 0, make([]byte, 16)
	for i := range n {
		if _, err := c.Write([]byte{byte(i), 1, 2}); err != nil {
			continue
		}
		check(c.SetReadDeadline(time.Now().Add(time.Second)))
		if n, err := c.Read(got); err == nil && n == 3 && got[0] == byte(i) {
			back++
		}
	}
	fmt.Println(back)
}

// datagram sends one of size bytes, up to four times, until it comes back. With
// df the network may not cut it.
func datagram(addr string, size int, df bool) {
	c, err := net.Dial("udp", addr)
	check(err)
	check(discover(c.(*net.UDPConn), df))
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(i * 7)
	}
	got := make([]byte, 65536)
	var last error
	for range 4 {
		if _, err := c.Write(b); err != nil {
			last = err
			continue
		}
		check(c.SetReadDeadline(time.Now().Add(2 * time.Second)))
		n, err := c.Read(got)
		if err == nil {
			fmt.Println(n, bytes.Equal(b, got[:n]))
			return
		}
		last = err
	}
	var errno syscall.Errno
	if errors.As(last, &errno) {
		fmt.Println(unix.ErrnoName(errno))
		return
	}
	fmt.Println("no answer")
}

// discover tells the kernel whether the network may cut datagrams.
func discover(c *net.UDPConn, df bool) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	how := unix.IP_PMTUDISC_DONT
	if df {
		how = unix.IP_PMTUDISC_DO
	}
	var serr error
	err = raw.Control(func(fd uintptr) {
		if strings.HasPrefix(c.RemoteAddr().String(), "[") {
			serr = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_MTU_DISCOVER, how)
			return
		}
		serr = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, how)
	})
	return errors.Join(err, serr)
}
