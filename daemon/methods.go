//go:build linux

package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"nfvm/control"
	"nfvm/diag"
)

// methods are what the control socket offers; docs/control.md describes them.
func (d *Daemon) methods() map[string]control.Method {
	return map[string]control.Method{
		"ruleset.list":    method(d.list),
		"ruleset.reset":   method(d.reset),
		"rules.reload":    simple(d.reload),
		"rules.apply":     method(d.applyMethod),
		"rules.confirm":   simple(d.confirm),
		"rules.rollback":  simple(d.rollback),
		"elements.change": method(d.changeMethod),
		"conntrack.run":   method(d.conntrack),
		"conntrack.count": method(d.count),
		"monitor":         method(d.monitor),
		"stats":           method(d.stats),
		"top":             method(d.top),
	}
}

// A sender sends an event to the client.
type sender = func(any) error

// method makes a control.Method of a function with its own parameters.
func method[P, R any](f func(context.Context, P, sender) (R, error)) control.Method {
	return func(ctx context.Context, params json.RawMessage, event func(any) error) (any, error) {
		var p P
		if len(params) > 0 {
			dec := json.NewDecoder(bytes.NewReader(params))
			dec.DisallowUnknownFields()
			if err := dec.Decode(&p); err != nil {
				return nil, fmt.Errorf("parameters: %w", err)
			}
		}
		r, err := f(ctx, p, event)
		return r, refusal(err)
	}
}

// nothing is the parameters, or the result, of methods that have none.
type nothing struct{}

func simple(f func() error) control.Method {
	return method(func(context.Context, nothing, sender) (nothing, error) { return nothing{}, f() })
}

// refusal has mistakes in rules told with their places.
func refusal(err error) error {
	var mistakes *diag.List
	if !errors.As(err, &mistakes) {
		return err
	}
	where, bad := mistakes.MarshalJSON()
	if bad != nil {
		return err
	}
	return &control.Error{Message: mistakes.String(), Diagnostics: where}
}

func (d *Daemon) applyMethod(_ context.Context, p ApplyParams, _ sender) (nothing, error) {
	if p.Confirm < 0 || p.Confirm > 24*3600 {
		return nothing{}, errors.New("confirm: want a time of at most a day")
	}
	src := Source{Name: p.Name, Data: p.Binary, Dir: p.Dir, Include: p.Include, Defines: p.Define}
	if len(src.Data) == 0 {
		src.Data = []byte(p.Rules)
	}
	if src.Name == "" {
		src.Name = "<control>"
	}
	return nothing{}, d.apply(src, time.Duration(p.Confirm*float64(time.Second)))
}

func (d *Daemon) changeMethod(_ context.Context, p ChangeParams, _ sender) (nothing, error) {
	return nothing{}, d.change(p.Command)
}
