package metrics

import (
	"errors"
	"fmt"
	"net"
	"strings"
)

// An Address is where metrics are served.
type Address struct {
	Network string // tcp or unix
	Addr    string
}

// ParseAddress reads ADDRESS:PORT, or unix:PATH or a path for a unix socket. The
// address can't be left out: who wants all of them says 0.0.0.0 or [::].
func ParseAddress(s string) (Address, error) {
	if path, ok := strings.CutPrefix(s, "unix:"); ok || strings.HasPrefix(s, "/") {
		if path == "" {
			return Address{}, errors.New("unix: needs a path")
		}
		return Address{"unix", path}, nil
	}
	host, port, err := net.SplitHostPort(s)
	switch {
	case err != nil:
		return Address{}, fmt.Errorf("want ADDRESS:PORT or unix:PATH, not %q", s)
	case host == "":
		return Address{}, fmt.Errorf("%q has no address: 127.0.0.1:%s for this host alone, 0.0.0.0:%s for all", s, port, port)
	case net.ParseIP(strings.SplitN(host, "%", 2)[0]) == nil && host != "localhost":
		return Address{}, fmt.Errorf("%q is no address; names are not looked up", host)
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return Address{}, fmt.Errorf("%q is no port", port)
	}
	return Address{"tcp", s}, nil
}

// String is the address as ParseAddress reads it.
func (a Address) String() string {
	if a.Network == "unix" {
		return "unix:" + a.Addr
	}
	return a.Addr
}
