//go:build linux

// Probe speaks to a server in the ways that common programs don't, and says what
// came of it.
//
//	probe echo ADDR                answers TCP and UDP, whatever the size
//	probe udp ADDR SIZE [df]       a datagram there and back: its size, or the error
//	probe talk ADDR N [nosum]      N datagrams there and back by one socket, without
//	                               UDP checksums if so: how many came back
//	probe hold ADDR N SECONDS      N TCP connections that ask and are answered all
//	                               the time: how many broke, how many answers came
//	probe churn ADDR N SECONDS     N new TCP connections and datagrams a second: how
//	                               many failed, how many there were
package main

import (
	"log"
	"os"
	"strconv"
	"time"
)

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: probe echo|udp|talk|hold|churn …")
	}
	addr := os.Args[2]
	number := func(i int) int {
		if i >= len(os.Args) {
			log.Fatalf("argument %d is missing", i)
		}
		n, err := strconv.Atoi(os.Args[i])
		check(err)
		return n
	}
	switch os.Args[1] {
	case "echo":
		echo(addr)
	case "udp":
		datagram(addr, number(3), len(os.Args) > 4)
	case "talk":
		talk(addr, number(3), len(os.Args) > 4)
	case "hold":
		hold(addr, number(3), time.Duration(number(4))*time.Second)
	case "churn":
		churn(addr, number(3), time.Duration(number(4))*time.Second)
	default:
		log.Fatalf("what is %q?", os.Args[1])
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
