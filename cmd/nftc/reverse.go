package main

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"time"
)

// lookupTime is how long a name server may take to name an address. nft waits as
// long as the system's resolver does; a listing should not stand still.
const lookupTime = 2 * time.Second

// lookupAddr asks the machine for the names of an address: /etc/hosts, then DNS.
var lookupAddr = net.DefaultResolver.LookupAddr

// addrNames gives addresses the names that the machine knows (-N), each asked
// for once. Once a name server has not answered in time, only names that are
// known already are given.
func addrNames() func(netip.Addr) (string, bool) {
	known := map[netip.Addr]string{}
	silent := false
	return func(a netip.Addr) (string, bool) {
		name, asked := known[a]
		if !asked && !silent {
			ctx, cancel := context.WithTimeout(context.Background(), lookupTime)
			names, err := lookupAddr(ctx, a.String())
			silent = ctx.Err() != nil
			cancel()
			if err == nil && len(names) > 0 {
				name = strings.TrimSuffix(names[0], ".")
			}
			known[a] = name
		}
		return name, name != ""
	}
}
