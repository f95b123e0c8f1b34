//go:build !linux

package main

import "errors"

// guardHost is `nfvm --iface`.
func guardHost(*options, streams) error {
	return errors.New("live enforcement needs Linux; to replay a capture, give --pcap FILE")
}

func releaseInterface(string, streams) error { return errors.New("release needs Linux") }
