package compiler_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"nfvm/compiler"
	"nfvm/lang"
)

// turns are transactions in which commands for elements take turns, a few
// lines each.
var turns = []struct {
	name, decl string
	line       func(i int) string
	mistakes   bool // there are some
}{
	{"intervals", "set s { type ipv4_addr; flags interval; }", func(i int) string {
		return fmt.Sprintf("add element ip t s { %s-%s }\nadd element ip t s { %s }\ndelete element ip t s { %s }",
			addr(8*i), addr(8*i+3), addr(8*i+5), addr(8*i+5))
	}, false},
	{"interval map", "map s { type ipv4_addr : mark; flags interval; }", func(i int) string {
		return fmt.Sprintf("add element ip t s { %s-%s : %d }\nadd element ip t s { %s : 1 }\ndelete element ip t s { %s }",
			addr(8*i), addr(8*i+3), i, addr(8*i+5), addr(8*i+5))
	}, false},
	{"merging intervals", "set s { type ipv4_addr; flags interval; auto-merge; }", func(i int) string {
		return fmt.Sprintf("add element ip t s { %s-%s }\ndelete element ip t s { %s }", addr(8*i), addr(8*i+6), addr(8*i+3))
	}, false},
	{"holes", "set s { type ipv4_addr; flags interval; auto-merge; elements = { 10.0.0.0/8 }; }", func(i int) string {
		return fmt.Sprintf("delete element ip t s { %s }\nadd element ip t s { 11.0.0.1-11.0.0.%d }", addr(8*i), 1+i%250)
	}, false},
	{"keys", "set s { type ipv4_addr; }", func(i int) string {
		return fmt.Sprintf("add element ip t s { %s, %s }\ndelete element ip t s { %s }", addr(i), addr(i+1<<20), addr(i+1<<20))
	}, false},
	{"map", "map s { type ipv4_addr : verdict; }", func(i int) string {
		return fmt.Sprintf("add element ip t s { %s : accept, %s : drop }\ndestroy element ip t s { %s }", addr(i), addr(i+1<<20), addr(i+1<<20))
	}, false},
	{"boxes", "set s { type ipv4_addr . inet_service; flags interval; }", func(i int) string {
		return fmt.Sprintf("add element ip t s { %s-%s . %d-%d }\nadd element ip t s { %s . 7 }\ndelete element ip t s { %s . 7 }",
			addr(8*i), addr(8*i+3), i%1000, i%1000+20, addr(8*i+5), addr(8*i+5))
	}, false},
	{"create", "set s { type ipv4_addr; flags interval; }", func(i int) string {
		return fmt.Sprintf("create element ip t s { %s/30 }", addr(8*i))
	}, false},
	{"several sets", "set s { type ipv4_addr; flags interval; }\nset s1 { type ipv4_addr; flags interval; }", func(i int) string {
		return fmt.Sprintf("add element ip t s { %s/30 }\nadd element ip t s1 { %s }", addr(8*i), addr(8*i))
	}, false},
	{"blocks", "set s { type ipv4_addr; flags interval; }", func(i int) string {
		return fmt.Sprintf("table ip t {\nset s {\ntype ipv4_addr; flags interval; elements = { %s/30 }\n}\n}", addr(8*i))
	}, false},
	{"blocks of keys", "set s { type ipv4_addr; }", func(i int) string {
		return fmt.Sprintf("table ip t {\nset s {\ntype ipv4_addr; elements = { %s }\n}\n}", addr(8*i))
	}, false},
	{"overlaps", "set s { type ipv4_addr; flags interval; }", func(i int) string {
		return fmt.Sprintf("add element ip t s { %s/30 }\ntable ip t { }\nadd element ip t s { %s-%s }", addr(8*i), addr(8*i+2), addr(8*i+9))
	}, true},
	{"full", "set s { type ipv4_addr; size 1000; }", func(i int) string {
		return fmt.Sprintf("add element ip t s { %s }\ntable ip t { }", addr(i%1000+i/3000*7000+i%3*900))
	}, true},
	{"full intervals", "set s { type ipv4_addr; flags interval; auto-merge; size 1000; }", func(i int) string {
		return fmt.Sprintf("add element ip t s { %s }\ntable ip t { }", addr(2*i))
	}, true},
}

// TestTurns: a transaction of four times as many commands takes about four times as
// much work, not sixteen.
func TestTurns(t *testing.T) {
	for _, c := range turns {
		for _, consume := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%v", c.name, consume), func(t *testing.T) {
				linear(t, func(n int) time.Duration {
					return transaction(t, c.decl, lines(n, c.line), c.mistakes, consume)
				})
			})
		}
	}
}

// linear compares the work for some input with that for four times as much. It is
// measured up to five times, as the collector may run in one and not in the other.
func linear(t *testing.T, work func(n int) time.Duration) {
	const n = 1500
	var few, many time.Duration
	for range 5 {
		few, many = work(n), work(4*n)
		if many < 9*few {
			return
		}
	}
	t.Errorf("%d commands took %v, %d took %v", n, few, 4*n, many)
}

// spent gives the processor time of this process so far.
func spent() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestQuestions: what is asked of a large set is answered in no time.
func TestQuestions(t *testing.T) {
	for _, c := range []struct{ decl, add, ask string }{
		{"set s { type ipv4_addr; }", "%s", "%s"},
		{"set s { type ipv4_addr; flags interval; }", "%s/30", "%s-%[1]s"},
		{"set s { type ipv4_addr . inet_service; flags interval; }", "%s/30 . 1-9", "%s . 7"},
	} {
		text := func(n int) string {
			list := func(format string) string {
				return "{\n" + lines(n, func(i int) string { return fmt.Sprintf(format, addr(8*i)) + "," }) + "}\n"
			}
			return "add element ip t s " + list(c.add) + "get element ip t s " + list(c.ask) +
				lines(n, func(i int) string { return fmt.Sprintf("get element ip t s { "+c.ask+" }", addr(8*i)) })
		}
		linear(t, func(n int) time.Duration { return transaction(t, c.decl, text(n), false, false) })
	}
}

// transaction compiles commands for a table with some sets, lists them, and gives
// the processor time of it all. Some mistakes are expected, or none.
func transaction(t *testing.T, decl, text string, mistakes bool, consume bool) time.Duration {
	t.Helper()
	text = "table ip t {\n" + decl + "\n}\n" + text
	start := spent()
	f, list := lang.Parse("in.nft", []byte(text), lang.Options{})
	res, more := compiler.Compile([]*lang.File{f}, compiler.Options{Consume: consume})
	list.Append(more)
	if res != nil {
		res.Listing()
	}
	took := spent() - start
	if list.HasErrors() != mistakes {
		t.Fatalf("the mistakes are not those expected: %.300s", strings.TrimSpace(list.String()))
	}
	return took
}
