package conntrack

import (
	"math"
	"slices"

	"nfvm/ct"
	"nfvm/ct/helper"
	"nfvm/nat"
)

// A Memory is a Source of a table that nobody else uses.
type Memory struct {
	Table *ct.Table
	NAT   *nat.Engine
	links []string // interfaces of masquerading, by index from 1
}

// Do calls f.
func (m *Memory) Do(f func(*ct.Table, *nat.Engine)) { f(m.Table, m.NAT) }

// Saved puts saved connections into a table of their own, whose time is that of
// their saving. rand gives 32 random bits.
func Saved(s *ct.Saved, rand func() uint32) *Memory {
	settings := ct.DefaultSysctls()
	settings.Max = 0 // whoever saved them had room
	settings.ExpectMax = 1 << 20
	table := ct.New(ct.Config{Sysctls: &settings, Rand: rand})
	table.UseLabels = true
	m := &Memory{Table: table, NAT: nat.New(table, rand)}
	helper.Attach(table, m.NAT, nil, helper.DefaultParams())
	table.Restore(s, s.Time, func(e *ct.Entry, link string) bool {
		i := slices.Index(m.links, link)
		if i < 0 {
			i, m.links = len(m.links), append(m.links, link)
		}
		e.MasqIndex = int32(i + 1)
		return true
	})
	return m
}

// Save gives the table to be saved again.
func (m *Memory) Save() *ct.Saved {
	s := &ct.Saved{}
	m.Table.Save(s, 0, math.MaxInt, func(index int) string { return m.links[index-1] })
	return s
}
