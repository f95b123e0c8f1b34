package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"nfvm/host"
	"nfvm/live"
	"nfvm/netfilter"
)

// guardHost is `nfvm --iface`: the rules on the host's own interfaces.
func guardHost(o *options, std streams) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var b bytes.Buffer
	if err := writeSnapshot(&b); err != nil {
		return err
	}
	h, err := host.Load(b.Bytes())
	if err != nil {
		return err
	}
	program, err := loadRules(o, h, std)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(std.err, nil))
	f, err := live.New(live.Config{Interfaces: o.ifaces, FailClosed: o.onExit == "closed", Host: h, Log: log, Options: netfilter.Options{Seed: uint64(time.Now().UnixNano())}})
	if err != nil {
		return err
	}
	f.Do(func(e *netfilter.Engine) { err = e.Load(program) })
	if err != nil {
		return err
	}
	if err := f.Start(); err != nil {
		return err
	}
	fmt.Fprintln(std.err, "nfvm: ready")
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			f.Tick(now)
		case <-ctx.Done():
			err := f.Close()
			fmt.Fprintf(std.err, "%+v\n", f.Stats())
			return err
		}
	}
}
