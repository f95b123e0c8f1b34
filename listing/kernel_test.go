package listing

import (
	"encoding/binary"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"nfvm/bytecode"
	"nfvm/nf"
)

// A namespace is a fresh network namespace of the test's thread, with a socket
// to its nf_tables.
type namespace struct{ fd int }

// inNamespace runs f in a network namespace of its own.
func inNamespace(t *testing.T, f func(ns *namespace)) {
	t.Helper()
	done := make(chan string)
	go func() {
		// The thread is not unlocked, so it dies with its namespace.
		runtime.LockOSThread()
		if err := syscall.Unshare(syscall.CLONE_NEWNET); err != nil {
			done <- err.Error()
			return
		}
		fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW, syscall.NETLINK_NETFILTER)
		if err != nil {
			done <- err.Error()
			return
		}
		defer func() { done <- "" }()
		defer func() { _ = syscall.Close(fd) }()
		f(&namespace{fd})
	}()
	if msg := <-done; msg != "" {
		t.Fatal(msg)
	}
}

// nft runs nft with input.
func (ns *namespace) nft(input string, args ...string) (string, error) {
	c := exec.Command("nft", args...)
	c.Stdin = strings.NewReader(input)
	out, err := c.CombinedOutput()
	return string(out), err
}

type message struct {
	family uint8
	attrs
}

// dump asks for all objects of a kind.
func (ns *namespace) dump(typ uint16) []message { return ns.dumpFamily(typ, 0, nil) }

// dumpFamily asks for the objects of a kind and family.
func (ns *namespace) dumpFamily(typ uint16, family uint8, extra []byte) []message {
	const nfTables = 10
	req := make([]byte, 20, 64)
	binary.LittleEndian.PutUint16(req[4:], nfTables<<8|typ)
	binary.LittleEndian.PutUint16(req[6:], syscall.NLM_F_REQUEST|syscall.NLM_F_DUMP)
	req[16] = family
	req = append(req, extra...)
	binary.LittleEndian.PutUint32(req, uint32(len(req)))
	if err := syscall.Sendto(ns.fd, req, 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		panic(err)
	}
	var out []message
	buf := make([]byte, 1<<20)
	for {
		n, _, err := syscall.Recvfrom(ns.fd, buf, 0)
		if err != nil {
			panic(err)
		}
		msgs, err := syscall.ParseNetlinkMessage(buf[:n])
		if err != nil {
			panic(err)
		}
		for _, m := range msgs {
			if m.Header.Type == syscall.NLMSG_DONE || m.Header.Type == syscall.NLMSG_ERROR {
				return out
			}
			out = append(out, message{m.Data[0], parseAttrs(append([]byte(nil), m.Data[4:]...))})
		}
	}
}

// attrs are netlink attributes in order.
type attrs []attr

type attr struct {
	typ  uint16
	data []byte
}

func parseAttrs(b []byte) attrs {
	var out attrs
	for len(b) >= 4 {
		n := int(binary.LittleEndian.Uint16(b))
		if n < 4 || n > len(b) {
			break
		}
		out = append(out, attr{binary.LittleEndian.Uint16(b[2:]) & 0x3fff, b[4:n]})
		b = b[min(len(b), (n+3)&^3):]
	}
	return out
}

func (a attrs) get(t uint16) []byte {
	for _, x := range a {
		if x.typ == t {
			return x.data
		}
	}
	return nil
}

func (a attrs) has(t uint16) bool { return a.get(t) != nil }

// num is a big-endian number of any size, 0 when absent.
func (a attrs) num(t uint16) uint64 {
	var v uint64
	for _, b := range a.get(t) {
		v = v<<8 | uint64(b)
	}
	return v
}

func (a attrs) u32(t uint16) uint32       { return uint32(a.num(t)) }
func (a attrs) reg(t uint16) bytecode.Reg { return bytecode.Reg(a.num(t)) }
func (a attrs) str(t uint16) string       { return strings.TrimRight(string(a.get(t)), "\x00") }
func (a attrs) nested(t uint16) attrs     { return parseAttrs(a.get(t)) }
func (a attrs) value(t uint16) []byte     { return a.nested(t).get(1) }

// userdata finds an entry of a list of type, length, value.
func userdata(b []byte, typ uint8) []byte {
	for len(b) >= 2 && len(b) >= 2+int(b[1]) {
		if b[0] == typ {
			return b[2 : 2+b[1]]
		}
		b = b[2+b[1]:]
	}
	return nil
}

func comment(b []byte, typ uint8) string { return strings.TrimRight(string(userdata(b, typ)), "\x00") }

