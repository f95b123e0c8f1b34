package iptables

import (
	"nfvm/nf"
)

// A builtin is a chain that a table has of itself.
type builtin struct {
	name     string
	hook     nf.Hook
	typ      string // of the chain, as nft calls it
	priority int64
}

// ipTables are the tables of iptables and ip6tables with their chains: the
// priorities of enum nf_ip_hook_priorities.
var ipTables = map[string][]builtin{
	"raw": {
		{"PREROUTING", nf.HookPrerouting, "filter", -300},
		{"OUTPUT", nf.HookOutput, "filter", -300},
	},
	"mangle": {
		{"PREROUTING", nf.HookPrerouting, "filter", -150},
		{"INPUT", nf.HookInput, "filter", -150},
		{"FORWARD", nf.HookForward, "filter", -150},
		{"OUTPUT", nf.HookOutput, "route", -150},
		{"POSTROUTING", nf.HookPostrouting, "filter", -150},
	},
	"nat": {
		{"PREROUTING", nf.HookPrerouting, "nat", -100},
		{"INPUT", nf.HookInput, "nat", 100},
		{"OUTPUT", nf.HookOutput, "nat", -100},
		{"POSTROUTING", nf.HookPostrouting, "nat", 100},
	},
	"filter": {
		{"INPUT", nf.HookInput, "filter", 0},
		{"FORWARD", nf.HookForward, "filter", 0},
		{"OUTPUT", nf.HookOutput, "filter", 0},
	},
	"security": {
		{"INPUT", nf.HookInput, "filter", 50},
		{"FORWARD", nf.HookForward, "filter", 50},
		{"OUTPUT", nf.HookOutput, "filter", 50},
	},
}

// builtinOf finds a chain that the table has of itself.
func (d *dialect) builtinOf(table, chain string) *builtin {
	list := d.tables[table]
	for i := range list {
		if list[i].name == chain {
			return &list[i]
		}
	}
	return nil
}

// A hookMask is a set of hooks, a bit each by number.
type hookMask uint8

// hooksOf makes a hookMask.
func hooksOf(hooks ...nf.Hook) hookMask {
	var m hookMask
	for _, h := range hooks {
		m |= 1 << h
	}
	return m
}

// chainNames gives the names of the built-in chains of a set of hooks.
func (m hookMask) chainNames() []string {
	var out []string
	for _, b := range ipTables["mangle"] {
		if m&(1<<b.hook) != 0 {
			out = append(out, b.name)
		}
	}
	return out
}
