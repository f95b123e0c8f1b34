package gen

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// source draws values from the pools.
type source struct {
	*rand.Rand
	long bool // chains hold runs of many rules
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

func pick[T any](r source, list ...T) T { return list[r.IntN(len(list))] }

// chance is true in n of 100 cases.
func (r source) chance(n int) bool { return r.IntN(100) < n }

// Ports are those that flows use.
var Ports = []int{1, 5, 53, 80, 81, 100, 443, 513, 1000, 1111, 5000, 8080}

func (r source) port() int { return pick(r, Ports...) }

func (r source) mark() string { return pick(r, "0", "1", "2", "5", "0x10", "0xff", "0x12345678") }

// client and server are hosts behind ta and tb.
func (r source) client(six bool) string {
	if six {
		return pick(r, "fd01::2", "fd01::3", "fd01::4")
	}
	return pick(r, "10.0.1.2", "10.0.1.3", "10.0.1.4")
}

func (r source) server(six bool) string {
	if six {
		return pick(r, "fd02::2", "fd02::3", "fd09::9")
	}
	return pick(r, "10.0.2.2", "10.0.2.3", "10.9.9.9")
}

// router is an address of the host itself.
func (r source) router(six bool) string {
	if six {
		return pick(r, "fd01::1", "fd02::1")
	}
	return pick(r, "10.0.1.1", "10.0.2.1")
}

func (r source) addr(six bool) string {
	switch r.IntN(5) {
	case 0, 1:
		return r.client(six)
	case 2, 3:
		return r.server(six)
	}
	return r.router(six)
}

// addrs is a right-hand side for an address: one, a prefix, a range, a set.
func (r source) addrs(six bool) string {
	switch r.IntN(6) {
	case 0:
		if six {
			return pick(r, "fd01::/64", "fd02::/127", "fd00::/8")
		}
		return pick(r, "10.0.1.0/24", "10.0.2.2/31", "10.0.0.0/8")
	case 1:
		if six {
			return pick(r, "fd01::2-fd01::3", "fd02::1-fd02::2")
		}
		return pick(r, "10.0.1.2-10.0.1.3", "10.0.2.1-10.0.2.2")
	case 2:
		return "{ " + strings.Join(r.some(func() string { return r.addr(six) }), ", ") + " }"
	}
	return r.addr(six)
}

// some gives one to four different values.
func (r source) some(f func() string) []string {
	var out []string
	for n := 1 + r.IntN(4); n > 0; n-- {
		if v := f(); !contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func contains(list []string, v string) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

// ports is a right-hand side for a port.
func (r source) ports() string {
	switch r.IntN(5) {
	case 0:
		return pick(r, "1-99", "50-100", "1024-65535", "0-1023")
	case 1:
		return "{ " + strings.Join(r.some(func() string { return fmt.Sprint(r.port()) }), ", ") + " }"
	}
	return fmt.Sprint(r.port())
}

// op is a relation to put before a right-hand side.
func (r source) op() string {
	if r.chance(20) {
		return "!= "
	}
	return ""
}