// program reads the namespace's ruleset.
func (ns *namespace) program() *bytecode.Program {
	p := &bytecode.Program{}
	tables := map[string]*bytecode.Table{}
	find := func(m message) *bytecode.Table { return tables[fmt.Sprint(m.family, m.str(1))] }
	for _, m := range ns.dump(1) {
		t := &bytecode.Table{Family: nf.Family(m.family), Name: m.str(1), Handle: m.num(4), Dormant: m.num(2)&1 != 0,
			Comment: comment(m.get(6), 0)}
		p.Tables = append(p.Tables, t)
		tables[fmt.Sprint(m.family, t.Name)] = t
	}
	for _, m := range ns.dump(10) {
		t, s := find(m), readSet(m)
		ns.elements(m.family, t, s)
		t.Sets = append(t.Sets, s)
	}
	for _, m := range ns.dump(4) {
		find(m).Chains = append(find(m).Chains, readChain(m))
	}
	for _, m := range ns.dump(19) {
		find(m).Objects = append(find(m).Objects, readObject(m))
	}
	for _, m := range ns.dump(7) {
		r := &bytecode.Rule{Handle: m.num(3), Comment: comment(m.get(7), 0)}
		for _, e := range m.nested(4) {
			r.Exprs = append(r.Exprs, readExpr(parseAttrs(e.data)))
		}
		c := find(m).Chain(m.str(2))
		c.Rules = append(c.Rules, r)
	}
	return p
}

func readChain(m message) *bytecode.Chain {
	c := &bytecode.Chain{Name: m.str(3), Handle: m.num(2), Comment: comment(m.get(12), 0)}
	if !m.has(4) {
		return c
	}
	h := m.nested(4)
	b := &bytecode.BaseChain{Hook: hookOf(nf.Family(m.family), h.u32(1)), Priority: int32(h.u32(2)), Policy: nf.Verdict(m.u32(5))}
	switch m.str(7) {
	case "nat":
		b.Type = nf.ChainTypeNAT
	case "route":
		b.Type = nf.ChainTypeRoute
	}
	if d := h.str(3); d != "" {
		b.Devices = []string{d}
	}
	if h.has(4) {
		b.Devices = nil
	}
	for _, d := range h.nested(4) {
		b.Devices = append(b.Devices, strings.TrimRight(string(d.data), "\x00"))
	}
	c.Base = b
	return c
}

func hookOf(f nf.Family, n uint32) nf.Hook {
	switch f {
	case nf.FamilyARP:
		return [...]nf.Hook{nf.HookInput, nf.HookOutput, nf.HookForward}[n]
	case nf.FamilyNetdev:
		return [...]nf.Hook{nf.HookIngress, nf.HookEgress}[n]
	}
	return nf.Hook(n)
}

func readSet(m message) *bytecode.Set {
	s := &bytecode.Set{Name: m.str(2), Flags: m.u32(3), KeyType: m.u32(4), KeyLen: m.u32(5), DataType: m.u32(6), DataLen: m.u32(7),
		Policy: m.u32(8), PolicySet: m.has(8), Timeout: m.num(11), GCInterval: m.num(12), ObjectType: bytecode.ObjectType(m.u32(15)),
		Handle: m.num(16), Size: m.nested(9).u32(1)}
	for _, f := range m.nested(9).nested(2) {
		s.FieldLens = append(s.FieldLens, parseAttrs(f.data).u32(1))
	}
	u := m.get(13)
	order := userdata(u, 0)
	s.KeyByteorderHost = len(order) == 4 && order[0] == 1
	order = userdata(u, 1)
	s.DataByteorderHost = len(order) == 4 && order[0] == 1
	s.AutoMerge = len(userdata(u, 2)) == 4 && userdata(u, 2)[0] == 1
	s.DataInterval = len(userdata(u, 6)) == 4 && userdata(u, 6)[0] == 1
	if userdata(u, 3) != nil {
		s.TypeofKey = "?"
	}
	s.Comment = comment(u, 7)
	if m.has(17) {
		s.Exprs = append(s.Exprs, readExpr(m.nested(17)))
	}
	for _, e := range m.nested(18) {
		s.Exprs = append(s.Exprs, readExpr(parseAttrs(e.data)))
	}
	return s
}

func (ns *namespace) elements(family uint8, t *bytecode.Table, s *bytecode.Set) {
	extra := appendAttr(appendAttr(nil, 1, t.Name), 2, s.Name)
	for _, m := range ns.dumpFamily(13, family, extra) {
		for _, x := range m.nested(3) {
			a := parseAttrs(x.data)
			e := bytecode.Element{Key: a.value(1), KeyEnd: a.value(10), IntervalEnd: a.u32(3)&1 != 0, CatchAll: a.u32(3)&2 != 0,
				HasTimeout: a.has(4), Timeout: a.num(4), Expires: a.num(5), Comment: comment(a.get(6), 0), Object: a.str(9)}
			d := a.nested(2)
			e.Data = d.get(1)
			if d.has(2) {
				e.Verdict, e.Chain = nf.Verdict(int32(d.nested(2).u32(1))), d.nested(2).str(2)
			}
			if a.has(7) {
				e.Exprs = append(e.Exprs, readExpr(a.nested(7)))
			}
			for _, y := range a.nested(11) {
				e.Exprs = append(e.Exprs, readExpr(parseAttrs(y.data)))
			}
			s.Elements = append(s.Elements, e)
		}
	}
}

func appendAttr(b []byte, typ uint16, s string) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(len(s)+5))
	b = binary.LittleEndian.AppendUint16(b, typ)
	b = append(append(b, s...), 0)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}
