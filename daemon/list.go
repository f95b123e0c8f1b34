//go:build linux

package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"nfvm/bytecode"
	"nfvm/control"
	"nfvm/diag"
	"nfvm/host"
	"nfvm/listing"
	"nfvm/netfilter"
	"nfvm/nf"
)

func (p *ListParams) query() (q listing.Query, err error) {
	q = listing.Query{What: p.What, Table: p.Table, Name: p.Name}
	if p.What == "" {
		q.What = "ruleset"
	}
	if p.Family != "" {
		var ok bool
		if q.Family, ok = nf.ParseFamily(p.Family); !ok {
			return q, fmt.Errorf("unknown family %q", p.Family)
		}
	}
	switch q.What {
	case "table", "chain", "set", "map", "meter", "counter", "quota", "limit", "flowtable":
		if q.Table == "" || q.What != "table" && q.Name == "" {
			return q, fmt.Errorf("list %s: which one is needed, by table and name", q.What)
		}
	}
	return q, nil
}

func (d *Daemon) list(_ context.Context, p ListParams, _ sender) (any, error) {
	var program *bytecode.Program
	var h *host.Host
	d.firewall.Do(func(e *netfilter.Engine) { program, h = e.Snapshot(), e.Host() })
	return d.print(program, h, &p)
}

// print lists a program as the parameters ask for it.
func (d *Daemon) print(program *bytecode.Program, h *host.Host, p *ListParams) (any, error) {
	q, err := p.query()
	if err != nil {
		return nil, err
	}
	opt := d.Listing(h)
	opt.Handles, opt.Stateless, opt.Terse = p.Handles, p.Stateless, p.Terse
	opt.NumericPriority = p.NumericPriority || p.Numeric
	if p.Numeric {
		opt.Numeric, opt.NumericProto, opt.NumericTime = true, true, true
	}
	var b bytes.Buffer
	err = listing.List(&b, program, q, &opt)
	var missing *listing.Missing
	if errors.As(err, &missing) {
		return nil, &control.Error{
			Message: fmt.Sprintf("no such %s: %s", missing.Kind, missing.Name),
			Missing: &control.Missing{Kind: missing.Kind, Name: missing.Name, Closest: diag.Closest(missing.Name, missing.Known)},
		}
	}
	if err != nil || !p.JSON {
		return Text{Text: b.String()}, err
	}
	b.Reset()
	if err := listing.JSON(&b, program, &opt); err != nil {
		return nil, err
	}
	return pick(b.Bytes(), q)
}

// A schema is JSON as nft prints it, each object with one key that is its kind.
type schema struct {
	Objects []map[string]json.RawMessage `json:"nftables"`
}

// pick leaves of a listing in JSON what a query asks for.
func pick(listed []byte, q listing.Query) (any, error) {
	var all, out schema
	if err := json.Unmarshal(listed, &all); err != nil {
		return nil, err
	}
	for _, o := range all.Objects {
		for kind, v := range o {
			var of struct{ Family, Table, Name, Chain string }
			if err := json.Unmarshal(v, &of); err != nil && kind != "metainfo" {
				return nil, err
			}
			if kind == "table" {
				of.Table = of.Name
			}
			family := q.Family == nf.FamilyUnspec || q.Family.String() == of.Family
			if kind == "metainfo" || family && (q.Table == "" || q.Table == of.Table) && wanted(q, kind, of.Name, of.Chain) {
				out.Objects = append(out.Objects, o)
			}
		}
	}
	return out, nil
}

// wanted tells whether an object of the right table is asked for.
func wanted(q listing.Query, kind, name, chain string) bool {
	switch what := q.What; {
	case what == "ruleset" || what == "table":
		return true
	case what == "chain" && kind == "rule":
		return chain == q.Name
	case what == "meter" || what == "meters":
		return kind == "set" && (q.Name == "" || q.Name == name)
	default:
		return kind == strings.TrimSuffix(what, "s") && (q.Name == "" || q.Name == name)
	}
}

func (d *Daemon) reset(_ context.Context, p ResetParams, _ sender) (any, error) {
	q, err := p.query()
	if err != nil {
		return nil, err
	}
	kind := strings.TrimSuffix(q.What, "s")
	if kind != "counter" && kind != "quota" && q.What != "rules" {
		return nil, fmt.Errorf("reset %s is not supported: want counters, counter, quotas, quota or rules", q.What)
	}
	if q.What == "rules" {
		p.What = "ruleset"
		if p.Table != "" {
			p.What = "table"
		}
		if p.Name != "" {
			p.What = "chain"
		}
	}
	mine := func(t *bytecode.Table) bool {
		return (q.Family == nf.FamilyUnspec || q.Family == t.Family) && (q.Table == "" || q.Table == t.Name)
	}
	var program *bytecode.Program
	var h *host.Host
	d.firewall.Do(func(e *netfilter.Engine) {
		program, h = e.Snapshot(), e.Host()
		rs := e.Rules().Loaded()
		if q.What == "rules" {
			rs.ResetRules(func(t *bytecode.Table, c *bytecode.Chain, _ *bytecode.Rule) bool {
				return mine(t) && (q.Name == "" || q.Name == c.Name)
			})
			return
		}
		typ := bytecode.ObjectCounter
		if kind == "quota" {
			typ = bytecode.ObjectQuota
		}
		rs.ResetObjects(func(t *bytecode.Table, o *bytecode.Object) bool {
			return mine(t) && o.Type == typ && (q.Name == "" || q.Name == o.Name)
		})
	})
	return d.print(program, h, &p.ListParams)
}
