package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"

	"nfvm/compiler"
	"nfvm/datatype"
	"nfvm/host"
)

// compilerOptions says where interface and user names come from.
func compilerOptions(o *options) (compiler.Options, error) {
	c := compiler.Options{Level: o.level, Consume: o.encode, Iface: hostIface, User: hostUser, Group: hostGroup, Cgroup: hostCgroup,
		Location: datatype.LocalZone(os.Getenv("TZ")), Now: time.Now()}
	if o.ifaces != "" {
		t, err := ifaceTable(o.ifaces)
		if err != nil {
			return c, err
		}
		c.Iface = t.find
	}
	if o.users != "" {
		t, err := userTable(o.users)
		if err != nil {
			return c, err
		}
		c.User, c.Group = t.or(hostUser), t.or(hostGroup)
	}
	return c, nil
}

// A table holds names and numbers.
type table map[string]uint32

func (t table) find(name string) (uint32, bool) {
	n, ok := t[name]
	return n, ok
}

// or finds a name in the table, else elsewhere: a file of users names those
// that a system has besides its usual ones.
func (t table) or(next func(string) (uint32, bool)) func(string) (uint32, bool) {
	return func(name string) (uint32, bool) {
		if n, ok := t[name]; ok {
			return n, true
		}
		return next(name)
	}
}

// userTable reads lines of name TAB id.
func userTable(name string) (table, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return readTable(name, data)
}

// ifaceTable reads interfaces: lines of name TAB index, or HOST.json.
func ifaceTable(name string) (table, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) {
		t, err := readTable(name, data)
		if t != nil && t["lo"] == 0 {
			t["lo"] = 1
		}
		return t, err
	}
	h, err := host.Load(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	t := table{"lo": 1}
	for _, l := range h.Links() {
		t[l.Name] = uint32(l.Index)
	}
	return t, nil
}

// ifaceNames gives names to indexes: those of a file, or the host's.
func ifaceNames(o *options) (func(uint32) (string, bool), error) {
	if o.ifaces == "" {
		return func(index uint32) (string, bool) {
			i, err := net.InterfaceByIndex(int(index))
			if err != nil {
				return "", false
			}
			return i.Name, true
		}, nil
	}
	t, err := ifaceTable(o.ifaces)
	return t.names(), err
}

// idNames gives names to users and groups: those of a file, and the host's.
func idNames(o *options) (users, groups func(uint32) (string, bool), err error) {
	if o.users == "" {
		return userName, groupName, nil
	}
	t, err := userTable(o.users)
	own := t.names()
	or := func(next func(uint32) (string, bool)) func(uint32) (string, bool) {
		return func(id uint32) (string, bool) {
			if name, ok := own(id); ok {
				return name, true
			}
			return next(id)
		}
	}
	return or(userName), or(groupName), err
}

func userName(id uint32) (string, bool) {
	u, err := user.LookupId(strconv.FormatUint(uint64(id), 10))
	if err != nil {
		return "", false
	}
	return u.Username, true
}

func groupName(id uint32) (string, bool) {
	g, err := user.LookupGroupId(strconv.FormatUint(uint64(id), 10))
	if err != nil {
		return "", false
	}
	return g.Name, true
}

// names turns a table around.
func (t table) names() func(uint32) (string, bool) {
	names := make(map[uint32]string, len(t))
	for name, n := range t {
		names[n] = name
	}
	return func(n uint32) (string, bool) {
		name, ok := names[n]
		return name, ok
	}
}

// readTable reads lines of name and number.
func readTable(name string, data []byte) (table, error) {
	t := table{}
	s := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; s.Scan(); n++ {
		f := strings.Fields(s.Text())
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		if len(f) != 2 {
			return nil, fmt.Errorf("%s:%d: a name and a number are needed", name, n)
		}
		v, err := strconv.ParseUint(f[1], 10, 32)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %q is no number", name, n, f[1])
		}
		t[f[0]] = uint32(v)
	}
	return t, s.Err()
}

func hostIface(name string) (uint32, bool) {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return 0, false
	}
	return uint32(i.Index), true
}

func hostUser(name string) (uint32, bool) {
	u, err := user.Lookup(name)
	if err != nil {
		return 0, false
	}
	return number(u.Uid)
}

func hostGroup(name string) (uint32, bool) {
	g, err := user.LookupGroup(name)
	if err != nil {
		return 0, false
	}
	return number(g.Gid)
}

func number(s string) (uint32, bool) {
	v, err := strconv.ParseUint(s, 10, 32)
	return uint32(v), err == nil
}
