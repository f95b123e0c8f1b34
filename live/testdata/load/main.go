//go:build linux

// Load makes the traffic of the benchmarks of live, and says what became of it.
//
//	load echo ADDR                 answers TCP and UDP
//	load rtt ADDR N                N UDP round trips: p50 and p99 in µs
//	load conns ADDR SECONDS        TCP connections of one byte each way: how many a second
//	load flood ADDR SIZE SECONDS [RATE]
//	                               UDP packets as fast as they go, or RATE a second:
//	                               how many there were, and the processor's seconds
//	load order ADDR FLOWS N        N numbered UDP packets in each of some flows
//	load check ADDR SECONDS        how many of these come, of how many flows, and how
//	                               many behind a later one
//	load noise IFACE SECONDS       frames of random bytes
//	load syn IFACE MAC ADDR N SECONDS  N connection requests a second that nobody means
package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func main() {
	args := os.Args[2:]
	number := func(i int) int {
		n, err := strconv.Atoi(args[i])
		check(err)
		return n
	}
	switch os.Args[1] {
	case "echo":
		echo(args[0])
	case "rtt":
		rtt(args[0], number(1))
	case "conns":
		conns(args[0], time.Duration(number(1))*time.Second)
	case "flood":
		rate := math.MaxInt32
		if len(args) > 3 {
			rate = number(3)
		}
		d, err := strconv.ParseFloat(args[2], 64)
		check(err)
		flood(args[0], number(1), time.Duration(d*float64(time.Second)), rate)
	case "syn":
		syn(args[0], args[1], args[2], number(3), time.Duration(number(4))*time.Second)
	case "order":
		order(args[0], number(1), number(2))
	case "check":
		checkOrder(args[0], time.Duration(number(1))*time.Second)
	case "noise":
		noise(args[0], time.Duration(number(1))*time.Second)
	default:
		log.Fatalf("what is %q?", os.Args[1])
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func echo(addr string) {
	u, err := net.ListenPacket("udp", addr)
	check(err)
	go func() {
		b := make([]byte, 65536)
		for {
			n, from, err := u.ReadFrom(b)
			check(err)
			if n < 1000 { // what is longer is only counted
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

func rtt(addr string, n int) {
	c, err := net.Dial("udp", addr)
	check(err)
	times := make([]time.Duration, 0, n)
	b := make([]byte, 16)
	for range n {
		start := time.Now()
		_, err := c.Write(b)
		check(err)
		check(c.SetReadDeadline(start.Add(time.Second)))
		if _, err := c.Read(b); err == nil {
			times = append(times, time.Since(start))
		}
	}
	slices.Sort(times)
	if len(times) == 0 {
		log.Fatal("no answer")
	}
	fmt.Println(times[len(times)/2].Microseconds(), times[len(times)*99/100].Microseconds())
}

func conns(addr string, d time.Duration) {
	const workers = 8
	count := make(chan int)
	end := time.Now().Add(d)
	for range workers {
		go func() {
			n := 0
			for time.Now().Before(end) {
				c, err := net.DialTimeout("tcp", addr, time.Second)
				if err != nil {
					continue
				}
				b := []byte{1}
				if _, err = c.Write(b); err == nil {
					_, err = io.ReadFull(c, b)
				}
				if err == nil {
					n++
				}
				_ = c.(*net.TCPConn).SetLinger(0) // or ports run out
				c.Close()
			}
			count <- n
		}()
	}
	total := 0
	for range workers {
		total += <-count
	}
	fmt.Println(float64(total) / d.Seconds())
}

// flood sends a batch of packets a system call, each millisecond as many as are
// due.
func flood(addr string, size int, d time.Duration, rate int) {
	to, err := net.ResolveUDPAddr("udp", addr)
	check(err)
	c, err := net.DialUDP("udp", nil, to)
	check(err)
	raw, err := c.SyscallConn()
	check(err)
	batch := newBatch(make([]byte, size))
	n, start := 0, time.Now()
	for {
		passed := time.Since(start)
		if passed > d {
			break
		}
		due := int(passed.Seconds()*float64(rate)) - n
		if due < min(len(batch), rate/1000) {
			time.Sleep(200 * time.Microsecond)
			continue
		}
		check(raw.Control(func(fd uintptr) { n += batch.send(fd, due) }))
	}
	fmt.Println(n, processor().Seconds())
}

// processor is the time that processors have spent on this program.
func processor() time.Duration {
	var r unix.Rusage
	check(unix.Getrusage(unix.RUSAGE_SELF, &r))
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// A batch is what sendmmsg(2) takes.
type batch []struct {
	unix.Msghdr
	_ [8]byte // how much was sent
}

func newBatch(payload []byte) batch {
	b := make(batch, 64)
	for i := range b {
		vec := unix.Iovec{Base: &payload[0]}
		vec.SetLen(len(payload))
		b[i].Iov = &vec
		b[i].SetIovlen(1)
	}
	return b
}

func (b batch) send(fd uintptr, n int) int {
	sent, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&b[0])), uintptr(min(n, len(b))), unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0
	}
	return int(sent)
}

func order(addr string, flows, n int) {
	conns := make([]net.Conn, flows)
	for i := range conns {
		c, err := net.Dial("udp", addr)
		check(err)
		conns[i] = c
	}
	for i := range n {
		for _, c := range conns {
			_, _ = c.Write(binary.BigEndian.AppendUint32(nil, uint32(i)))
		}
		if i%8 == 7 {
			time.Sleep(time.Millisecond)
		}
	}
}

func checkOrder(addr string, d time.Duration) {
	c, err := net.ListenPacket("udp", addr)
	check(err)
	check(c.SetReadDeadline(time.Now().Add(d)))
	last := map[string]uint32{}
	came, late := 0, 0
	for b := make([]byte, 16); ; came++ {
		n, from, err := c.ReadFrom(b)
		if err != nil || n < 4 {
			break
		}
		at := binary.BigEndian.Uint32(b)
		if at < last[from.String()] {
			late++
		}
		last[from.String()] = at
	}
	fmt.Println(came, len(last), late)
}

func noise(iface string, d time.Duration) {
	link, err := net.InterfaceByName(iface)
	check(err)
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
	check(err)
	to := &unix.SockaddrLinklayer{Ifindex: link.Index}
	r := rand.New(rand.NewPCG(1, 2))
	mac, err := net.ParseMAC(os.Getenv("DST"))
	check(err)
	types := [][]byte{{8, 0}, {0x86, 0xdd}, {8, 6}, {0x81, 0}, {0, 60}}
	n := 0
	for end := time.Now().Add(d); time.Now().Before(end); n++ {
		b := make([]byte, 14+r.IntN(1500))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		copy(b, mac)
		copy(b[12:], types[r.IntN(len(types))])
		if len(b) > 34 && r.IntN(2) == 0 { // something like a header
			b[14] = 0x40 | byte(5+r.IntN(3))
			if b[12] == 0x86 {
				b[14] = 0x60
			}
			b[16], b[17] = byte((len(b)-14)>>8), byte(len(b)-14)
			b[23] = []byte{1, 6, 17, 132, 47}[r.IntN(5)]
		}
		_ = unix.Sendto(fd, b, 0, to)
	}
	fmt.Println(n)
}
