package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"nfvm/ct"
	"nfvm/replay"
)

// replayCapture is `nfvm --pcap`.
func replayCapture(o *options, std streams) error {
	h, err := loadHost(o.host, std.in)
	if err != nil {
		return err
	}
	capture, size, err := openCapture(o.pcap, std.in)
	if err != nil {
		return err
	}
	if err := replay.Survey(capture, o.ifaces, h); err != nil {
		return fmt.Errorf("%s: %w", o.pcap, err)
	}
	if _, err := capture.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := setSysctls(h, o.sysctls); err != nil {
		return err
	}
	program, err := loadRules(o, h, std)
	if err != nil {
		return err
	}
	systems, err := loadFingerprints(o.systems)
	if err != nil {
		return err
	}
	s := &session{
		options: o, outputs: &outputs{std: std, tty: isTerminal(std.out)},
		program: program, listing: listingOptions(h),
	}
	s.logger.Direct = true
	defer s.abandon()
	s.onSignal()
	bar := newProgress(std.err, size)
	s.run.Capture, s.run.Host, s.run.Program = bar.reader(capture), h, program
	s.run.Systems = systems
	s.run.Ifaces, s.run.Seed, s.run.Advance = o.ifaces, o.seed, int64(o.advance)
	if o.loadFrom != "" {
		if s.run.Connections, err = ct.LoadFile(o.loadFrom); err != nil {
			return err
		}
	}
	if err := s.watch(); err != nil {
		return err
	}
	res, err := replay.Run(s.run)
	bar.done()
	if err != nil {
		return err
	}
	if err := s.finish(res); err != nil {
		return err
	}
	if res.Damage != nil {
		return fmt.Errorf("%s: %w; the %d packets before it were replayed", o.pcap, res.Damage, res.Frames)
	}
	return nil
}

// onSignal removes unfinished outputs when the program is told to end.
func (s *session) onSignal() {
	signal.Ignore(syscall.SIGPIPE) // a write says so as well
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-c
		s.abandon()
		os.Exit(1)
	}()
}
