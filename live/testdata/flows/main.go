// Flows makes many UDP flows: a datagram each, from as few sockets as possible to
// all ports of an address.
//
//	flows ADDRESS COUNT
package main

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"time"
)

func main() {
	if err := send(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func send(address, count string) error {
	to, err := netip.ParseAddr(address)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	var c *net.UDPConn
	for i := range n {
		if i%65000 == 0 {
			if c, err = net.ListenUDP("udp", nil); err != nil {
				return err
			}
		}
		_, _ = c.WriteToUDPAddrPort([]byte("x"), netip.AddrPortFrom(to, uint16(1+i%65000))) // refusals of earlier ones come here
		if i%50 == 0 {
			time.Sleep(time.Millisecond) // so that no queue overflows
		}
	}
	return nil
}
